#include "cadence/plan/common/dependence.hpp"

#include <algorithm>

#include "cadence/facts/postgres.hpp"
#include "cadence/resources/common/labels.hpp"
#include "kube/types/pod.hpp"

namespace cadence::plan {
namespace {

std::string component_in(const json::Value& document) {
  return json::string_at(document, {"metadata", "labels", names::kComponentLabel});
}

const json::Value* document_of(const Step& step) {
  if (const auto* made = std::get_if<ApplyObject>(&step)) return &made->document;
  if (const auto* labelled = std::get_if<LabelObject>(&step)) return &labelled->document;
  if (const auto* replaced = std::get_if<ReplaceObject>(&step)) return &replaced->document;
  return nullptr;
}

const kube::types::Pod* pod_of(const facts::Observation& observation, const Action& action) {
  const auto found = action.object.kind == "Pod" ? observation.pods.find(action.object.name) : observation.pods.end();
  return found == observation.pods.end() ? nullptr : found->second.get();
}

// As the object that is written says it, else as the one that is there does. Empty: all of them may need it.
std::string component_of(const facts::Observation& observation, const Action& action) {
  if (const auto* secret = std::get_if<MakeSecret>(&action.step))
    return json::string_at(secret->recipe.metadata, {"labels", names::kComponentLabel});
  if (const auto* document = document_of(action.step); document != nullptr) {
    if (auto said = component_in(*document); !said.empty()) return said;
  }
  if (const auto* pod = pod_of(observation, action); pod != nullptr) {
    const auto label = pod->metadata.labels.find(names::kComponentLabel);
    return label == pod->metadata.labels.end() ? std::string() : label->second;
  }
  const auto* live = observation.child(action.object.kind, action.object.name);
  return live == nullptr ? std::string() : component_in(live->document);
}

bool is_over(const kube::types::Pod& pod) { return pod.status.phase == "Failed" || pod.status.phase == "Succeeded"; }

bool asks_a_server_to_stop(const facts::Observation& observation, const json::Value& lease) {
  for (const char* name : {postgres::kSwitchoverToAnnotation, postgres::kRestartAnnotation}) {
    const auto asked = json::string_at(lease, {"metadata", "annotations", name});
    if (!asked.empty() && asked != facts::lease_annotation(observation, name)) return true;
  }
  return false;
}

bool is_disruptive(const facts::Observation& observation, const Action& action) {
  if (std::holds_alternative<DeleteObject>(action.step)) {
    const auto* pod = pod_of(observation, action);
    return pod == nullptr ||
           !is_over(*pod);  // nobody misses a pod that has ended, and it stands in the way of the next
  }
  if (const auto* patch = std::get_if<PatchObject>(&action.step)) return patch->kind->group == "apps";
  if (const auto* lease = std::get_if<LabelObject>(&action.step))
    return lease->kind->kind == "Lease" && asks_a_server_to_stop(observation, lease->document);
  const auto* stage = std::get_if<ChangeSecret>(&action.step);
  return stage != nullptr &&
         (stage->kind == ChangeSecret::Kind::DropAuthority || stage->kind == ChangeSecret::Kind::RetireLogin);
}

// Secrets need no mention: workloads are not planned before all of them are there.
void add_mounts(const json::Value& part, std::vector<facts::ChildId>& out) {
  if (part.is_array()) {
    for (const auto& element : part) add_mounts(element, out);
  }
  if (!part.is_object()) return;
  for (const auto& [key, value] : part.items()) {
    if (key == "serviceAccountName" && value.is_string()) out.push_back({"ServiceAccount", value.get<std::string>()});
    if (key.starts_with("configMap")) out.push_back({"ConfigMap", json::string_at(value, {"name"})});
    add_mounts(value, out);
  }
}

std::vector<facts::ChildId> made_of(const Step& step) {
  std::vector<facts::ChildId> out;
  if (const auto* workload = std::get_if<ApplyObject>(&step); workload != nullptr && workload->kind->group == "apps") {
    add_mounts(json::at_path(workload->document, {"spec", "template"}), out);
  }
  if (const auto* change = std::get_if<ChangeSecret>(&step)) out.push_back({"Secret", change->authority});
  const auto* secret = std::get_if<MakeSecret>(&step);
  if (secret == nullptr) return out;
  if (const auto* leaf = std::get_if<SecretRecipe::Certificate>(&secret->recipe.content))
    out.push_back({"Secret", leaf->authority});
  if (const auto* login = std::get_if<SecretRecipe::Application>(&secret->recipe.content))
    out.push_back({"Secret", login->authority});
  return out;
}

bool holds_back(const Action& refused, const Action& action) {
  if (refused.object == action.object ||
      std::find(action.made_of.begin(), action.made_of.end(), refused.object) != action.made_of.end())
    return true;
  return action.is_disruptive &&
         (refused.component.empty() || action.component.empty() || refused.component == action.component);
}

}  // namespace

void note_dependence(const facts::Observation& observation, Plan& plan) {
  for (std::size_t at = 0; at < plan.actions.size(); ++at) {
    auto& action = plan.actions[at];
    if (action.component.empty()) action.component = component_of(observation, action);
    action.made_of = made_of(action.step);
    // what comes first is metadata alone
    action.is_disruptive = at >= plan.first && (action.is_disruptive || is_disruptive(observation, action));
  }
}

bool must_wait(const Action& action, const std::vector<const Action*>& refused) {
  return std::any_of(refused.begin(), refused.end(), [&](const Action* other) { return holds_back(*other, action); });
}

}  // namespace cadence::plan
