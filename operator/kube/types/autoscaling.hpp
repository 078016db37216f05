// HorizontalPodAutoscaler (autoscaling/v2), with only the fields we set. Metrics stay JSON.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct ScaleTarget {
  std::string api_version, kind, name;
  static json::Object json_fields();
};

struct HorizontalPodAutoscalerSpec {
  ScaleTarget scale_target_ref;
  std::int32_t min_replicas = 1, max_replicas = 1;
  std::vector<json::Value> metrics;
  static json::Object json_fields();
};

struct HorizontalPodAutoscaler {
  core::ObjectMeta metadata;
  HorizontalPodAutoscalerSpec spec;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
