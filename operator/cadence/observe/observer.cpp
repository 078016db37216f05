#include "cadence/observe/observer.hpp"

#include "base/text.hpp"
#include "cadence/resources/names.hpp"
#include "redis/executor.hpp"

namespace cadence::observe {
namespace {

using plan::Observation;
constexpr std::chrono::milliseconds kProbeBound{1500};

template <class T>
void add_children(Observation& out, const kube::cache::Store<T>& store, const std::string& namespace_, const std::string& cluster) {
  for (const auto& object : store.list(namespace_)) {
    const auto instance = object->metadata.labels.find(resources::kInstanceLabel);
    if (instance == object->metadata.labels.end() || instance->second != cluster) continue;
    out.children[{T::kind_info().kind, object->metadata.name}] = {&T::kind_info(), kube::core::to_document(*object)};
  }
}

template <class T>
void add_named(std::map<std::string, std::shared_ptr<const T>>& out, const kube::cache::Store<T>& store, const std::string& namespace_, const std::string& cluster) {
  for (const auto& object : store.list(namespace_)) {
    const auto instance = object->metadata.labels.find(resources::kInstanceLabel);
    if (instance != object->metadata.labels.end() && instance->second == cluster) out[object->metadata.name] = object;
  }
}

bool is_redis(const kube::types::Pod& pod) {
  const auto component = pod.metadata.labels.find(resources::kComponentLabel);
  return component != pod.metadata.labels.end() && component->second == "redis";
}

std::map<std::string, redis::ProbeResult> probe_redis(const Caches& caches, const Observation& observation, std::stop_token stop) {
  const auto& meta = observation.cluster->metadata;
  const auto credentials = redis_credentials(caches, meta.namespace_, meta.name);
  if (!credentials) return {};
  std::vector<redis::Target> targets;
  for (const auto& [name, pod] : observation.pods) {
    if (!is_redis(*pod) || pod->status.pod_ip.empty() || pod->status.phase != "Running") continue;
    redis::Target target;
    target.pod = name;
    target.address.ip = pod->status.pod_ip;
    target.credentials = *credentials;
    targets.push_back(std::move(target));
  }
  return redis::probe_all(targets, {base::system_clock().monotonic() + kProbeBound, stop});
}

}  // namespace

std::optional<redis::Credentials> redis_credentials(const Caches& caches, const std::string& namespace_, const std::string& cluster) {
  const auto secret = caches.secrets.get({namespace_, resources::Names(cluster).redis_auth()});
  if (!secret) return std::nullopt;
  const auto password = secret->data.find("operator-password");
  if (password == secret->data.end()) return std::nullopt;
  return redis::Credentials{"operator", base::from_base64(password->second).value_or("")};
}

std::optional<Observation> Observer::observe(const kube::core::ObjectKey& key, std::stop_token stop) const {
  Observation out;
  out.cluster = caches_.clusters.get(key);
  if (!out.cluster) return std::nullopt;
  const auto& [ns, name] = key;
  add_children(out, caches_.config_maps, ns, name);
  add_children(out, caches_.deployments, ns, name);
  add_children(out, caches_.autoscalers, ns, name);
  add_children(out, caches_.leases, ns, name);
  add_children(out, caches_.network_policies, ns, name);
  add_children(out, caches_.volumes, ns, name);
  add_children(out, caches_.budgets, ns, name);
  add_children(out, caches_.roles, ns, name);
  add_children(out, caches_.role_bindings, ns, name);
  add_children(out, caches_.secrets, ns, name);
  add_children(out, caches_.services, ns, name);
  add_children(out, caches_.service_accounts, ns, name);
  add_children(out, caches_.stateful_sets, ns, name);
  add_named(out.pods, caches_.pods, ns, name);
  add_named(out.stateful_sets, caches_.stateful_sets, ns, name);
  const resources::Names names(name);
  out.webhook = caches_.deployments.get({ns, names.webhook()});
  out.load_balancer = caches_.deployments.get({ns, names.lb()});
  out.postgres_lease = caches_.leases.get({ns, names.postgres()});
  out.redis = probe_redis(caches_, out, stop);
  return out;
}

}  // namespace cadence::observe
