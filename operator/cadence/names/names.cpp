#include "cadence/names/names.hpp"

namespace cadence::names {

std::map<std::string, std::string> selector_of(const std::string& cluster, const std::string& component) {
  return {{"app.kubernetes.io/name", "cadence"}, {kInstanceLabel, cluster}, {kComponentLabel, component}};
}

std::map<std::string, std::string> labels_of(const std::string& cluster, const std::string& component) {
  std::map<std::string, std::string> out{{"app.kubernetes.io/name", "cadence"},
                                         {kInstanceLabel, cluster},
                                         {"app.kubernetes.io/part-of", "cadence"},
                                         {kManagedByLabel, kManagedBy}};
  if (!component.empty()) out[kComponentLabel] = component;
  return out;
}

kube::core::OwnerReference owner_of(const api::CadenceCluster& cluster) {
  const auto& kind = api::CadenceCluster::kind_info();
  return {kind.api_version(), kind.kind, cluster.metadata.name, cluster.metadata.uid, true, true};
}

}  // namespace cadence::names
