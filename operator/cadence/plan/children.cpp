#include "cadence/plan/children.hpp"

#include <algorithm>
#include <set>

#include "cadence/plan/drift.hpp"
#include "cadence/plan/secrets.hpp"
#include "cadence/resources/labels.hpp"
#include "kube/types/core.hpp"

namespace cadence::plan {
namespace {

using resources::Document;

// Pods would wait for a missing Secret with growing pauses: workloads come when all Secrets are there.
bool runs_pods(const std::string& kind) { return kind == "Deployment" || kind == "StatefulSet"; }

// Kinds of which every object that the cluster owns is ours to remove. Volumes, pods and the Lease have rules of their
// own.
const std::set<std::string>& removable_kinds() {
  static const std::set<std::string> kinds{"Deployment",
                                           "StatefulSet",
                                           "Service",
                                           "ConfigMap",
                                           "Secret",
                                           "ServiceAccount",
                                           "Role",
                                           "RoleBinding",
                                           "PodDisruptionBudget",
                                           "NetworkPolicy",
                                           "HorizontalPodAutoscaler"};
  return kinds;
}

// What pods of a component are made of: it changes only together.
std::string made_of(const Document& document, const resources::Names& names) {
  const auto& kind = document.kind->kind;
  if (document.name == names.webhook() && (kind == "Deployment" || kind == "ConfigMap")) return resources::kWebhook;
  if (document.name == names.lb() && kind == "Deployment") return resources::kLoadBalancer;
  return "";
}

// Whether everything of this spec was there before. Volumes may come later, with another instance.
bool was_there(const Observation& observation, const kube::core::KindInfo& kind) {
  const auto& cluster = *observation.cluster;
  return cluster.status.redis.formed && cluster.status.observed_generation == cluster.metadata.generation &&
         kind.kind != "PersistentVolumeClaim";
}

// A pod that goes still mounts it: the kubelet would complain until the pod is gone.
bool is_mounted(const Observation& observation, const ChildId& id) {
  const auto names = [&id](const kube::types::Volume& volume) {
    if (id.kind == "Secret") return volume.secret && volume.secret->secret_name == id.name;
    return id.kind == "ConfigMap" && volume.config_map && volume.config_map->name == id.name;
  };
  const auto projects = [&id](const kube::types::Volume& volume) {
    if (!volume.projected) return false;
    return std::any_of(volume.projected->sources.begin(), volume.projected->sources.end(), [&id](const auto& source) {
      const auto& reference = id.kind == "Secret" ? source.secret : source.config_map;
      return (id.kind == "Secret" || id.kind == "ConfigMap") && reference && reference->name == id.name;
    });
  };
  return std::any_of(observation.pods.begin(), observation.pods.end(), [&](const auto& pod) {
    const auto& volumes = pod.second->spec.volumes;
    return std::any_of(volumes.begin(), volumes.end(),
                       [&](const auto& volume) { return names(volume) || projects(volume); });
  });
}

}  // namespace

std::vector<Document> all_documents(const resources::Context& context) {
  std::vector<Document> out;
  for (auto part : {resources::postgres_documents(context), resources::redis_documents(context),
                    resources::webhook_documents(context), resources::load_balancer_documents(context),
                    resources::network_policy_documents(context)}) {
    out.insert(out.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  }
  return out;
}

void plan_child(const Observation& observation, const kube::core::KindInfo& kind, const json::Value& intent,
                Plan& plan) {
  const auto name = json::string_at(intent, {"metadata", "name"});
  const auto object = kind.kind + " " + name;
  const auto* live = observation.child(kind.kind, name);
  if (live == nullptr) {
    const bool is_lost = was_there(observation, kind);
    plan.actions.push_back({ApplyObject{&kind, with_fingerprint(intent)}, object, is_lost ? "Restored" : "Created",
                            is_lost ? "Restored " + object + ": it was missing" : "Created " + object});
    return;
  }
  if (live->is_going()) return;  // its deletion will be seen, and then it is made again
  const auto drift = first_drift(intent, live->document);
  if (drift.empty()) return;
  const bool is_update = drift == "intent";
  plan.actions.push_back({ApplyObject{&kind, with_fingerprint(intent)}, object, is_update ? "Updated" : "Restored",
                          is_update ? "Updated " + object : "Restored " + object + ": " + drift + " had been changed"});
  plan.actions.back().is_disruptive =
      runs_pods(kind.kind) && drift != "spec.replicas";  // pods of another template take their place
}

void plan_children(const Observation& observation, const resources::Context& context, const Restraints& restraints,
                   Plan& plan) {
  for (const auto& document : all_documents(context)) {
    if (!restraints.may_start && runs_pods(document.kind->kind)) continue;
    const auto waiting = restraints.waiting.find(made_of(document, context.names()));
    Plan unwanted;
    plan_child(observation, *document.kind, document.body, waiting == restraints.waiting.end() ? plan : unwanted);
    if (!unwanted.actions.empty()) plan.held.insert(*waiting);
  }
}

bool keeps_haproxy(const Observation& observation) {
  const auto name = resources::Names(observation.cluster->metadata.name).lb();
  const bool stands = observation.child("Deployment", name) != nullptr || observation.child("Service", name) != nullptr;
  return observation.cluster->spec.load_balancer.type == "Nginx" && stands;
}

void plan_removals(const Observation& observation, const resources::Context& context, Plan& plan) {
  std::set<ChildId> wanted;
  for (const auto& document : all_documents(context)) wanted.insert({document.kind->kind, document.name});
  for (const auto& recipe : wanted_secrets(context.cluster)) wanted.insert({"Secret", recipe.name});
  if (plan.held.contains(resources::kWebhook)) wanted.insert({"Secret", context.names().webhook_github()});
  for (const auto& [id, live] : observation.children) {
    if (wanted.contains(id) || !removable_kinds().contains(id.kind) || live.is_going() ||
        !live.is_owned_by(context.cluster.metadata.uid))
      continue;
    if (is_mounted(observation, id)) continue;
    const auto object = id.kind + " " + id.name;
    const auto* kind = live.kind;
    plan.actions.push_back({DeleteObject{kind, {context.space(), id.name}, live.uid(), live.resource_version()}, object,
                            "Removed", "Removed " + object + ": the spec no longer asks for it"});
  }
}

}  // namespace cadence::plan
