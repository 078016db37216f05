// What the cluster manages but no longer consists of. Pure. Promises: volumes, pods and the Lease are never among it;
// what another controller manages is not either, though the cluster may be among its owners; what a pod still mounts
// stays until that pod is gone.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// `held`: components whose change waits for the user, whose Secrets stay.
Plan plan_removals(const facts::Observation& observation, const std::vector<resources::Document>& documents,
                   const std::map<std::string, Objection>& held);

}  // namespace cadence::plan
