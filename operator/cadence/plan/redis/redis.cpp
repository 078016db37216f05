#include "cadence/plan/redis/redis.hpp"

namespace cadence::plan {

Plan plan_redis(const facts::Facts& facts) {
  Plan plan;
  const auto made = redis::plan::plan_redis(facts.redis.wanted, facts.redis.seen);
  plan.redis_operation = made.message;
  for (const auto& problem : made.problems) plan.objections.push_back({problem.reason, problem.message + "."});
  for (const auto& command : made.commands) {
    plan.actions.push_back({RunRedis{command}, {"Pod", command.pod}, "RedisCommand", command.why});
  }
  if (made.requeue_after.count() > 0) look_again(plan, made.requeue_after, made.message);
  return plan;
}

}  // namespace cadence::plan
