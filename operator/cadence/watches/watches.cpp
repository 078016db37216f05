#include "cadence/watches/watches.hpp"

#include "cadence/names/names.hpp"
#include "cadence/watches/predicates.hpp"
#include "kube/control/waking.hpp"

namespace cadence::watches {
namespace {

constexpr std::chrono::milliseconds kAlarmRound{500};
constexpr const char* kHowToInstall =
    "install it with 'kubectl apply --server-side -f crds/', or with the chart (crds.install=true)";

std::string selector_of(kinds::Watched watched) {
  const auto ours = std::string(names::kManagedByLabel) + "=" + names::kManagedBy;
  switch (watched) {
    case kinds::Watched::All:
      return {};
    case kinds::Watched::Ours:
      return ours;
    case kinds::Watched::ByAgents:  // those of Services copy the Services' labels and change with every pod
      return ours + "," + kube::types::kSliceManagedByLabel + "=" + names::kSliceWriter;
  }
  return {};
}

template <class T>
void wake_cluster(kube::cache::Store<T>& store, kube::control::Queue& queue) {
  kube::control::wake_owners(store, queue, clusters_of);
}

void wake_cluster(kube::cache::Store<kube::types::Lease>& store, kube::control::Queue& queue) {
  store.subscribe([&queue](const auto& before, const auto& now) {
    if (is_renewal(before.get(), now.get())) return;
    for (const auto& key : clusters_of(now ? now->metadata : before->metadata)) queue.add(key);
  });
}

// Before anybody else hears of it, so that nothing stands before a release.
void wake_releases(observe::Caches& caches, kube::control::Queue& queue) {
  kube::control::wake_owners(caches.pods, queue, [](const kube::core::ObjectMeta& pod) {
    return is_instance(pod) ? clusters_of(pod) : std::vector<kube::core::ObjectKey>{};
  });
  wake_cluster(caches.leases, queue);
}

// A node that is being drained concerns the clusters whose databases run on it.
void wake_tenants(observe::Caches& caches, kube::control::Queue& queue) {
  caches.nodes.subscribe([&](const auto& before, const auto& now) {
    if (!has_begun_or_ended_drain(before.get(), now.get())) return;
    for (const auto& pod : caches.pods.list()) {
      if (pod->spec.node_name != now->metadata.name) continue;
      for (const auto& key : clusters_of(pod->metadata)) queue.add(key);
    }
  });
}

void wake_all(observe::Caches& caches, kube::control::Queue& queue) {
  for (const auto& cluster : caches.clusters.list()) queue.add(kube::core::key_of(*cluster));
}

template <class T>
void note_changes(kube::cache::Store<T>& store, observe::LastChange& changes) {
  store.subscribe([&changes](const auto& before, const auto& now) {
    if (now) changes.note(kube::core::key_of(*now));
    else changes.forget(kube::core::key_of(*before));
  });
}

void note_secrets(observe::Caches& caches) {
  caches.secrets.subscribe([&caches](const auto& before, const auto& now) {
    if (!now) return;
    for (const auto& cluster : clusters_of(now->metadata)) {
      // Another in one step: a list brought it, and what came between the two was not heard.
      if (before && before->metadata.uid != now->metadata.uid) caches.heard_secrets.forget(cluster, now->metadata.name);
      caches.heard_secrets.note(cluster, now->metadata, now->immutable.value_or(false));
    }
  });
  caches.clusters.subscribe([&caches](const auto& before, const auto& now) {
    if (before && !now) caches.heard_secrets.forget(kube::core::key_of(*before));
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
void add_watches(kube::control::WatchSet& set, kube::cache::Store<T>& store, const kinds::Manner& manner,
                 const std::set<std::string>& spaces, std::function<void()> came) {
  using kube::control::Need;
  const bool is_root = manner.role == kinds::Role::Root;
  const bool is_optional_child = manner.role == kinds::Role::Child && !manner.is_required;
  for (const auto& space : T::kind_info().is_namespaced ? spaces : std::set<std::string>{""}) {
    kube::control::WatchSet::Kind kind;
    kind.need = manner.is_required ? Need::Required : Need::Optional;
    if (is_root) kind.remedy = kHowToInstall;
    kind.came = came;
    set.add(store, std::move(kind), {space, selector_of(manner.watched), "", is_root || is_optional_child});
  }
}

}  // namespace

Watches::Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, Woken woken,
                 kube::cache::Connections connections, kube::control::Registry& registry,
                 const std::vector<std::string>& namespaces)
    : caches_(caches), woken_(woken), set_(connections, registry) {
  wake_releases(caches_, woken.releases);
  note_changes(caches_.leases, caches_.lease_changes);
  note_changes(caches_.endpoint_slices, caches_.slice_changes);
  note_secrets(caches_);
  wake_tenants(caches_, woken.clusters);
  // Each namespace that was named is watched by itself: who has Roles in them may not list across all.
  std::set<std::string> spaces(namespaces.begin(), namespaces.end());
  if (spaces.empty()) spaces = {""};
  kube::control::wake_itself(caches_.clusters, woken.clusters);
  caches_.for_each([&](auto& store, const kinds::Manner& manner) {
    if (manner.role == kinds::Role::Child) wake_cluster(store, woken.clusters);
    add_to_gate(gate, store);
    add_watches(set_, store, manner, spaces, [this] { wake_all(caches_, woken_.clusters); });
  });
}

void Watches::start() {
  set_.start();
  alarm_ = std::jthread([this](const std::stop_token& stop) {
    while (base::wait_for(stop, kAlarmRound)) look();
  });
}

void Watches::stop() {
  alarm_ = {};
  set_.stop();
}

void Watches::look() {
  sound_alarm();
  set_.look();
}

// Renewals wake nobody, so neither does their end: a Lease that falls silent, or is heard again, is found here.
void Watches::sound_alarm() {
  for (const auto& lease : caches_.leases.list()) {
    const auto key = kube::core::key_of(*lease);
    const auto clusters = clusters_of(lease->metadata);
    const auto silence = caches_.lease_changes.age(key);
    if (clusters.empty() || !silence || is_silent(*lease, *silence) == silent_.contains(key)) continue;
    if (is_silent(*lease, *silence)) silent_.insert(key);
    else silent_.erase(key);
    for (const auto& cluster : clusters) woken_.clusters.add(cluster);
  }
}

}  // namespace cadence::watches
