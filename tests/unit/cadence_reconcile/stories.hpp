// What users do to a CadenceCluster, one thing a story. Each begins on a settled cluster unless it says otherwise.
#pragma once

#include <vector>

#include "exploration.hpp"

namespace cadence::exploration {

std::vector<Story> stories();  // all of these
Story bring_up();              // on nothing
const std::vector<Story>& changes_of_fields();
const std::vector<Story>& rotations();
Story deletion();
Story upgrade();   // of the operator: its images are newer
Story failover();  // the primary's server ends, and stays so

}  // namespace cadence::exploration
