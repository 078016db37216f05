// Redis in the words of operator/redis/plan: how many shards have pods, what was wanted and formed, what each node
// said. Pure; decides nothing.
#pragma once

#include "cadence/facts/observation.hpp"
#include "redis/plan/plan.hpp"

namespace cadence::facts {

// Those of the spec until Redis is formed, then those it was formed with. Never fewer than own slots.
int redis_shards(const Observation& observation);

struct RedisView {
  redis::plan::DesiredTopology wanted;
  redis::plan::Observation seen;
  int shards = 0;
  // False: pods run, and none of them let the operator in or was asked; then nothing is known of slots.
  bool is_known = true;
};
RedisView view_redis(const Observation& observation);

}  // namespace cadence::facts
