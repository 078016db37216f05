// One Observation and the views that are derived of it, once a pass, for planners and status alike. Pure.
// Promises: every view is of this very Observation, which must outlive it: views point into it.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/facts/postgres.hpp"
#include "cadence/facts/redis.hpp"

namespace cadence::facts {

struct Facts {
  // Not explicit: whoever has an Observation has its facts.
  Facts(const Observation& observation)
      : seen(observation), postgres(view_postgres(observation)), redis(view_redis(observation)) {}

  const Observation& seen;
  PostgresView postgres;
  RedisView redis;
};

}  // namespace cadence::facts
