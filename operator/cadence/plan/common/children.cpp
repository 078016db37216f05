#include "cadence/plan/common/children.hpp"

#include <algorithm>
#include <set>

#include "cadence/plan/common/drift.hpp"
#include "cadence/resources/common/labels.hpp"
#include "kube/types/core.hpp"

namespace cadence::plan {
namespace {

using resources::Document;

// Pods would wait for a missing Secret with growing pauses: workloads come when all Secrets are there.
bool runs_pods(const std::string& kind) { return kind == "Deployment" || kind == "StatefulSet"; }

// What pods of a component are made of: it changes only together.
std::string made_of(const Document& document, const names::Names& names) {
  const auto& kind = document.kind->kind;
  if (document.name == names.webhook() && (kind == "Deployment" || kind == "ConfigMap")) return resources::kWebhook;
  if (document.name == names.lb() && kind == "Deployment") return resources::kLoadBalancer;
  return "";
}

// Whether everything of this spec was there before. Volumes may come later, with another instance, and what only a
// newer operator makes comes with it.
bool was_there(const facts::Observation& observation, const kube::core::KindInfo& kind) {
  const auto& cluster = *observation.cluster;
  return cluster.status.redis.formed && cluster.status.operator_version == CADENCE_VERSION &&
         cluster.status.observed_generation == cluster.metadata.generation && kind.kind != "PersistentVolumeClaim";
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

std::optional<Action> change_of(const facts::Observation& observation, const kube::core::KindInfo& kind,
                                const json::Value& intent) {
  const facts::ChildId object{kind.kind, json::string_at(intent, {"metadata", "name"})};
  const auto text = object.to_string();
  const auto* live = observation.child(object.kind, object.name);
  const auto action = [&](const char* reason, std::string why) {
    return Action{ApplyObject{&kind, with_fingerprint(intent)}, object, reason, std::move(why)};
  };
  if (live == nullptr && was_there(observation, kind))
    return action("Restored", "Restored " + text + ": it was missing");
  if (live == nullptr) return action("Created", "Created " + text);
  if (live->is_going()) return std::nullopt;  // its deletion will be seen, and then it is made again
  const auto drift = first_drift(intent, live->document);
  if (drift.empty()) return std::nullopt;
  auto out = drift == "intent" ? action("Updated", "Updated " + text)
                               : action("Restored", "Restored " + text + ": " + drift + " had been changed");
  out.is_disruptive = runs_pods(kind.kind) && drift != "spec.replicas";  // pods of another template take their place
  return out;
}

Plan plan_children(const facts::Observation& observation, const std::vector<Document>& documents,
                   const Restraints& restraints) {
  Plan plan;
  const names::Names names(observation.cluster->metadata.name);
  for (const auto& document : documents) {
    if (!restraints.may_start && runs_pods(document.kind->kind)) continue;
    auto change = change_of(observation, *document.kind, document.body);
    if (!change) continue;
    const auto waiting = restraints.waiting.find(made_of(document, names));
    if (waiting == restraints.waiting.end()) plan.actions.push_back(std::move(*change));
    else plan.held.insert(*waiting);
  }
  return plan;
}

}  // namespace cadence::plan
