#include "cadence/plan/redis.hpp"

#include <algorithm>

#include "cadence/resources/names.hpp"
#include "kube/types/pod.hpp"

namespace cadence::plan {

redis::plan::DesiredTopology desired_redis(const Observation& observation) {
  const auto& spec = observation.cluster->spec.redis;
  redis::plan::DesiredTopology desired;
  desired.shards = spec.shards;
  desired.replicas_per_shard = spec.replicas_per_shard;
  desired.was_formed = observation.cluster->status.redis.formed;
  desired.is_cache = spec.persistence == "None";
  desired.accept_data_loss = {spec.accept_data_loss.begin(), spec.accept_data_loss.end()};
  return desired;
}

redis::plan::Observation observed_redis(const Observation& observation) {
  const resources::Names names(observation.cluster->metadata.name);
  const auto& spec = observation.cluster->spec.redis;
  redis::plan::Observation out;
  for (int shard = 0; shard < spec.shards; ++shard) {
    for (int ordinal = 0; ordinal <= spec.replicas_per_shard; ++ordinal) {
      const auto found = observation.pods.find(names.redis_pod(shard, ordinal));
      if (found == observation.pods.end()) continue;
      const auto probe = observation.redis.find(found->first);
      redis::plan::PodView view;
      view.name = found->first;
      view.shard = shard;
      view.ordinal = ordinal;
      view.address.ip = found->second->status.pod_ip;
      view.is_going = !found->second->metadata.deletion_timestamp.empty();
      if (probe != observation.redis.end()) view.probe = probe->second;
      out.pods.push_back(std::move(view));
    }
  }
  return out;
}

void plan_redis(const Observation& observation, Plan& plan) {
  const auto made = redis::plan::plan_redis(desired_redis(observation), observed_redis(observation));
  plan.redis_operation = made.message;
  for (const auto& problem : made.problems) plan.gaps.push_back({"Redis", problem.message});
  for (const auto& command : made.commands) {
    plan.actions.push_back({RunRedis{command}, "Pod " + command.pod, "RedisCommand", command.why});
  }
  if (made.requeue_after.count() > 0) look_again(plan, made.requeue_after, made.message);
}

}  // namespace cadence::plan
