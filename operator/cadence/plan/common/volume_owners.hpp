// Who takes the volumes along: with deletionPolicy Delete every volume that carries the cluster's labels goes with it,
// those of instances and shards that are no more as well; else none does. Pure.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

// After plan_postgres_volumes: what that has in hand is left to it.
void plan_volume_owners(const facts::Observation& observation, const resources::Context& context, Plan& plan);

}  // namespace cadence::plan
