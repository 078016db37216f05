// Redis Cluster's formation and repair, once its pods run. Pure; the rules themselves are operator/redis/plan.
#pragma once

#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

Plan plan_redis(const facts::Facts& facts);

}  // namespace cadence::plan
