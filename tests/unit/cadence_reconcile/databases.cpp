#include "databases.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cadence/api/cluster.hpp"
#include "cadence/names/names.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/discovery.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::exploration {
namespace {

constexpr const char* kSpace = "n";
constexpr const char* kAgent = "cadence-agent";
constexpr const char* kSystem = "7000000000000000001";
constexpr std::chrono::seconds kSilence{9};
constexpr std::chrono::seconds kRenew{2};

const names::Names& named() {
  static const names::Names out("c");
  return out;
}

template <class T>
kube::testing::Document find(const kube::testing::ApiServer& server, const std::string& name) {
  return server.find(T::kind_info(), {kSpace, name});
}

std::string secret_text(const kube::testing::Document& secret, const char* key) {
  return secret ? base::from_base64(json::string_at(*secret, {"data", key})).value_or("") : "";
}

}  // namespace

std::vector<Databases::Pod> Databases::running() const {
  std::vector<Pod> out;
  for (const auto& pod : server_.list(kube::types::Pod::kind_info(), kSpace)) {
    if (json::string_at(*pod, {"metadata", "labels", names::kInstanceNumberLabel}).empty() ||
        json::string_at(*pod, {"status", "phase"}) != "Running" ||
        !pod->at("status").at("containerStatuses").at(0).at("state").contains("running"))
      continue;
    Pod one{json::string_at(*pod, {"metadata", "name"}), json::string_at(*pod, {"metadata", "uid"}),
            json::string_at(*pod, {"status", "podIP"}), "", false};
    for (const auto& volume : json::at_path(*pod, {"spec", "volumes"})) {
      if (json::string_at(volume, {"name"}) != "data") continue;
      const auto claim = find<kube::types::PersistentVolumeClaim>(
          server_, json::string_at(volume, {"persistentVolumeClaim", "claimName"}));
      if (claim) one.claim_uid = json::string_at(*claim, {"metadata", "uid"});
    }
    for (const auto& argument : pod->at("spec").at("containers").at(0).at("args"))
      one.may_initialise |= argument == "--may-initialize";
    out.push_back(std::move(one));
  }
  return out;
}

json::Value Databases::lease() const {
  const auto found = find<kube::types::Lease>(server_, named().postgres());
  return found ? *found : json::Value(nullptr);
}

std::string Databases::parameters() const {
  const auto config = find<kube::types::ConfigMap>(server_, named().postgres());
  if (!config) return {};
  std::string out;
  for (const auto& line : base::split(json::string_at(*config, {"data", "cadence.conf"}), '\n')) {
    if (line.starts_with("max_connections") || line.starts_with("shared_buffers")) out += line + "\n";
  }
  return out;
}

bool Databases::step() {
  bool has_done = false;
  auto all = running();
  // Who reigns has renewed in time, however long it was that nobody looked.
  std::stable_partition(all.begin(), all.end(), [this](const auto& pod) {
    const auto found = state.servers.find(pod.uid);
    return found != state.servers.end() && found->second.is_primary;
  });
  for (const auto& pod : all) has_done |= look(pod, all);
  return has_done;
}

bool Databases::look(const Pod& pod, const std::vector<Pod>& all) {
  const bool is_new = !state.servers.contains(pod.uid);
  auto& me = state.servers[pod.uid];
  if (is_new) me.loaded = parameters();
  const auto live = server_.find(kube::types::Pod::kind_info(), {kSpace, pod.name});
  const bool is_going = !json::string_at(*live, {"metadata", "deletionTimestamp"}).empty();
  const auto record = lease();
  if (record.is_null()) return is_new || (!is_going && begin(pod, {}));
  const auto view = postgres::view_of(record);
  const bool is_fenced = view.is_fenced(pod.name);
  const bool was_fenced = std::exchange(me.is_fenced, is_fenced);
  if (is_fenced || is_going) {
    const bool reigned = me.is_primary;
    if (reigned) release(pod, is_going ? "the pod stops" : "it is fenced", "");
    me.is_primary = me.is_streaming = false;
    return reigned || is_new || is_fenced != was_fenced;
  }
  const bool has_done = view.holder == pod.name                                 ? reign(pod, view, all)
                        : view.system_identifier.empty() && view.holder.empty() ? begin(pod, view)
                                                                                : follow(pod, view, all);
  return has_done || is_new || was_fenced;
}

// Nobody has the Lease, or it says nothing of a database.
bool Databases::begin(const Pod& pod, const postgres::LeaseView& view) {
  auto& me = state.servers[pod.uid];
  auto& volume = state.volumes[pod.claim_uid];
  if (!view.is_present && me.is_primary) {  // it was deleted under a primary that reigns
    write(postgres::new_lease(kSpace, named().postgres(), "c"));
    claim(pod);
    return true;
  }
  if (view.is_present && view.recovers_from(pod.name) && !volume.system_identifier.empty()) {
    claim(pod);
    promote(pod, view);
    return true;
  }
  if (!view.is_present || !pod.may_initialise || view.is_recovering() || !volume.system_identifier.empty())
    return false;
  claim(pod);
  volume = {kSystem, 1};
  me.is_primary = true;
  write(postgres::described(lease(), kSystem, 1));
  return true;
}

bool Databases::reign(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all) {
  auto& me = state.servers[pod.uid];
  if (view.holder_uid != pod.uid || !me.is_primary) {  // its pod is another one now
    claim(pod);
    me.is_primary = true;
    return true;
  }
  const auto target = view.switchover_to;
  const bool is_there = std::any_of(all.begin(), all.end(), [&](const Pod& other) {
    const auto found = state.servers.find(other.uid);
    return other.name == target && found != state.servers.end() && found->second.is_streaming;
  });
  if (!target.empty() && target != pod.name && is_there) {
    release(pod, "a switchover was asked for", target);
    return true;
  }
  bool has_done = lead_to(pod);
  if (view.restart_instance == pod.name && view.restart_token != me.restart_token) {
    me.restart_token = view.restart_token;
    me.loaded = parameters();
    has_done = true;
  }
  auto record = lease();
  const auto set = wanted(pod, all);
  if (set != view.synchronous) {
    record = postgres::published(std::move(record), set);
    has_done = true;
  }
  const auto renewed = base::parse_rfc3339(json::string_at(record, {"spec", "renewTime"}));
  if (has_done || clock_.wall() - renewed >= kRenew) write(postgres::renewed(std::move(record), {}, now()));
  return has_done;
}

bool Databases::follow(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all) {
  auto& me = state.servers[pod.uid];
  bool has_done = std::exchange(me.is_primary, false);
  if (is_elected(pod, view, all)) {
    claim(pod);
    promote(pod, view);
    return true;
  }
  const auto primary = std::find_if(all.begin(), all.end(), [&](const Pod& other) {
    const auto found = state.servers.find(other.uid);
    return other.uid == view.holder_uid && found != state.servers.end() && found->second.is_primary;
  });
  const bool follows = primary != all.end();
  has_done |= std::exchange(me.is_streaming, follows) != follows;
  if (follows) state.volumes[pod.claim_uid] = state.volumes[primary->claim_uid];
  if (view.restart_instance == pod.name && view.restart_token != me.restart_token) {
    me.restart_token = view.restart_token;
    me.loaded = parameters();
    has_done = true;
  }
  return has_done;
}

bool Databases::is_silent(const postgres::LeaseView& view, const std::vector<Pod>& all) const {
  if (std::any_of(all.begin(), all.end(), [&](const Pod& pod) { return pod.uid == view.holder_uid; })) return false;
  return clock_.wall() - base::parse_rfc3339(json::string_at(lease(), {"spec", "renewTime"})) > kSilence;
}

// Of those that may have every commit the one that was asked for, else the first.
bool Databases::is_elected(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all) const {
  if (view.system_identifier.empty() || (!view.holder.empty() && !is_silent(view, all))) return false;
  std::vector<std::string> able;
  for (const auto& other : all) {
    const auto volume = state.volumes.find(other.claim_uid);
    const bool has_data = volume != state.volumes.end() && volume->second.system_identifier == view.system_identifier;
    if (has_data && view.synchronous.has(other.name) && !view.is_fenced(other.name)) able.push_back(other.name);
  }
  const auto last = view.last_holder.empty() ? view.holder : view.last_holder;
  const bool may_elect = view.synchronous.number > 0 && able.size() >= view.synchronous.election_quorum();
  if (!may_elect) return pod.name == last && (view.synchronous.number == 0 || able.empty());
  if (std::find(able.begin(), able.end(), view.handover_to) != able.end()) return pod.name == view.handover_to;
  return pod.name == able.front();
}

void Databases::claim(const Pod& pod) { write(postgres::claimed(lease(), {pod.name, pod.uid, pod.ip}, {}, now())); }

void Databases::promote(const Pod& pod, const postgres::LeaseView& view) {
  auto& volume = state.volumes[pod.claim_uid];
  state.servers[pod.uid].is_primary = true;
  state.servers[pod.uid].is_streaming = false;
  volume.timeline = std::max({volume.timeline, view.timeline, view.reserved_timeline}) + 1;
  write(postgres::described(postgres::reserved(lease(), volume.timeline), volume.system_identifier, volume.timeline));
}

void Databases::release(const Pod& pod, const std::string& because, const std::string& handover_to) {
  auto& me = state.servers[pod.uid];
  me.is_primary = false;
  if (postgres::view_of(lease()).holder != pod.name) return;
  const postgres::LogPoint end{0x5000000, state.volumes[pod.claim_uid].timeline};
  write(postgres::released(lease(), {because, end, handover_to}, now()));
}

postgres::SynchronousSet Databases::wanted(const Pod& primary, const std::vector<Pod>& all) const {
  const auto cluster = find<api::CadenceCluster>(server_, "c");
  const auto spec =
      (cluster ? json::decode_leniently<api::CadenceCluster>(*cluster) : api::CadenceCluster()).spec.postgres;
  const auto mode = postgres::parse_synchronous_mode(spec.synchronous.mode);
  std::vector<std::string> others, streaming;
  for (int number = 1; number <= spec.instances; ++number) {
    if (named().postgres_instance(number) != primary.name) others.push_back(named().postgres_instance(number));
  }
  for (const auto& other : all) {
    const auto found = state.servers.find(other.uid);
    if (found != state.servers.end() && found->second.is_streaming) streaming.push_back(other.name);
  }
  return postgres::wanted_set({mode.value_or(postgres::SynchronousMode::Required), spec.synchronous.number}, others,
                              streaming);
}

bool Databases::lead_to(const Pod& pod) {
  const auto& kind = kube::types::EndpointSlice::kind_info();
  if (!server_.find(kind, {kSpace, named().postgres_rw()})) return false;
  return server_.write(
      kind, {kSpace, named().postgres_rw()},
      [&](json::Value& slice) {
        slice["endpoints"] = json::Value::array(
            {{{"addresses", json::Value::array({pod.ip})},
              {"conditions", {{"ready", true}}},
              {"targetRef", {{"kind", "Pod"}, {"name", pod.name}, {"namespace", kSpace}, {"uid", pod.uid}}}}});
      },
      kAgent);
}

bool Databases::write(json::Value record) {
  return server_.write(
      kube::types::Lease::kind_info(), {kSpace, named().postgres()},
      [&](json::Value& live) {
        const auto kept = live.value("metadata", json::Value::object());
        live = std::move(record);
        for (const char* fixed : {"uid", "resourceVersion", "creationTimestamp", "managedFields"}) {
          if (kept.contains(fixed)) live["metadata"][fixed] = kept.at(fixed);
        }
      },
      kAgent);
}

bool Databases::is_ready(const json::Value& pod) const {
  const auto found = state.servers.find(json::string_at(pod, {"metadata", "uid"}));
  return found != state.servers.end() && (found->second.is_primary || found->second.is_streaming);
}

observe::Reports Databases::answer(const observe::Addresses& addresses) const {
  observe::Reports out;
  const auto all = running();
  for (const auto& pod : all) {
    const auto asked = addresses.find(pod.name);
    if (asked != addresses.end() && asked->second == pod.ip && state.servers.contains(pod.uid))
      out[pod.name] = status_of(pod, all);
  }
  return out;
}

postgres::InstanceStatus Databases::status_of(const Pod& pod, const std::vector<Pod>& all) const {
  const auto& me = state.servers.at(pod.uid);
  const auto found = state.volumes.find(pod.claim_uid);
  const auto volume = found == state.volumes.end() ? Volume{} : found->second;
  const auto config = find<kube::types::ConfigMap>(server_, named().postgres());
  const auto login = find<kube::types::Secret>(server_, named().postgres_app());
  postgres::InstanceStatus out;
  out.instance = pod.name;
  const bool has_database = !volume.system_identifier.empty();
  out.role = me.is_primary ? "primary" : me.is_fenced ? "stopped" : has_database ? "standby" : "starting";
  out.state = me.is_primary ? "Primary" : me.is_fenced ? "Fenced" : me.is_streaming ? "Standby" : "Starting";
  out.timeline = volume.timeline;
  out.system_identifier = volume.system_identifier;
  if (has_database) out.lsn = out.receive_lsn = out.replay_lsn = out.log_end = "0/5000000";
  out.log_timeline = volume.timeline;
  out.volume = has_database ? postgres::kVolumeDatabase : postgres::kVolumeEmpty;
  out.is_writable = me.is_primary;
  out.is_streaming = me.is_streaming;
  out.is_restart_pending = me.loaded != parameters();
  if (config) out.config_hash = std::to_string(base::fnv1a(json::string_at(*config, {"data", "cadence.conf"})));
  out.application_login = secret_text(login, "username");
  out.roles_hash = postgres::hash_of({secret_text(login, "username"), secret_text(login, "next-username"),
                                      secret_text(login, "retired-username"), secret_text(login, "serial")});
  out.disk = {std::int64_t{20} << 30, std::int64_t{15} << 30};
  for (const auto& other : all) {
    const auto peer = state.servers.find(other.uid);
    if (me.is_primary && peer != state.servers.end() && peer->second.is_streaming)
      out.replication.push_back({other.name, "streaming", "quorum", "0/5000000", 0});
  }
  return out;
}

}  // namespace cadence::exploration
