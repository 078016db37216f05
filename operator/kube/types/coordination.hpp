// Lease (coordination.k8s.io/v1): who holds something, and since when.
#pragma once

#include <optional>

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct LeaseSpec {
  std::optional<std::string> holder_identity;
  std::optional<std::int32_t> lease_duration_seconds, lease_transitions;
  std::optional<std::string> acquire_time, renew_time;  // MicroTime
  static json::Object json_fields();
};

struct Lease {
  core::ObjectMeta metadata;
  LeaseSpec spec;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
