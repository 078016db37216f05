#include "kube/testing/kinds.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cadence::kube::testing {
namespace {

Kind plain(const char* group, const char* version, const char* kind, const char* plural) {
  return {.info = {.group = group, .version = version, .kind = kind, .plural = plural}};
}

Kind with_status(Kind kind, bool has_generation) {
  kind.has_status = true;
  kind.has_generation = has_generation;
  return kind;
}

Kind cluster_wide(Kind kind) {
  kind.info.is_namespaced = false;
  return kind;
}

Kind made_by_put(Kind kind) {
  kind.is_made_by_put = true;
  return kind;
}

// Their keys in the OpenAPI schema (x-kubernetes-list-map-keys); an element without one of them makes the list atomic.
const std::map<std::string, std::vector<std::string>>& keys_by_field() {
  static const std::map<std::string, std::vector<std::string>> out{
      {"containers", {"name"}},        {"initContainers", {"name"}},
      {"volumes", {"name"}},           {"env", {"name"}},
      {"imagePullSecrets", {"name"}},  {"secrets", {"name"}},
      {"volumeMounts", {"mountPath"}}, {"volumeDevices", {"devicePath"}},
      {"conditions", {"type"}},        {"topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}},
      {"hostAliases", {"ip"}},         {"ownerReferences", {"uid"}}};
  return out;
}

std::vector<std::string> port_keys(const Kind& kind, const json::Value& list) {
  const bool is_container = !list.empty() && list.front().is_object() && list.front().contains("containerPort");
  if (is_container) return {"containerPort", "protocol"};
  return kind.info.kind == "Service" ? std::vector<std::string>{"port", "protocol"} : std::vector<std::string>{};
}

}  // namespace

std::vector<Kind> built_in_kinds() {
  auto lease = made_by_put(plain("coordination.k8s.io", "v1", "Lease", "leases"));
  lease.must_name_version = true;
  auto budget = with_status(plain("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"), true);
  budget.must_name_version = true;
  auto policy = plain("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");
  policy.has_generation = true;
  return {cluster_wide(with_status(plain("", "v1", "Namespace", "namespaces"), false)),
          cluster_wide(with_status(plain("", "v1", "Node", "nodes"), false)),
          plain("", "v1", "ConfigMap", "configmaps"),
          plain("", "v1", "Secret", "secrets"),
          plain("", "v1", "ServiceAccount", "serviceaccounts"),
          made_by_put(plain("", "v1", "Endpoints", "endpoints")),
          made_by_put(with_status(plain("", "v1", "Service", "services"), false)),
          with_status(plain("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"), false),
          with_status(plain("", "v1", "Pod", "pods"), true),
          with_status(plain("apps", "v1", "Deployment", "deployments"), true),
          with_status(plain("apps", "v1", "ReplicaSet", "replicasets"), true),
          with_status(plain("apps", "v1", "StatefulSet", "statefulsets"), true),
          with_status(plain("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"), false),
          made_by_put(plain("events.k8s.io", "v1", "Event", "events")),
          plain("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
          made_by_put(plain("rbac.authorization.k8s.io", "v1", "Role", "roles")),
          made_by_put(plain("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")),
          lease,
          budget,
          policy};
}

Kind custom_kind(core::KindInfo info) {
  return {.info = std::move(info),
          .has_status = true,
          .has_generation = true,
          .must_name_version = true,
          .is_made_by_put = false,
          .is_custom = true};
}

ListStyle list_style(const Kind& kind, const std::string& field, const json::Value& list) {
  if (field == "finalizers") return {ListStyle::How::Set, {}};
  const auto found = keys_by_field().find(field);
  auto keys = field == "ports"                 ? port_keys(kind, list)
              : found == keys_by_field().end() ? std::vector<std::string>{}
                                               : found->second;
  const auto has_keys = [&](const json::Value& element) {
    return element.is_object() && std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
             return element.contains(key) || key == "protocol";
           });
  };
  if (keys.empty() || !std::all_of(list.begin(), list.end(), has_keys)) return {};
  return {ListStyle::How::Keyed, std::move(keys)};
}

bool is_atomic_object(const Kind& kind, const std::string& field) {
  static const std::set<std::string> names{"selector",     "labelSelector",   "podSelector",      "namespaceSelector",
                                           "nodeSelector", "fieldRef",        "resourceFieldRef", "secretKeyRef",
                                           "roleRef",      "configMapKeyRef", "targetRef"};
  return !kind.is_custom && names.contains(field);
}

json::Value as_stored(const Kind& kind, json::Value object) {
  const auto drop_empty = [](json::Value& parent, const char* name) {
    const auto found = parent.find(name);
    if (found != parent.end() && (found->is_null() || found->empty())) parent.erase(found);
  };
  if (!object["metadata"].is_object()) object["metadata"] = json::Value::object();
  for (const char* name : {"labels", "annotations", "finalizers", "ownerReferences"})
    drop_empty(object["metadata"], name);
  if (kind.is_custom) return object;
  for (const char* name : {"data", "stringData"}) drop_empty(object, name);
  if (kind.info.kind == "Secret" && !object.contains("type")) object["type"] = "Opaque";
  return object;
}

}  // namespace cadence::kube::testing
