#include "watches.hpp"

#include "cadence/names/names.hpp"

namespace cadence {
namespace {

// A watch is renewed at least every ten minutes, so a thread that was silent for longer hangs.
constexpr std::chrono::minutes kStuck{12};
constexpr std::chrono::milliseconds kAlarmRound{500};

const std::string& managed_by_us() {
  static const std::string selector = std::string(names::kManagedByLabel) + "=" + names::kManagedBy;
  return selector;
}

// Agents' slices only: those of Services copy the Services' labels and change with every pod.
const std::string& filled_in_by_agents() {
  static const std::string selector =
      managed_by_us() + "," + kube::types::kSliceManagedByLabel + "=" + names::kSliceWriter;
  return selector;
}

// Changes nothing that a plan looks at, and comes every two seconds.
bool is_renewal(const std::shared_ptr<const kube::types::Lease>& before,
                const std::shared_ptr<const kube::types::Lease>& now) {
  return before && now && before->spec.holder_identity == now->spec.holder_identity &&
         before->metadata.annotations == now->metadata.annotations && before->metadata.labels == now->metadata.labels;
}

template <class T>
void wake_owner(kube::cache::Store<T>& store, kube::control::Queue& queue) {
  store.subscribe([&queue](const auto& before, const auto& now) {
    const auto& meta = now ? now->metadata : before->metadata;
    if constexpr (std::is_same_v<T, kube::types::Lease>) {
      if (is_renewal(before, now)) return;
    }
    const auto cluster = meta.labels.find(names::kInstanceLabel);
    if (cluster != meta.labels.end()) queue.add({meta.namespace_, cluster->second});
  });
}

void wake_itself(kube::cache::Store<api::CadenceCluster>& store, kube::control::Queue& queue) {
  store.subscribe([&queue](const auto& before, const auto& now) {
    const auto& subject = now ? now : before;
    const bool is_first = !before;
    queue.add(kube::core::key_of(*subject), is_first ? kube::control::Priority::Low : kube::control::Priority::Normal);
  });
}

// Before anybody else hears of it, so that nothing stands before a release.
void wake_releases(observe::Caches& caches, kube::control::Queue& queue) {
  const auto wake = [&queue](const kube::core::ObjectMeta& meta) {
    const auto cluster = meta.labels.find(names::kInstanceLabel);
    if (cluster != meta.labels.end()) queue.add({meta.namespace_, cluster->second});
  };
  caches.pods.subscribe([wake](const auto& before, const auto& now) {
    const auto& meta = now ? now->metadata : before->metadata;
    if (meta.labels.contains(names::kInstanceNumberLabel)) wake(meta);
  });
  caches.leases.subscribe([wake](const auto& before, const auto& now) {
    if (!is_renewal(before, now)) wake(now ? now->metadata : before->metadata);
  });
}

// A node that is being drained concerns the clusters whose databases run on it.
void wake_tenants(observe::Caches& caches, kube::control::Queue& queue) {
  caches.nodes.subscribe([&](const auto& before, const auto& now) {
    const bool was_drained = before && kube::types::is_being_drained(*before);
    if (!now || was_drained == kube::types::is_being_drained(*now)) return;
    for (const auto& pod : caches.pods.list()) {
      const auto cluster = pod->metadata.labels.find(names::kInstanceLabel);
      if (pod->spec.node_name == now->metadata.name && cluster != pod->metadata.labels.end())
        queue.add({pod->metadata.namespace_, cluster->second});
    }
  });
}

template <class T>
void note_changes(kube::cache::Store<T>& store, observe::LastChange& changes) {
  store.subscribe([&changes](const auto& before, const auto& now) {
    if (now) changes.note(kube::core::key_of(*now));
    else changes.forget(kube::core::key_of(*before));
  });
}

template <class T>
void add_to_gate(kube::cache::ConsistencyGate& gate, const kube::cache::Store<T>& store) {
  gate.add_cache(T::kind_info().kind, {[&store](const std::string& space) { return store.version(space); },
                                       [&store](const std::string& uid) {
                                         for (const auto& object : store.list()) {
                                           if (object->metadata.uid == uid)
                                             return object->metadata.deletion_timestamp.empty();
                                         }
                                         return false;
                                       }});
}

template <class T>
const kube::core::KindInfo& kind_of(const kube::cache::Store<T>&) {
  return T::kind_info();
}

}  // namespace

Watches::Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, Woken woken,
                 kube::cache::Connections connections, const std::vector<std::string>& namespaces)
    : caches_(caches), woken_(woken) {
  wake_releases(caches_, woken.releases);
  note_changes(caches_.leases, caches_.lease_changes);
  note_changes(caches_.endpoint_slices, caches_.slice_changes);
  wake_tenants(caches_, woken.clusters);
  // Each namespace that was named is watched by itself: who has Roles in them may not list across all.
  std::set<std::string> spaces(namespaces.begin(), namespaces.end());
  if (spaces.empty()) spaces = {""};
  caches_.for_each([&](auto& store) {
    using Kind = std::decay_t<decltype(store)>;
    constexpr bool is_cluster = std::is_same_v<Kind, kube::cache::Store<api::CadenceCluster>>;
    constexpr bool is_node = std::is_same_v<Kind, kube::cache::Store<kube::types::Node>>;
    constexpr bool is_slice = std::is_same_v<Kind, kube::cache::Store<kube::types::EndpointSlice>>;
    if constexpr (is_cluster) wake_itself(store, woken.clusters);
    else if constexpr (!is_node) wake_owner(store, woken.clusters);
    add_to_gate(gate, store);
    const auto labels = is_cluster || is_node ? std::string() : is_slice ? filled_in_by_agents() : managed_by_us();
    for (const auto& space : is_node ? std::set<std::string>{""} : spaces) {
      informers_.push_back(std::make_unique<kube::cache::Informer>(
          kind_of(store), kube::cache::Selection{space, labels, ""}, connections, store.part(space)));
    }
  });
}

void Watches::start() {
  for (auto& informer : informers_) informer->start();
  alarm_ = std::jthread([this](const std::stop_token& stop) {
    while (base::wait_for(stop, kAlarmRound)) sound_alarm();
  });
}

void Watches::stop() {
  alarm_ = {};
  for (auto& informer : informers_) informer->stop();
}

// Renewals wake nobody, so neither does their end: a Lease that falls silent, or is heard again, is found here.
void Watches::sound_alarm() {
  for (const auto& lease : caches_.leases.list()) {
    const auto key = kube::core::key_of(*lease);
    const auto cluster = lease->metadata.labels.find(names::kInstanceLabel);
    const auto silence = caches_.lease_changes.age(key);
    if (cluster == lease->metadata.labels.end() || !silence) continue;
    const bool is_held = !lease->spec.holder_identity.value_or("").empty();
    const bool is_silent = is_held && *silence >= std::chrono::seconds(lease->spec.lease_duration_seconds.value_or(0));
    if (is_silent == silent_.contains(key)) continue;
    if (is_silent) silent_.insert(key);
    else silent_.erase(key);
    woken_.clusters.add({key.namespace_, cluster->second});
  }
}

std::string Watches::missing() const {
  std::string out;
  caches_.for_each([&](const auto& store) {
    // Nodes are a cluster's affair: an operator that may see only its namespaces works without them, blind to drains.
    if (!kind_of(store).is_namespaced) return;
    for (const auto& space : store.unsynced())
      out += (out.empty() ? "" : ", ") + kind_of(store).plural + (space.empty() ? "" : " in " + space);
  });
  return out;
}

std::string Watches::stuck() const {
  for (const auto& informer : informers_) {
    if (informer->idle() > kStuck) return informer->kind().plural;
  }
  return {};
}

}  // namespace cadence
