#include <algorithm>

#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

int max_webhook_replicas(const api::CadenceClusterSpec& spec) {
  return spec.webhook.autoscaling
             ? std::max(spec.webhook.autoscaling->max_replicas, spec.webhook.autoscaling->min_replicas)
             : spec.webhook.replicas;
}

std::optional<kube::types::HorizontalPodAutoscaler> build_webhook_hpa(const Context& context) {
  const auto& wanted = context.spec().webhook.autoscaling;
  if (!wanted) return std::nullopt;
  kube::types::HorizontalPodAutoscaler out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  out.spec.scale_target_ref = {.api_version = "apps/v1", .kind = "Deployment", .name = context.names().webhook()};
  out.spec.min_replicas = wanted->min_replicas;
  out.spec.max_replicas = wanted->max_replicas;
  out.spec.metrics = {
      {{"type", "Resource"},
       {"resource",
        {{"name", "cpu"},
         {"target", {{"type", "Utilization"}, {"averageUtilization", wanted->target_cpu_utilization_percentage}}}}}}};
  return out;
}

}  // namespace cadence::resources
