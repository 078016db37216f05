// EndpointSlice: which addresses stand behind a Service, and which of them are leaving.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct EndpointConditions {
  std::optional<bool> ready, serving, terminating;
  static json::Object json_fields();
};

struct EndpointTarget {
  std::string kind, name, namespace_, uid;
  static json::Object json_fields();
};

struct Endpoint {
  std::vector<std::string> addresses;
  EndpointConditions conditions;
  std::optional<EndpointTarget> target_ref;
  std::string node_name, zone;
  static json::Object json_fields();
};

struct EndpointPort {
  std::string name, protocol;
  std::optional<std::int32_t> port;
  static json::Object json_fields();
};

struct EndpointSlice {
  core::ObjectMeta metadata;
  std::string address_type;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

// The label by which the slices of a Service are found.
inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";
// Who writes a slice; controllers leave those of others alone.
inline constexpr const char* kSliceManagedByLabel = "endpointslice.kubernetes.io/managed-by";

}  // namespace cadence::kube::types
