// Conditions as a map keyed by type (metav1.Condition). Pure.
// Promises: lastTransitionTime moves only when `status` flips, never on reason, message or generation; the order of
// types is kept.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::core {

void set_condition(std::vector<Condition>& conditions, Condition condition, base::Wall now);
const Condition* find_condition(const std::vector<Condition>& conditions, const std::string& type);

}  // namespace cadence::kube::core
