#include "cadence/plan/common/volume_owners.hpp"

#include <set>

#include "cadence/plan/common/drift.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::plan {
namespace {

using kube::types::PersistentVolumeClaim;

// A StatefulSet gives and takes the ownership of its pods' volumes by itself.
std::set<std::string> tended_by_sets(const facts::Observation& observation) {
  std::set<std::string> out;
  for (const auto& [name, set] : observation.stateful_sets) {
    for (int ordinal = 0; ordinal < set->spec.replicas.value_or(1); ++ordinal)
      out.insert("data-" + name + "-" + std::to_string(ordinal));
  }
  return out;
}

bool is_in_hand(const Plan& plan, const facts::ChildId& object) {
  for (const auto& action : plan.actions) {
    if (action.object == object) return true;
  }
  return false;
}

kube::core::OwnerReference owner_beside_others(const resources::Context& context) {
  auto out = names::owner_of(context.cluster);
  out.controller.reset();  // a StatefulSet may be that
  return out;
}

// PostgreSQL's volumes are ours as they are: all that we once said of one is said again, but for the owner.
Action with_owner_of_ours(const resources::Context& context, const facts::LiveChild& live, const std::string& name,
                          bool is_owned) {
  PersistentVolumeClaim volume;
  volume.metadata = resources::child_metadata(context, name, resources::kPostgres);
  const auto number = json::string_at(live.document, {"metadata", "labels", names::kInstanceNumberLabel});
  if (!number.empty()) volume.metadata.labels[names::kInstanceNumberLabel] = number;
  if (!is_owned) volume.metadata.owner_references.clear();
  auto document = kube::core::to_document(volume);
  document["spec"] = json::Value::object();
  for (const char* field : {"accessModes", "resources", "storageClassName"}) {
    if (const auto& value = json::at_path(live.document, {"spec", field}); !value.is_null())
      document["spec"][field] = value;
  }
  return {ApplyObject{&PersistentVolumeClaim::kind_info(), with_fingerprint(document)}, {}, "", ""};
}

Action with_owner_of_others(const resources::Context& context, const std::string& name, bool is_owned) {
  const auto& kind = PersistentVolumeClaim::kind_info();
  json::Value metadata{{"name", name}, {"namespace", context.space()}};
  if (is_owned) metadata["ownerReferences"] = json::Value::array({json::encode(owner_beside_others(context))});
  return {
      LabelObject{&kind, {{"apiVersion", kind.api_version()}, {"kind", kind.kind}, {"metadata", std::move(metadata)}}},
      {},
      "",
      ""};
}

}  // namespace

void plan_volume_owners(const facts::Observation& observation, const resources::Context& context, Plan& plan) {
  const bool goes = context.spec().deletion_policy == "Delete";
  const auto tended = tended_by_sets(observation);
  for (const auto& [id, live] : observation.children) {
    if (id.kind != PersistentVolumeClaim::kind_info().kind || live.is_going() ||
        live.is_owned_by(context.cluster.metadata.uid) == goes)
      continue;
    if ((goes && tended.contains(id.name)) || is_in_hand(plan, id)) continue;
    const bool is_ours =
        json::string_at(live.document, {"metadata", "labels", names::kComponentLabel}) == resources::kPostgres;
    auto action =
        is_ours ? with_owner_of_ours(context, live, id.name, goes) : with_owner_of_others(context, id.name, goes);
    action.object = id;
    action.reason = "DeletionPolicy";
    action.why = goes ? id + " will be deleted with the cluster" : id + " will stay when the cluster is deleted";
    action.hint = "spec.deletionPolicy: this volume stays when the cluster is deleted.";
    plan.actions.push_back(std::move(action));
  }
}

}  // namespace cadence::plan
