// Who takes the volumes along: with deletionPolicy Delete every volume that carries the cluster's labels goes with it,
// those of instances and shards that are no more as well; else none does. Pure.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"
#include "cadence/resources/context.hpp"

namespace cadence::plan {

// After plan_postgres_volumes: what that has in hand is left to it.
void plan_volume_owners(const Observation& observation, const resources::Context& context, Plan& plan);

}  // namespace cadence::plan
