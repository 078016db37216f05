#include "kube/types/policy.hpp"

namespace cadence::kube::types {

using json::field;

json::Object PodDisruptionBudgetSpec::json_fields() {
  using Spec = PodDisruptionBudgetSpec;
  return {.name = "PodDisruptionBudgetSpec",
          .fields = {field<&Spec::min_available>("minAvailable"), field<&Spec::max_unavailable>("maxUnavailable"),
                     field<&Spec::selector>("selector").always(),
                     field<&Spec::unhealthy_pod_eviction_policy>("unhealthyPodEvictionPolicy")},
          .rules = {}};
}

const core::KindInfo& PodDisruptionBudget::kind_info() {
  static const core::KindInfo info{
      .group = "policy", .version = "v1", .kind = "PodDisruptionBudget", .plural = "poddisruptionbudgets"};
  return info;
}

json::Object PodDisruptionBudget::json_fields() {
  return {.name = "PodDisruptionBudget",
          .fields = {field<&PodDisruptionBudget::metadata>("metadata"), field<&PodDisruptionBudget::spec>("spec")},
          .rules = {}};
}

}  // namespace cadence::kube::types
