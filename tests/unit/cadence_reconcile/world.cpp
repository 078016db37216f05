#include "world.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "kube/types/node.hpp"

namespace cadence::exploration {

using kube::testing::Controllers;

World::World()
    : controllers(
          server, {.is_ready = [this](const json::Value& pod) {
            const bool is_database = !json::string_at(pod, {"metadata", "labels", names::kInstanceNumberLabel}).empty();
            return !is_database || databases.is_ready(pod);
          }}) {
  server.listen([this](const kube::testing::Change& change, const std::string&) {
    is_news_ |= change.id.plural != "leases.coordination.k8s.io";
  });
  for (auto& node : redis.nodes) {
    node.pod = names::Names(kCluster).redis_pod(node.shard, node.ordinal);
    node.is_alive = false;
  }
  for (const char* node : {"node-1", "node-2", "node-3"})
    server.write(kube::types::Node::kind_info(), {"", node}, [](json::Value& object) { object["spec"] = {}; });
}

void World::go_back_to(const Moment& moment) {
  server.restore(moment.objects);
  databases.state = moment.databases;
  redis = moment.redis;
  clock = moment.clock;
  is_news_ = true;
}

bool World::step() {
  bool has_changed = databases.step();  // before the kubelet ends what is to go
  // In peace only the Lease changes, of which controllers and kubelets know nothing.
  if (std::exchange(is_news_, false) || databases.state != seen_) {
    seen_ = databases.state;
    has_changed |= controllers.step();
  }
  has_changed |= move_redis();
  return has_changed;
}

// A node lives while its pod runs, under the pod's address.
bool World::move_redis() {
  bool has_changed = false;
  for (auto& node : redis.nodes) {
    const auto pod = server.find(kube::types::Pod::kind_info(), {kSpace, node.pod});
    const bool runs = pod && json::string_at(*pod, {"status", "phase"}) == "Running";
    const auto ip = runs ? json::string_at(*pod, {"status", "podIP"}) : node.address.ip;
    has_changed |= node.is_alive != runs || node.address.ip != ip;
    node.is_alive = runs;
    node.address.ip = ip;
  }
  redis.gossip();
  return has_changed;
}

void World::apply_spec(const json::Value& spec) {
  const auto whole = json::decode<api::CadenceClusterSpec>(spec, "spec");
  server.write(api::CadenceCluster::kind_info(), {kSpace, kCluster},
               [&](json::Value& object) { object["spec"] = json::encode(*whole); });
}

void World::annotate(const kube::core::KindInfo& kind, const std::string& name, const std::string& key,
                     const std::string& value) {
  server.write(kind, {kSpace, name}, [&](json::Value& object) { object["metadata"]["annotations"][key] = value; });
}

std::map<std::string, redis::ProbeResult> World::probe_redis(const std::vector<redis::Target>& targets) const {
  std::map<std::string, redis::ProbeResult> out;
  const auto seen = redis.observe();
  for (const auto& target : targets) {
    const auto found = std::find_if(seen.pods.begin(), seen.pods.end(), [&](const auto& pod) {
      return pod.name == target.pod && pod.address.ip == target.address.ip;
    });
    out[target.pod] = found == seen.pods.end() ? redis::ProbeResult(redis::Unreachable{}) : found->probe;
  }
  return out;
}

}  // namespace cadence::exploration
