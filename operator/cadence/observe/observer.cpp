#include "cadence/observe/observer.hpp"

#include <algorithm>
#include <future>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "cadence/names/secret_keys.hpp"

namespace cadence::observe {
namespace {

using facts::Observation;
constexpr std::chrono::milliseconds kProbeBound{1500}, kServerBound{1000};

template <class T>
void add_children(Observation& out, const kube::cache::Store<T>& store, const std::string& namespace_,
                  const std::string& cluster) {
  for (const auto& object : store.list(namespace_)) {
    const auto instance = object->metadata.labels.find(names::kInstanceLabel);
    if (instance == object->metadata.labels.end() || instance->second != cluster) continue;
    if (!kinds::belongs_to_cluster(object->metadata)) continue;
    out.children[{T::kind_info().kind, object->metadata.name}] = {&T::kind_info(), kube::core::to_document(*object)};
  }
}

template <class T>
const kube::core::KindInfo& kind_of(const kube::cache::Store<T>&) {
  return T::kind_info();
}

template <class T>
void add_named(std::map<std::string, std::shared_ptr<const T>>& out, const kube::cache::Store<T>& store,
               const std::string& namespace_, const std::string& cluster) {
  for (const auto& object : store.list(namespace_)) {
    const auto instance = object->metadata.labels.find(names::kInstanceLabel);
    if (instance != object->metadata.labels.end() && instance->second == cluster) out[object->metadata.name] = object;
  }
}

facts::Absence absence_of(kube::cache::Standing standing) {
  switch (standing) {
    case kube::cache::Standing::NotInstalled:
      return facts::Absence::NotInstalled;
    case kube::cache::Standing::Forbidden:
      return facts::Absence::Forbidden;
    case kube::cache::Standing::Unasked:
    case kube::cache::Standing::Served:
      break;
  }
  return facts::Absence::Unclear;
}

bool is_running(const kube::types::Pod& pod, const char* wanted) {
  const auto component = pod.metadata.labels.find(names::kComponentLabel);
  return component != pod.metadata.labels.end() && component->second == wanted && !pod.status.pod_ip.empty() &&
         pod.status.phase == "Running";
}

Addresses addresses_of(const Observation& observation, const char* component) {
  Addresses out;
  for (const auto& [name, pod] : observation.pods) {
    if (is_running(*pod, component)) out[name] = pod->status.pod_ip;
  }
  return out;
}

std::vector<redis::Target> redis_targets(const std::vector<redis::Credentials>& credentials,
                                         const Observation& observation) {
  std::vector<redis::Target> targets;
  if (credentials.empty()) return targets;
  for (const auto& [name, pod] : observation.pods) {
    if (!is_running(*pod, "redis")) continue;
    redis::Target target;
    target.pod = name;
    target.address.ip = pod->status.pod_ip;
    target.credentials = credentials.front();
    target.earlier.assign(credentials.begin() + 1, credentials.end());
    targets.push_back(std::move(target));
  }
  return targets;
}

void judge_pair(const std::map<std::string, std::string>& data, PairVerdicts& verdicts, facts::NamedSecret& out) {
  const auto certificate = data.find("tls.crt"), key = data.find("tls.key");
  if (certificate == data.end() || key == data.end()) return;
  out.unfit = verdicts.unfit_server(
      {base::from_base64(certificate->second).value_or(""), base::from_base64(key->second).value_or("")});
  out.certificate = facts::certificate_mark(certificate->second);
}

std::map<std::string, facts::NamedSecret> read_named_secrets(const std::vector<std::string>& names,
                                                             const std::string& namespace_, const SecretReader& read,
                                                             PairVerdicts& verdicts, std::stop_token stop) {
  std::map<std::string, facts::NamedSecret> out;
  for (const auto& name : names) {
    if (out.contains(name)) continue;
    auto& secret = out[name];
    const auto found = read({namespace_, name}, stop);
    secret.exists = static_cast<bool>(found);
    if (!found && found.error().kind != base::ErrorKind::NotFound) secret.problem = found.error().message;
    if (!found) continue;
    for (const auto& [key, value] : found->data) {
      if (!base::trim(base::from_base64(value).value_or("")).empty()) secret.keys.insert(key);
    }
    secret.content = facts::content_mark(json::Value(found->data));
    secret.is_immutable = found->immutable.value_or(false);
    secret.uid = found->metadata.uid;
    judge_pair(found->data, verdicts, secret);
  }
  return out;
}

// What a plan cannot judge, because it reads no certificates.
void judge_pairs(PairVerdicts& verdicts, const names::Names& names, facts::Observation& out) {
  std::string authority;
  for (const auto& name : {names.ca(), names.postgres_tls(), names.lb_tls()}) {
    const auto* secret = out.child("Secret", name);
    if (secret == nullptr) continue;
    const auto text = [&](const char* key) {
      return base::from_base64(json::string_at(secret->document, {"data", key})).value_or("");
    };
    const net::KeyPair pair{text("tls.crt"), text("tls.key")};
    const auto unfit = name == names.ca() ? verdicts.unfit_authority(pair) : verdicts.unfit_server(pair);
    if (!unfit.empty()) out.unfit_pairs[name] = unfit;
    if (const auto validity = verdicts.validity(pair.certificate_pem))
      out.certificate_terms[name] = {validity->begin, validity->end};
    if (name == names.ca()) authority = unfit.empty() ? pair.certificate_pem : "";
    else if (unfit.empty() && !authority.empty() && !verdicts.is_issued_by(pair.certificate_pem, authority))
      out.foreign_certificates.insert(name);
  }
}

template <class T>
std::shared_ptr<const T> labelled(json::Value document, const std::map<std::string, std::string>& labels) {
  for (const auto& [name, value] : labels) document["metadata"]["labels"][name] = value;
  return std::make_shared<const T>(json::decode_leniently<T>(document));
}

// What of ours has lost its labels is judged as if it had them. No plan goes by it before it has them back.
void judge_all_the_same(const facts::ExpectedObject& expected, const json::Value& found, Observation& out) {
  const names::Names names(out.cluster->metadata.name);
  const auto& kind = expected.kind->kind;
  const auto put = [&]<class T>(std::shared_ptr<const T>& place) { place = labelled<T>(found, expected.labels); };
  if (kind == "Lease") put(out.postgres_lease);
  if (kind == "EndpointSlice") put(out.postgres_endpoints);
  if (kind == "Pod") put(out.pods[expected.name]);
  if (kind == "StatefulSet") put(out.stateful_sets[expected.name]);
  if (kind == "Deployment" && expected.name == names.webhook()) put(out.webhook);
  if (kind == "Deployment" && expected.name == names.lb()) put(out.load_balancer);
}

// The caches hold only what carries our labels. Whether a name is free, ours or somebody else's, the API server knows.
// Returns the Secrets of ours among them.
Secrets read_missing(const std::vector<facts::ExpectedObject>& wished, const ObjectReader& read, std::stop_token stop,
                     Observation& out) {
  Secrets secrets;
  bool is_in_trouble = false;
  for (const auto& expected : wished) {
    const facts::ChildId id{expected.kind->kind, expected.name};
    if (out.children.contains(id) || (id.kind == "Pod" && out.pods.contains(id.name))) continue;
    if (is_in_trouble) {
      out.unread[id] = "";
      continue;
    }
    const auto found = read(*expected.kind, {out.cluster->metadata.namespace_, id.name}, stop);
    if (!found && found.error().kind == base::ErrorKind::NotFound) continue;
    if (!found) {
      is_in_trouble = found.error().kind != base::ErrorKind::Forbidden;  // no use in asking on
      out.unread[id] = is_in_trouble ? "" : found.error().message;
      continue;
    }
    const auto metadata = json::decode_leniently<kube::core::ObjectMeta>(json::at_path(*found, {"metadata"}));
    if (facts::lost_labels(expected, metadata).empty()) continue;
    const auto& lost = out.unlabelled[id] = {expected.kind, {{"metadata", json::encode(metadata)}}};
    if (!facts::is_ours(out, lost)) continue;
    judge_all_the_same(expected, *found, out);
    if (id.kind == "Secret") secrets.push_back(labelled<kube::types::Secret>(*found, expected.labels));
  }
  return secrets;
}

// When it was last seen; the kubelet still writes the older fields.
std::string last_seen(const json::Value& event) {
  for (const auto& time :
       {json::string_at(event, {"series", "lastObservedTime"}), json::string_at(event, {"deprecatedLastTimestamp"}),
        json::string_at(event, {"eventTime"})}) {
    if (!time.empty()) return time;
  }
  return json::string_at(event, {"metadata", "creationTimestamp"});
}

void read_warnings(const std::vector<facts::Unexplained>& wished, const EventReader& read, std::stop_token stop,
                   Observation& out) {
  for (const auto& [id, uid] : wished) {
    const auto events = read(id, out.cluster->metadata.namespace_, stop);
    if (!events) return;  // a word is missing, nothing else
    const json::Value* newest = nullptr;
    for (const auto& event : *events) {
      if (json::string_at(event, {"type"}) != "Warning" || json::string_at(event, {"regarding", "uid"}) != uid)
        continue;
      if (newest == nullptr || base::parse_rfc3339(last_seen(event)) > base::parse_rfc3339(last_seen(*newest)))
        newest = &event;
    }
    if (newest != nullptr)
      out.warnings[id] = json::string_at(*newest, {"reason"}) + ": " + json::string_at(*newest, {"note"});
  }
}

}  // namespace

Probes probes_over(ServerTransport servers) {
  return {.agents = [servers](const Addresses& addresses,
                              std::stop_token stop) { return ask_agents(addresses, servers, kServerBound, stop); },
          .webhook_servers =
              [servers](const Addresses& addresses, std::uint16_t port, std::stop_token stop) {
                return ask_webhook_servers(addresses, port, servers, kServerBound, stop);
              },
          .redis =
              [](const std::vector<redis::Target>& targets, std::stop_token stop) {
                return redis::probe_all(targets, {base::system_clock().monotonic() + kProbeBound, stop});
              }};
}

std::vector<redis::Credentials> Observer::redis_credentials(const kube::core::ObjectKey& cluster) const {
  const auto name = names::Names(cluster.name).redis_auth();
  auto known = keepsakes_.of(cluster, name);
  if (auto present = caches_.secrets.get({cluster.namespace_, name})) known.insert(known.begin(), std::move(present));
  std::vector<redis::Credentials> out;
  for (const auto& secret : known) {
    for (const auto& key : {std::string("operator-password"), names::kPreviousKey + std::string("operator-password")}) {
      const auto found = secret->data.find(key);
      auto password = found == secret->data.end() ? std::string() : base::from_base64(found->second).value_or("");
      const bool is_known =
          std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.password == password; });
      if (!password.empty() && !is_known) out.push_back({"operator", std::move(password)});
    }
  }
  return out;
}

std::optional<kube::types::Secret> Observer::remembered(const kube::core::ObjectKey& cluster,
                                                        const std::string& name) const {
  const auto kept = keepsakes_.of(cluster, name);
  return kept.empty() ? std::nullopt : std::optional(*kept.front());
}

void Observer::remember(const Observation& observation) const {
  if (!wishes_.keepsakes) return;
  const auto key = kube::core::key_of(*observation.cluster);
  for (const auto& name : wishes_.keepsakes(observation)) {
    if (auto secret = caches_.secrets.get({key.namespace_, name}))
      keepsakes_.keep(key, observation.cluster->metadata.uid, std::move(secret));
  }
}

// Servers know the passwords of a Secret that lost its labels; without them they would not be asked.
void Observer::remember(const Observation& observation, const Secrets& unlabelled) const {
  if (!wishes_.keepsakes || unlabelled.empty()) return;
  Observation found;
  found.cluster = observation.cluster;
  for (const auto& secret : unlabelled)
    found.children[{"Secret", secret->metadata.name}] = {&kube::types::Secret::kind_info(),
                                                         kube::core::to_document(*secret)};
  const auto whole = wishes_.keepsakes(found);
  for (const auto& secret : unlabelled) {
    if (std::find(whole.begin(), whole.end(), secret->metadata.name) != whole.end())
      keepsakes_.keep(kube::core::key_of(*observation.cluster), observation.cluster->metadata.uid, secret);
  }
}

std::optional<Observation> Observer::look(const kube::core::ObjectKey& key) const {
  Observation out;
  out.cluster = caches_.clusters.get(key);
  if (!out.cluster) {
    keepsakes_.forget(key);
    return std::nullopt;
  }
  const auto& [ns, name] = key;
  caches_.for_each([&, &ns = ns, &name = name](const auto& store, const kinds::Manner& manner) {
    if (manner.is_document) add_children(out, store, ns, name);
    if (manner.role == kinds::Role::Child && !manner.is_required && !store.has_picture(ns))
      out.absent[kind_of(store).kind] = absence_of(store.standing(ns));
  });
  add_named(out.pods, caches_.pods, ns, name);
  add_named(out.stateful_sets, caches_.stateful_sets, ns, name);
  out.operator_namespace = own_namespace_;
  const names::Names names(name);
  out.webhook = caches_.deployments.get({ns, names.webhook()});
  out.load_balancer = caches_.deployments.get({ns, names.lb()});
  out.postgres_lease = caches_.leases.get({ns, names.postgres()});
  out.lease_silence = caches_.lease_changes.age({ns, names.postgres()});
  out.postgres_endpoints = caches_.endpoint_slices.get({ns, names.postgres_rw()});
  out.endpoints_age = caches_.slice_changes.age({ns, names.postgres_rw()});
  out.once_immutable = caches_.heard_secrets.immutable_of(key);
  out.heard_secrets = caches_.heard_secrets.uids_of(key);
  judge_pairs(verdicts_, names, out);
  remember(out);
  for (const auto& [pod_name, pod] : out.pods) {
    if (auto node = caches_.nodes.get({"", pod->spec.node_name})) out.nodes[pod->spec.node_name] = std::move(node);
  }
  return out;
}

std::optional<Observation> Observer::observe(const kube::core::ObjectKey& key, std::stop_token stop) const {
  auto out = look(key);
  if (!out) return std::nullopt;
  if (live_.objects && wishes_.objects) remember(*out, read_missing(wishes_.objects(*out), live_.objects, stop, *out));
  auto reports = std::async(
      std::launch::async, [&, addresses = addresses_of(*out, "postgres")] { return probes_.agents(addresses, stop); });
  auto stores = std::async(std::launch::async,
                           [&, addresses = addresses_of(*out, "webhook"), port = out->cluster->spec.webhook.port] {
                             return probes_.webhook_servers(addresses, static_cast<std::uint16_t>(port), stop);
                           });
  if (live_.events && wishes_.warnings) read_warnings(wishes_.warnings(*out, clock_.wall()), live_.events, stop, *out);
  if (live_.secrets && wishes_.secrets)
    out->named_secrets =
        read_named_secrets(wishes_.secrets(*out->cluster), key.namespace_, live_.secrets, verdicts_, stop);
  if (const auto targets = redis_targets(redis_credentials(key), *out); !targets.empty())
    out->redis = probes_.redis(targets, stop);
  out->instances = reports.get();
  out->webhook_stores = stores.get();
  return out;
}

}  // namespace cadence::observe
