#include "cadence/plan/postgres.hpp"

#include "cadence/plan/children.hpp"
#include "cadence/plan/drift.hpp"
#include "cadence/resources/labels.hpp"
#include "cadence/resources/postgres.hpp"
#include "kube/types/coordination.hpp"

namespace cadence::plan {
namespace {

using kube::types::Pod;

void plan_lease(const Observation& observation, const resources::Context& context, Plan& plan) {
  // The agents write the Lease's content; ours are its labels and its owner, so that it goes with the cluster.
  kube::types::Lease lease;
  lease.metadata = resources::child_metadata(context, context.names().postgres(), resources::kPostgres);
  json::Value document{{"apiVersion", kube::types::Lease::kind_info().api_version()}, {"kind", "Lease"}, {"metadata", json::encode(lease.metadata)}};
  const auto* live = observation.child("Lease", lease.metadata.name);
  const auto object = "Lease " + lease.metadata.name;
  if (live != nullptr && first_drift(document, live->document).empty()) return;
  plan.actions.push_back({LabelObject{&kube::types::Lease::kind_info(), with_fingerprint(std::move(document))}, object, live == nullptr ? "Created" : "Restored",
                          (live == nullptr ? "Created " : "Restored the labels of ") + object});
}

const Pod* pod_of(const Observation& observation, const std::string& name) {
  const auto found = observation.pods.find(name);
  return found == observation.pods.end() ? nullptr : found->second.get();
}

bool is_outdated(const Pod& pod, const json::Value& intent) {
  const auto applied = pod.metadata.annotations.find(kIntentAnnotation);
  return applied == pod.metadata.annotations.end() || applied->second != fingerprint(intent);
}

bool is_over(const Pod& pod) { return pod.status.phase == "Failed" || pod.status.phase == "Succeeded"; }

void plan_deletion(const Pod& pod, const std::string& why, Plan& plan) {
  const auto object = "Pod " + pod.metadata.name;
  plan.actions.push_back({DeleteObject{&Pod::kind_info(), kube::core::key_of(pod), pod.metadata.uid, ""}, object, "Replaced", why});
}

void plan_role_label(const Pod& pod, const std::string& role, Plan& plan) {
  const auto current = pod.metadata.labels.find(resources::kRoleLabel);
  if (current != pod.metadata.labels.end() && current->second == role) return;
  json::Value document{{"apiVersion", "v1"},
                       {"kind", "Pod"},
                       {"metadata", {{"name", pod.metadata.name}, {"namespace", pod.metadata.namespace_}, {"uid", pod.metadata.uid}, {"labels", {{resources::kRoleLabel, role}}}}}};
  const auto object = "Pod " + pod.metadata.name;
  plan.actions.push_back({LabelObject{&Pod::kind_info(), std::move(document)}, object, "RoleChanged", "Labelled " + object + " as " + role});
}

// At most one pod at a time, standbys before the primary, and only while every other instance is ready.
void plan_rollout(const Observation& observation, const resources::Context& context, const std::string& primary, Plan& plan) {
  const Pod* outdated = nullptr;
  for (int number = 1; number <= context.spec().postgres.instances; ++number) {
    const auto* pod = pod_of(observation, context.names().postgres_instance(number));
    if (pod == nullptr || !kube::types::is_ready(*pod) || !pod->metadata.deletion_timestamp.empty()) return;
    const auto intent = kube::core::to_document(resources::build_postgres_pod(context, number));
    if (is_outdated(*pod, intent) && (outdated == nullptr || outdated->metadata.name == primary)) outdated = pod;
  }
  if (outdated != nullptr) plan_deletion(*outdated, "Replaced Pod " + outdated->metadata.name + ": its template has changed", plan);
}

void plan_instance(const Observation& observation, const resources::Context& context, int number, const std::string& primary, Plan& plan) {
  const auto name = context.names().postgres_instance(number);
  plan_child(observation, kube::types::PersistentVolumeClaim::kind_info(), kube::core::to_document(resources::build_postgres_volume(context, number)), plan);
  const auto* pod = pod_of(observation, name);
  if (pod == nullptr) {
    const auto intent = kube::core::to_document(resources::build_postgres_pod(context, number));
    plan.actions.push_back({ApplyObject{&Pod::kind_info(), with_fingerprint(intent)}, "Pod " + name, "Created", "Created Pod " + name});
  } else if (pod->metadata.deletion_timestamp.empty()) {
    if (is_over(*pod)) plan_deletion(*pod, "Replaced Pod " + name + ": it had ended (" + pod->status.phase + ")", plan);
    else if (!primary.empty()) plan_role_label(*pod, name == primary ? "primary" : "standby", plan);
  }
}

}  // namespace

std::string postgres_primary(const Observation& observation) {
  return observation.postgres_lease ? observation.postgres_lease->spec.holder_identity.value_or("") : std::string();
}

bool is_postgres_initialised(const Observation& observation) {
  return observation.postgres_lease && observation.postgres_lease->metadata.annotations.contains(kSystemIdentifierAnnotation);
}

void plan_postgres(const Observation& observation, const resources::Context& context, Plan& plan) {
  const auto primary = postgres_primary(observation);
  plan_lease(observation, context, plan);
  const int wanted = context.spec().postgres.instances;
  // Until the database exists there is nothing that a standby could copy.
  const int startable = is_postgres_initialised(observation) ? wanted : 1;
  for (int number = 1; number <= startable; ++number) plan_instance(observation, context, number, primary, plan);
  if (startable == wanted) plan_rollout(observation, context, primary, plan);
  for (const auto& [name, pod] : observation.pods) {
    const auto number = pod->metadata.labels.find(resources::kInstanceNumberLabel);
    if (number == pod->metadata.labels.end() || std::atoi(number->second.c_str()) <= wanted || !pod->metadata.deletion_timestamp.empty()) continue;
    if (name == primary) plan.gaps.push_back({"Postgres", "Pod " + name + " is the primary and stays although spec.postgres.instances is lower: switchover is not built yet."});
    else plan_deletion(*pod, "Removed Pod " + name + ": spec.postgres.instances is lower; its volume stays", plan);
  }
}

}  // namespace cadence::plan
