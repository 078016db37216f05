// PodDisruptionBudget, with only the fields we set or read.
#pragma once

#include "kube/types/core.hpp"

namespace cadence::kube::types {

struct PodDisruptionBudgetSpec {
  json::Value min_available, max_unavailable;  // a number or a percentage; one of the two
  LabelSelector selector;
  std::string unhealthy_pod_eviction_policy;
  static json::Object json_fields();
};

struct PodDisruptionBudget {
  core::ObjectMeta metadata;
  PodDisruptionBudgetSpec spec;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
