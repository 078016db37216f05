#include <algorithm>

#include "cadence/status/redis/redis.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::status {

namespace {

constexpr int kSlots = 16384;

std::int64_t count_refusing(const facts::Observation& observation) {
  return std::count_if(observation.redis.begin(), observation.redis.end(), [](const auto& probe) {
    const auto* silence = std::get_if<redis::Unreachable>(&probe.second);
    return silence != nullptr && silence->silence == redis::Silence::Forbidden;
  });
}

// What was known last stays: unknown is not nothing.
api::RedisStatus last_known(const facts::Observation& observation, const plan::Plan& plan) {
  auto out = observation.cluster->status.redis;
  out.operation = plan.redis_operation;
  out.summary = std::to_string(out.shards.size()) + " shards, not known now";
  return out;
}

}  // namespace

api::RedisStatus redis_status(const facts::Facts& facts, const plan::Plan& plan) {
  const auto& observation = facts.seen;
  if (!facts.redis.is_known) return last_known(observation, plan);
  const auto summary = redis::plan::summarize(facts.redis.wanted, facts.redis.seen);
  const auto shards = static_cast<std::size_t>(std::max(facts.redis.shards, summary.formed_shards));
  api::RedisStatus out;
  out.slots_owned = summary.slots_owned;
  const bool is_whole = out.slots_owned == kSlots;
  out.formed = observation.cluster->status.redis.formed || is_whole;
  for (const auto& shard : summary.shards) {
    if (out.shards.size() < shards)
      out.shards.push_back(
          {.index = shard.index, .master = shard.master, .replicas = shard.replicas, .slots = shard.slots});
  }
  // The list records which shards there are. Only where others are seen to own every slot is a last one known to hold
  // nothing.
  while (is_whole && out.shards.back().slots == 0) out.shards.pop_back();
  out.operation = plan.redis_operation;
  out.summary = std::to_string(out.shards.size()) + " shards, " +
                (is_whole ? "ok" : std::to_string(out.slots_owned) + "/16384 slots");
  return out;
}

// Measures what Redis was formed with: after a change of the spec that may be another number of shards, and it is what
// is served.
Judgement judge_redis(const facts::Facts& facts, const api::RedisStatus& redis) {
  const auto& observation = facts.seen;
  const auto& spec = observation.cluster->spec.redis;
  for (const auto& [name, set] : observation.stateful_sets) {
    if (set->status.observed_generation < set->metadata.generation.value_or(0) ||
        set->status.updated_replicas < spec.replicas_per_shard + 1) {
      return {false, "RollingOut", "StatefulSet " + name + " is rolling out."};
    }
  }
  // What does not let us in may serve all the same: nothing is said of slots that were not asked for.
  if (const auto refusing = count_refusing(observation); refusing > 0) {
    return {false, "AuthenticationFailed",
            "Redis in " + std::to_string(refusing) +
                " pods refuses the operator's password, so which slots they serve is not known. " + redis.operation};
  }
  if (!facts.redis.is_known)
    return {false, "NotAnswering",
            "No Redis pod answers the operator, so which slots are served is not known. " + redis.operation};
  if (redis.slots_owned < kSlots) {
    return {false, redis.formed ? "SlotsMissing" : "Forming",
            std::to_string(redis.slots_owned) + " of 16384 slots are served. " + redis.operation};
  }
  int members = 0;
  for (const auto& shard : redis.shards)
    members += (shard.master.empty() ? 0 : 1) + static_cast<int>(shard.replicas.size());
  const int formed = static_cast<int>(redis.shards.size());
  const int wanted = formed * (1 + spec.replicas_per_shard);
  if (members < wanted) {
    return {
        false, "ReplicasMissing",
        std::to_string(members) + " of " + std::to_string(wanted) + " nodes are in the cluster. " + redis.operation};
  }
  const auto served = formed == 1 ? std::string("All slots are served; a single shard has no automatic failover.")
                                  : "All 16384 slots are served by " + std::to_string(formed) + " shards.";
  if (formed == spec.shards) return {true, "Available", served};
  return {
      .reason = plan::kNotImplemented,
      .message = served + " The " + std::to_string(spec.shards) +
                 " of spec.redis.shards would need slots to be moved, which this version cannot do: set it back to " +
                 std::to_string(formed) + ".",
      .is_final = true};
}

}  // namespace cadence::status
