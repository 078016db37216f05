// The word to a load balancer's pod that its certificate has changed. Pure.
// Promises: a pod that started after the change is told nothing. Without the word the kubelet looks at mounts once in a
// minute or so.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

Plan plan_mount_marks(const facts::Observation& observation);

}  // namespace cadence::plan
