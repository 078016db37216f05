#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

kube::types::PodDisruptionBudget build_webhook_pdb(const Context& context) {
  kube::types::PodDisruptionBudget out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  out.spec.max_unavailable = 1;
  out.spec.selector.match_labels = names::selector_of(context.name(), kWebhook);
  // A pod that never became ready must not hold up the drain of its node.
  out.spec.unhealthy_pod_eviction_policy = "AlwaysAllow";
  return out;
}

}  // namespace cadence::resources
