#include "cadence/facts/wishes.hpp"

#include "cadence/names/names.hpp"

namespace cadence::facts {

std::map<std::string, std::string> lost_labels(const ExpectedObject& expected, const kube::core::ObjectMeta& live) {
  std::map<std::string, std::string> lost;
  for (const auto& [name, value] : expected.labels) {
    const auto found = live.labels.find(name);
    if (found == live.labels.end() || found->second != value) lost[name] = value;
  }
  return lost;
}

bool is_ours(const Observation& observation, const LiveChild& live) {
  const auto& cluster = *observation.cluster;
  const auto metadata = json::decode_leniently<kube::core::ObjectMeta>(json::at_path(live.document, {"metadata"}));
  const auto has = [&](const char* label, const std::string& value) {
    const auto found = metadata.labels.find(label);
    return found != metadata.labels.end() && found->second == value;
  };
  if (live.is_owned_by(cluster.metadata.uid)) return true;
  if (has(names::kManagedByLabel, names::kManagedBy) && has(names::kInstanceLabel, cluster.metadata.name)) return true;
  // Volumes that stay when the cluster goes have no owner; that we made one is written on it.
  return live.kind->kind == "PersistentVolumeClaim" && metadata.annotations.contains(names::kIntentAnnotation) &&
         metadata.owner_references.empty();
}

}  // namespace cadence::facts
