#include "watches.hpp"

#include "cadence/resources/names.hpp"

namespace cadence {
namespace {

// A watch is renewed at least every ten minutes, so a thread that was silent for longer hangs.
constexpr std::chrono::minutes kStuck{12};

const std::string& managed_by_us() {
  static const std::string selector = std::string(resources::kManagedByLabel) + "=" + resources::kManagedBy;
  return selector;
}

template <class T>
void wake_owner(kube::cache::Store<T>& store, kube::control::Queue& queue) {
  store.subscribe([&queue](const auto& before, const auto& now) {
    const auto& meta = now ? now->metadata : before->metadata;
    // A renewal of the Lease changes nothing that a plan looks at, and comes every two seconds.
    if constexpr (std::is_same_v<T, kube::types::Lease>) {
      if (before && now && before->spec.holder_identity == now->spec.holder_identity && before->metadata.annotations == now->metadata.annotations &&
          before->metadata.labels == now->metadata.labels) {
        return;
      }
    }
    const auto cluster = meta.labels.find(resources::kInstanceLabel);
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

template <class T>
void add_to_gate(kube::cache::ConsistencyGate& gate, const kube::cache::Store<T>& store) {
  gate.add_cache(T::kind_info().kind, {[&store] { return store.version(); },
                                       [&store](const std::string& uid) {
                                         for (const auto& object : store.list()) {
                                           if (object->metadata.uid == uid) return object->metadata.deletion_timestamp.empty();
                                         }
                                         return false;
                                       }});
}

template <class T>
const kube::core::KindInfo& kind_of(const kube::cache::Store<T>&) { return T::kind_info(); }

}  // namespace

Watches::Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, kube::control::Queue& queue, kube::cache::Connections connections,
                 const std::vector<std::string>& namespaces)
    : caches_(caches) {
  // One namespace is watched by itself; several share one watch over all of them, filtered by the rights that were granted.
  const auto space = namespaces.size() == 1 ? namespaces.front() : std::string();
  caches_.for_each([&](auto& store) {
    using Kind = std::decay_t<decltype(store)>;
    constexpr bool is_cluster = std::is_same_v<Kind, kube::cache::Store<api::CadenceCluster>>;
    if constexpr (is_cluster) wake_itself(store, queue);
    else wake_owner(store, queue);
    add_to_gate(gate, store);
    informers_.push_back(std::make_unique<kube::cache::Informer>(
        kind_of(store), kube::cache::Selection{space, is_cluster ? std::string() : managed_by_us(), ""}, connections, store));
  });
}

void Watches::start() {
  for (auto& informer : informers_) informer->start();
}

void Watches::stop() {
  for (auto& informer : informers_) informer->stop();
}

std::string Watches::missing() const {
  std::string out;
  caches_.for_each([&](const auto& store) {
    if (!store.is_synced()) out += (out.empty() ? "" : ", ") + kind_of(store).plural;
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
