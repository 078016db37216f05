// CadenceCluster v1alpha1: the whole contract a user writes (spec) and reads (status). Shapes, defaults and bounds are
// the field tables in the .cpp files; crds/ is generated from them. Durations are Go durations ("5s"), sizes are
// Kubernetes quantities. Knows nothing of the API server: no I/O.
#pragma once

#include "cadence/api/spec_data.hpp"
#include "cadence/api/spec_operations.hpp"
#include "cadence/api/spec_webhook.hpp"
#include "cadence/api/status.hpp"
#include "kube/core/meta.hpp"

namespace cadence::api {

struct CadenceClusterSpec {
  bool paused = false;
  Images images;
  WebhookSpec webhook;
  LoadBalancerSpec load_balancer;
  RedisSpec redis;
  PostgresSpec postgres;
  BackupSpec backup;
  MonitoringSpec monitoring;
  std::optional<RegionSpec> region;
  bool network_policies = true;
  PodTemplate pod_template;
  std::string deletion_policy = "Retain";
  static json::Object json_fields();
};

struct CadenceCluster {
  kube::core::ObjectMeta metadata;
  CadenceClusterSpec spec;
  CadenceClusterStatus status;
  static const kube::core::KindInfo& kind_info();
  static json::Object json_fields();
};

// The CRD manifest as the API server takes it.
json::Value custom_resource_definition();

// The field table's rules and those across fields, for objects that came past the CRD's own (it may be an older one).
// Empty when the spec can be carried out.
std::vector<json::FieldError> validate_spec(const CadenceClusterSpec& spec);

}  // namespace cadence::api
