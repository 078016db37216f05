// Deployments and StatefulSets: pods out of templates.
#include <algorithm>

#include "kube/testing/controller_parts.hpp"
#include "kube/testing/controllers.hpp"

namespace cadence::kube::testing {
namespace {

using parts::key_of, parts::number_at;

const json::Value& template_of(const json::Value& workload) { return json::at_path(workload, {"spec", "template"}); }

int count_ready(const std::vector<Document>& pods) {
  return static_cast<int>(std::count_if(
      pods.begin(), pods.end(), [](const auto& pod) { return parts::is_ready(*pod) && !parts::is_going(*pod); }));
}

std::vector<Document> staying(std::vector<Document> pods) {
  std::erase_if(pods, [](const auto& pod) { return parts::is_going(*pod); });
  return pods;
}

void fill_pod(json::Value& pod, const json::Value& owner) {
  const auto& pattern = template_of(owner);
  pod["metadata"]["labels"] = json::at_path(pattern, {"metadata", "labels"});
  if (pattern.at("metadata").contains("annotations"))
    pod["metadata"]["annotations"] = pattern.at("metadata").at("annotations");
  pod["metadata"]["ownerReferences"] = json::Value::array({parts::owner(owner)});
  pod["spec"] = pattern.at("spec");
  pod["status"] = {{"phase", "Pending"}};
}

void set_counts(json::Value& status, int all, int ready, int updated) {
  status["replicas"] = all;
  status["readyReplicas"] = ready;
  status["availableReplicas"] = ready;
  status["updatedReplicas"] = updated;
}

}  // namespace

bool Controllers::run_deployments() {
  bool has_changed = false;
  for (const auto& deployment : all("deployments.apps")) {
    if (!parts::is_going(*deployment)) has_changed |= run_deployment(*deployment);
  }
  return has_changed;
}

// The newest template gets all its pods; the old ones go as the new ones become ready.
bool Controllers::run_deployment(const json::Value& deployment) {
  const auto key = key_of(deployment);
  const int wanted = number_at(deployment, {"spec", "replicas"}, 1);
  const auto hash = parts::hash_of(template_of(deployment));
  const core::ObjectKey newest{key.namespace_, key.name + "-" + hash};
  bool has_changed = write("replicasets.apps", newest, [&](json::Value& set) {
    set["metadata"]["ownerReferences"] = json::Value::array({parts::owner(deployment)});
    set["spec"]["template"] = template_of(deployment);
    set["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = hash;
    set["spec"]["replicas"] = wanted;
  });
  int all_pods = 0, all_ready = 0;
  const int fresh = count_ready(owned_by("pods", *find("replicasets.apps", newest)));
  for (const auto& set : owned_by("replicasets.apps", deployment)) {
    const bool is_newest = key_of(*set) == newest;
    const int left = is_newest ? wanted : std::max(0, number_at(*set, {"spec", "replicas"}, 0));
    const int share = is_newest ? wanted : std::min(left, std::max(0, wanted - fresh));
    if (share != left)
      has_changed |=
          write("replicasets.apps", key_of(*set), [&](json::Value& old) { old["spec"]["replicas"] = share; });
    has_changed |= run_replicas(*set, share);
    const auto pods = staying(owned_by("pods", *set));
    all_pods += static_cast<int>(pods.size());
    all_ready += count_ready(pods);
  }
  const int updated = static_cast<int>(staying(owned_by("pods", *find("replicasets.apps", newest))).size());
  return write("deployments.apps", key,
               [&](json::Value& object) {
                 object["status"]["observedGeneration"] = deployment.at("metadata").at("generation");
                 set_counts(object["status"], all_pods, all_ready, updated);
               }) ||
         has_changed;
}

bool Controllers::run_replicas(const json::Value& set, int wanted) {
  auto pods = staying(owned_by("pods", set));
  bool has_changed = false;
  const auto key = key_of(set);
  for (int number = 0; static_cast<int>(pods.size()) < wanted; ++number) {
    const core::ObjectKey name{key.namespace_, key.name + "-" + std::to_string(number)};
    if (find("pods", name) != nullptr) continue;
    has_changed |= write("pods", name, [&](json::Value& pod) { fill_pod(pod, set); });
    pods.push_back(find("pods", name));
  }
  std::stable_sort(pods.begin(), pods.end(),
                   [](const auto& a, const auto& b) { return parts::is_ready(*a) > parts::is_ready(*b); });
  for (; static_cast<int>(pods.size()) > wanted; pods.pop_back()) has_changed |= remove("pods", key_of(*pods.back()));
  return has_changed;
}

bool Controllers::run_stateful_sets() {
  bool has_changed = false;
  for (const auto& set : all("statefulsets.apps")) {
    if (!parts::is_going(*set)) has_changed |= run_stateful_set(*set);
  }
  return has_changed;
}

bool Controllers::run_stateful_set(const json::Value& set) {
  const auto key = key_of(set);
  const int wanted = number_at(set, {"spec", "replicas"}, 1);
  const auto revision = key.name + "-" + parts::hash_of(template_of(set));
  bool has_changed = false;
  for (int number = 0; number < wanted; ++number)
    has_changed |= make_member(set, key.name + "-" + std::to_string(number), revision);
  for (const auto& pod : staying(owned_by("pods", set))) {
    const auto name = key_of(*pod).name;
    if (std::stoi(name.substr(name.rfind('-') + 1)) >= wanted) has_changed |= remove("pods", key_of(*pod));
  }
  has_changed |= update_members(set, revision);
  const auto pods = staying(owned_by("pods", set));
  const auto updated = std::count_if(pods.begin(), pods.end(), [&](const auto& pod) {
    return json::string_at(*pod, {"metadata", "labels", "controller-revision-hash"}) == revision;
  });
  return write("statefulsets.apps", key,
               [&](json::Value& object) {
                 auto& status = object["status"];
                 status["observedGeneration"] = set.at("metadata").at("generation");
                 set_counts(status, static_cast<int>(pods.size()), count_ready(pods), static_cast<int>(updated));
                 status["updateRevision"] = revision;
                 if (updated == wanted || !status.contains("currentRevision")) status["currentRevision"] = revision;
               }) ||
         has_changed;
}

bool Controllers::make_member(const json::Value& set, const std::string& name, const std::string& revision) {
  const auto space = key_of(set).namespace_;
  bool has_changed = false;
  auto volumes = json::Value::array();
  for (const auto& pattern : json::at_path(set, {"spec", "volumeClaimTemplates"})) {
    const auto volume = json::string_at(pattern, {"metadata", "name"}), claim = volume + "-" + name;
    volumes.push_back({{"name", volume}, {"persistentVolumeClaim", {{"claimName", claim}}}});
    if (find("persistentvolumeclaims", {space, claim}) != nullptr) continue;
    has_changed |= write("persistentvolumeclaims", {space, claim}, [&](json::Value& object) {
      object["metadata"]["labels"] = json::at_path(pattern, {"metadata", "labels"});
      object["spec"] = pattern.at("spec");
      object["status"]["phase"] = "Pending";
      if (json::string_at(set, {"spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"}) == "Delete")
        object["metadata"]["ownerReferences"] = json::Value::array({parts::owner(set)});
    });
  }
  if (find("pods", {space, name}) != nullptr) return has_changed;
  return write("pods", {space, name},
               [&](json::Value& pod) {
                 fill_pod(pod, set);
                 pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = name;
                 pod["metadata"]["labels"]["controller-revision-hash"] = revision;
                 for (const auto& volume : volumes) pod["spec"]["volumes"].push_back(volume);
               }) ||
         has_changed;
}

// The last that is of an older revision goes, once all others are ready.
bool Controllers::update_members(const json::Value& set, const std::string& revision) {
  const int partition = number_at(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}, 0);
  auto pods = owned_by("pods", set);
  const int wanted = number_at(set, {"spec", "replicas"}, 1);
  if (count_ready(pods) < wanted || static_cast<int>(pods.size()) != wanted) return false;
  for (auto pod = pods.rbegin(); pod != pods.rend(); ++pod) {
    const auto name = key_of(**pod).name;
    const bool is_old = json::string_at(**pod, {"metadata", "labels", "controller-revision-hash"}) != revision;
    if (is_old && std::stoi(name.substr(name.rfind('-') + 1)) >= partition) return remove("pods", key_of(**pod));
  }
  return false;
}

}  // namespace cadence::kube::testing
