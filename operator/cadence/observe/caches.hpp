// The caches of all kinds that the operator reads: one watch each, limited to objects that carry our label; and all
// nodes.
#pragma once

#include "cadence/api/cluster.hpp"
#include "cadence/observe/last_change.hpp"
#include "kube/cache/store.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/autoscaling.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"
#include "kube/types/networking.hpp"
#include "kube/types/node.hpp"
#include "kube/types/policy.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::observe {

struct Caches {
  kube::cache::Store<api::CadenceCluster> clusters;
  kube::cache::Store<kube::types::ConfigMap> config_maps;
  kube::cache::Store<kube::types::Deployment> deployments;
  kube::cache::Store<kube::types::EndpointSlice> endpoint_slices;  // only those that agents fill in
  kube::cache::Store<kube::types::HorizontalPodAutoscaler> autoscalers;
  kube::cache::Store<kube::types::Lease> leases;
  kube::cache::Store<kube::types::NetworkPolicy> network_policies;
  kube::cache::Store<kube::types::Node> nodes;  // stays empty where the operator may not read them
  kube::cache::Store<kube::types::PersistentVolumeClaim> volumes;
  kube::cache::Store<kube::types::Pod> pods;
  kube::cache::Store<kube::types::PodDisruptionBudget> budgets;
  kube::cache::Store<kube::types::Role> roles;
  kube::cache::Store<kube::types::RoleBinding> role_bindings;
  kube::cache::Store<kube::types::Secret> secrets;
  kube::cache::Store<kube::types::Service> services;
  kube::cache::Store<kube::types::ServiceAccount> service_accounts;
  kube::cache::Store<kube::types::StatefulSet> stateful_sets;
  LastChange lease_changes{base::system_clock()}, slice_changes{base::system_clock()};

  // Calls `visit(store)` for each.
  template <class Visit>
  void for_each(Visit visit) {
    visit(clusters);
    visit(config_maps);
    visit(deployments);
    visit(endpoint_slices);
    visit(autoscalers);
    visit(leases);
    visit(network_policies);
    visit(nodes);
    visit(volumes);
    visit(pods);
    visit(budgets);
    visit(roles);
    visit(role_bindings);
    visit(secrets);
    visit(services);
    visit(service_accounts);
    visit(stateful_sets);
  }
};

}  // namespace cadence::observe
