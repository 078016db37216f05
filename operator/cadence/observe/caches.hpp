// The caches of all kinds that the operator reads, one for each entry of the list of kinds (cadence/kinds).
#pragma once

#include "cadence/kinds/kinds.hpp"
#include "cadence/observe/last_change.hpp"
#include "cadence/observe/heard_secrets.hpp"
#include "kube/cache/store.hpp"

namespace cadence::observe {

class Caches {
 public:
  explicit Caches(const base::Clock& clock = base::system_clock()) : lease_changes(clock), slice_changes(clock) {}

  template <class T>
  kube::cache::Store<T>& of() {
    return std::get<kube::cache::Store<T>>(stores_);
  }
  template <class T>
  [[nodiscard]] const kube::cache::Store<T>& of() const {
    return std::get<kube::cache::Store<T>>(stores_);
  }
  // Calls `visit(store, manner)` for each.
  template <class Visit>
  void for_each(Visit visit) {
    each(*this, visit, static_cast<kinds::Kinds*>(nullptr));
  }
  template <class Visit>
  void for_each(Visit visit) const {
    each(*this, visit, static_cast<kinds::Kinds*>(nullptr));
  }

 private:
  template <class... K>
  static std::tuple<kube::cache::Store<typename K::Object>...> stores_of(std::tuple<K...>*);
  template <class Self, class Visit, class... K>
  static void each(Self& self, Visit& visit, std::tuple<K...>*) {
    (visit(self.template of<typename K::Object>(), K::kManner), ...);
  }

  decltype(stores_of(static_cast<kinds::Kinds*>(nullptr))) stores_;

 public:
  // Those that are asked for by name.
  kube::cache::Store<api::CadenceCluster>& clusters = of<api::CadenceCluster>();
  kube::cache::Store<kube::types::Deployment>& deployments = of<kube::types::Deployment>();
  kube::cache::Store<kube::types::EndpointSlice>& endpoint_slices = of<kube::types::EndpointSlice>();
  kube::cache::Store<kube::types::Lease>& leases = of<kube::types::Lease>();
  kube::cache::Store<kube::types::Node>& nodes = of<kube::types::Node>();
  kube::cache::Store<kube::types::Pod>& pods = of<kube::types::Pod>();
  kube::cache::Store<kube::types::Secret>& secrets = of<kube::types::Secret>();
  kube::cache::Store<kube::types::StatefulSet>& stateful_sets = of<kube::types::StatefulSet>();
  LastChange lease_changes, slice_changes;
  HeardSecrets heard_secrets;
};

}  // namespace cadence::observe
