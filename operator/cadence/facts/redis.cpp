#include "cadence/facts/redis.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "kube/types/pod.hpp"

namespace cadence::facts {
namespace {

// As status recorded it; 0: not formed yet.
int formed_shards(const Observation& observation) {
  const auto& status = observation.cluster->status.redis;
  int count = 0;
  if (!status.formed) return count;
  for (const auto& shard : status.shards) count = std::max(count, shard.index + 1);
  return count;
}

bool owns_slots(const redis::ProbeResult& probe) {
  const auto* node = std::get_if<redis::Reachable>(&probe);
  return node != nullptr && node->myself() != nullptr && !node->myself()->slots.empty();
}

redis::plan::DesiredTopology desired_redis(const Observation& observation) {
  const auto& spec = observation.cluster->spec.redis;
  redis::plan::DesiredTopology desired;
  desired.shards = spec.shards;
  desired.replicas_per_shard = spec.replicas_per_shard;
  desired.was_formed = observation.cluster->status.redis.formed;
  desired.formed_shards = formed_shards(observation);
  desired.is_cache = spec.persistence == "None";
  desired.accept_data_loss = {spec.accept_data_loss.begin(), spec.accept_data_loss.end()};
  return desired;
}

redis::plan::Observation observed_redis(const Observation& observation, int shards) {
  const names::Names names(observation.cluster->metadata.name);
  const auto& spec = observation.cluster->spec.redis;
  redis::plan::Observation out;
  for (int shard = 0; shard < shards; ++shard) {
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

bool is_redis_known(const Observation& observation) {
  bool is_silent = false;
  for (const auto& [name, pod] : observation.pods) {
    if (!pod->metadata.labels.contains(names::kShardLabel) || pod->status.phase != "Running") continue;
    const auto probe = observation.redis.find(name);
    const auto* silence = probe == observation.redis.end() ? nullptr : std::get_if<redis::Unreachable>(&probe->second);
    if (probe != observation.redis.end() && silence == nullptr) return true;
    is_silent = is_silent || silence == nullptr || silence->silence == redis::Silence::Forbidden ||
                silence->silence == redis::Silence::TimedOut;
  }
  return !is_silent;
}

}  // namespace

int redis_shards(const Observation& observation) {
  const int formed = formed_shards(observation);
  int count = formed > 0 ? formed : observation.cluster->spec.redis.shards;
  // A node that says so itself counts even where the record is lost: the shard's data is nowhere else.
  for (const auto& [name, probe] : observation.redis) {
    const auto pod = observation.pods.find(name);
    if (!owns_slots(probe) || pod == observation.pods.end()) continue;
    const auto label = pod->second->metadata.labels.find(names::kShardLabel);
    const auto shard = label == pod->second->metadata.labels.end() ? std::nullopt : base::parse_integer(label->second);
    if (shard) count = std::max(count, static_cast<int>(*shard) + 1);
  }
  return count;
}

RedisView view_redis(const Observation& observation) {
  const int shards = redis_shards(observation);
  return {desired_redis(observation), observed_redis(observation, shards), shards, is_redis_known(observation)};
}

}  // namespace cadence::facts
