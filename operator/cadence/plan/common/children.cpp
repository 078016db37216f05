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

// Whether everything of this spec was there before. Volumes may come later, with another instance.
bool was_there(const facts::Observation& observation, const kube::core::KindInfo& kind) {
  const auto& cluster = *observation.cluster;
  return cluster.status.redis.formed && cluster.status.observed_generation == cluster.metadata.generation &&
         kind.kind != "PersistentVolumeClaim";
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

void plan_child(const facts::Observation& observation, const kube::core::KindInfo& kind, const json::Value& intent,
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

void plan_children(const facts::Observation& observation, const resources::Context& context,
                   const Restraints& restraints, Plan& plan) {
  for (const auto& document : all_documents(context)) {
    if (!restraints.may_start && runs_pods(document.kind->kind)) continue;
    const auto waiting = restraints.waiting.find(made_of(document, context.names()));
    Plan unwanted;
    plan_child(observation, *document.kind, document.body, waiting == restraints.waiting.end() ? plan : unwanted);
    if (!unwanted.actions.empty()) plan.held.insert(*waiting);
  }
}

}  // namespace cadence::plan
