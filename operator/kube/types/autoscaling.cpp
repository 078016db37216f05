#include "kube/types/autoscaling.hpp"

namespace cadence::kube::types {

using json::field;

json::Object ScaleTarget::json_fields() {
  return {.name = "ScaleTarget",
          .fields = {field<&ScaleTarget::api_version>("apiVersion"), field<&ScaleTarget::kind>("kind"),
                     field<&ScaleTarget::name>("name")},
          .rules = {}};
}

json::Object HorizontalPodAutoscalerSpec::json_fields() {
  using Spec = HorizontalPodAutoscalerSpec;
  return {.name = "HorizontalPodAutoscalerSpec",
          .fields = {field<&Spec::scale_target_ref>("scaleTargetRef"), field<&Spec::min_replicas>("minReplicas"),
                     field<&Spec::max_replicas>("maxReplicas"), field<&Spec::metrics>("metrics")},
          .rules = {}};
}

const core::KindInfo& HorizontalPodAutoscaler::kind_info() {
  static const core::KindInfo info{
      .group = "autoscaling", .version = "v2", .kind = "HorizontalPodAutoscaler", .plural = "horizontalpodautoscalers"};
  return info;
}

json::Object HorizontalPodAutoscaler::json_fields() {
  return {
      .name = "HorizontalPodAutoscaler",
      .fields = {field<&HorizontalPodAutoscaler::metadata>("metadata"), field<&HorizontalPodAutoscaler::spec>("spec")},
      .rules = {}};
}

}  // namespace cadence::kube::types
