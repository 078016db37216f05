// Redis Cluster's formation and repair, once its pods run. Pure; the rules themselves are operator/redis/plan.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"

namespace cadence::plan {

// How many shards have pods: those of the spec until Redis is formed, then those it was formed with. Never fewer than
// own slots.
int redis_shards(const Observation& observation);

// The same picture in the words of operator/redis/plan; status asks it for the shards.
redis::plan::DesiredTopology desired_redis(const Observation& observation);
redis::plan::Observation observed_redis(const Observation& observation);

// False: pods run, and none of them let the operator in or was asked; then nothing is known of slots.
bool is_redis_known(const Observation& observation);

void plan_redis(const Observation& observation, Plan& plan);

}  // namespace cadence::plan
