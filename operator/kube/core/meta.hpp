// Object metadata and references, the parts every Kubernetes object shares. Knows no kinds.
// Promises: what is not listed here (managedFields above all) is never stored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/fields.hpp"

namespace cadence::kube::core {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  std::optional<bool> controller, block_owner_deletion;
  static json::Object json_fields();
  bool operator==(const OwnerReference&) const = default;
};

struct ObjectMeta {
  std::string name, namespace_, uid, resource_version;
  std::optional<std::int64_t> generation;
  std::map<std::string, std::string> labels, annotations;
  std::vector<OwnerReference> owner_references;
  std::vector<std::string> finalizers;
  std::string creation_timestamp, deletion_timestamp;
  static json::Object json_fields();
};

// What a REST path needs to know of a kind. `group` is empty for the core group.
struct KindInfo {
  std::string group, version, kind, plural;
  bool is_namespaced = true;
  [[nodiscard]] std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "/apis/apps/v1/namespaces/demo/deployments/web"; empty namespace: all namespaces; empty name: the collection.
  [[nodiscard]] std::string path(const std::string& namespace_, const std::string& name) const;
  bool operator==(const KindInfo&) const = default;
};

struct ObjectKey {
  std::string namespace_, name;
  auto operator<=>(const ObjectKey&) const = default;
  [[nodiscard]] std::string to_string() const { return namespace_.empty() ? name : namespace_ + "/" + name; }
};

struct Condition {
  std::string type, status, reason, message, last_transition_time;
  std::int64_t observed_generation = 0;
  static json::Object json_fields();
  bool operator==(const Condition&) const = default;
};

// A typed object: has `static const KindInfo& kind_info()`, a member `metadata` and a field table (without apiVersion
// and kind).
template <class T>
concept KubeObject = requires(T object) {
  { T::kind_info() } -> std::same_as<const KindInfo&>;
  { object.metadata } -> std::same_as<ObjectMeta&>;
};

template <KubeObject T>
ObjectKey key_of(const T& object) {
  return {object.metadata.namespace_, object.metadata.name};
}

// The document as the API server takes it: encode() with apiVersion and kind.
template <KubeObject T>
json::Value to_document(const T& object) {
  auto out = json::encode(object);
  out["apiVersion"] = T::kind_info().api_version();
  out["kind"] = T::kind_info().kind;
  return out;
}

}  // namespace cadence::kube::core
