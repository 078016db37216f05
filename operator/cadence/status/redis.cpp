#include "cadence/plan/redis.hpp"
#include "cadence/status/components.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::status {

namespace {

constexpr int kSlots = 16384;

}  // namespace

api::RedisStatus redis_status(const plan::Observation& observation, const plan::Plan& plan) {
  const auto summary = redis::plan::summarize(plan::desired_redis(observation), plan::observed_redis(observation));
  api::RedisStatus out;
  out.slots_owned = summary.slots_owned;
  out.formed = observation.cluster->status.redis.formed || summary.slots_owned == kSlots;
  for (const auto& shard : summary.shards) {
    out.shards.push_back({.index = shard.index, .master = shard.master, .replicas = shard.replicas, .slots = shard.slots});
  }
  out.operation = plan.redis_operation;
  const bool is_whole = out.slots_owned == kSlots;
  out.summary = std::to_string(out.shards.size()) + " shards, " + (is_whole ? "ok" : std::to_string(out.slots_owned) + "/16384 slots");
  return out;
}

Judgement judge_redis(const plan::Observation& observation, const api::RedisStatus& redis) {
  const auto& spec = observation.cluster->spec.redis;
  for (const auto& [name, set] : observation.stateful_sets) {
    if (set->status.observed_generation < set->metadata.generation.value_or(0) || set->status.updated_replicas < spec.replicas_per_shard + 1) {
      return {false, "RollingOut", "StatefulSet " + name + " is rolling out."};
    }
  }
  if (redis.slots_owned < kSlots) {
    return {false, redis.formed ? "SlotsMissing" : "Forming", std::to_string(redis.slots_owned) + " of 16384 slots are served. " + redis.operation};
  }
  int members = 0;
  for (const auto& shard : redis.shards) members += 1 + static_cast<int>(shard.replicas.size());
  const int wanted = spec.shards * (1 + spec.replicas_per_shard);
  if (members < wanted) {
    return {false, "ReplicasMissing", std::to_string(members) + " of " + std::to_string(wanted) + " nodes are in the cluster. " + redis.operation};
  }
  if (spec.shards == 1) return {true, "Available", "All slots are served; a single shard has no automatic failover."};
  return {true, "Available", "All 16384 slots are served by " + std::to_string(redis.shards.size()) + " shards."};
}

}  // namespace cadence::status
