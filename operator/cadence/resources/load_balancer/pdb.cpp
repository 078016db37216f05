#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"

namespace cadence::resources {

kube::types::PodDisruptionBudget build_lb_pdb(const Context& context) {
  kube::types::PodDisruptionBudget out;
  out.metadata = child_metadata(context, context.names().lb(), kLoadBalancer);
  out.spec.max_unavailable = 1;
  out.spec.selector.match_labels = names::selector_of(context.name(), kLoadBalancer);
  out.spec.unhealthy_pod_eviction_policy = "AlwaysAllow";
  return out;
}

}  // namespace cadence::resources
