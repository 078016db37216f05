#include "cadence/plan/removals.hpp"

#include <algorithm>
#include <set>

#include "cadence/facts/mounts.hpp"
#include "cadence/kinds/kinds.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/plan/stand_ins.hpp"
#include "cadence/resources/common/labels.hpp"
#include "kube/core/owners.hpp"

namespace cadence::plan {
namespace {

// Another controller's object may be owned by the cluster too, so that it goes with it: who manages it decides.
bool is_managed_by(const api::CadenceCluster& cluster, const facts::LiveChild& live) {
  const auto metadata = json::decode_leniently<kube::core::ObjectMeta>(json::at_path(live.document, {"metadata"}));
  return kube::core::is_managed_by(metadata, api::CadenceCluster::kind_info(), cluster.metadata.uid);
}

// A pod that goes still mounts it: the kubelet would complain until the pod is gone.
bool is_mounted(const facts::Observation& observation, const facts::ChildId& id) {
  return std::any_of(observation.pods.begin(), observation.pods.end(),
                     [&](const auto& pod) { return facts::mounted_by(*pod.second).contains(id); });
}

}  // namespace

Plan plan_removals(const facts::Observation& observation, const std::vector<resources::Document>& documents,
                   const std::map<std::string, Objection>& held) {
  Plan plan;
  std::set<facts::ChildId> wanted;
  const auto& cluster = *observation.cluster;
  for (const auto& document : documents) wanted.insert({document.kind->kind, document.name});
  for (const auto& recipe : wanted_secrets(cluster)) wanted.insert({"Secret", recipe.name});
  for (const auto& [source, copy] : stand_ins(observation)) wanted.insert({"Secret", copy});
  if (held.contains(resources::kWebhook))
    wanted.insert({"Secret", names::Names(cluster.metadata.name).webhook_github()});
  for (const auto& [id, live] : observation.children) {
    if (wanted.contains(id) || !kinds::is_removable(id.kind) || live.is_going() || !is_managed_by(cluster, live))
      continue;
    if (is_mounted(observation, id)) continue;
    const auto* kind = live.kind;
    plan.actions.push_back(
        {DeleteObject{kind, {cluster.metadata.namespace_, id.name}, live.uid(), live.resource_version()}, id, "Removed",
         "Removed " + id.to_string() + ": the spec no longer asks for it"});
  }
  return plan;
}

}  // namespace cadence::plan
