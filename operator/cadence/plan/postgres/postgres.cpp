#include "cadence/plan/postgres/postgres.hpp"

#include "cadence/plan/common/drift.hpp"
#include "cadence/plan/postgres/marks.hpp"
#include "cadence/plan/postgres/operation.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::plan {
namespace {

using kube::types::Pod;
using Kind = PostgresOperation::Kind;

constexpr std::chrono::seconds kLookAgain{2};  // streaming, lag and pending restarts are no events

bool is_over(const Pod& pod) { return pod.status.phase == "Failed" || pod.status.phase == "Succeeded"; }

void plan_deletion(const Pod& pod, const std::string& reason, const std::string& why, Plan& plan) {
  plan.actions.push_back({DeleteObject{&Pod::kind_info(), kube::core::key_of(pod), pod.metadata.uid, ""},
                          {"Pod", pod.metadata.name},
                          reason,
                          why});
}

void plan_instance(const resources::Context& context, const facts::PostgresView& view,
                   const facts::PostgresInstance& instance, base::Wall now, Plan& plan) {
  const auto& name = instance.name;
  if (!instance.exists()) {
    const auto intent = kube::core::to_document(resources::build_postgres_pod(context, instance.number));
    plan.actions.push_back({ApplyObject{&Pod::kind_info(), with_fingerprint(intent)},
                            {"Pod", name},
                            "Created",
                            "Created Pod " + name,
                            "",
                            "spec.postgres"});
  } else if (!instance.is_going()) {
    if (is_over(*instance.pod))
      plan_deletion(*instance.pod, "Replaced",
                    "Replaced Pod " + name + ": it had ended (" + instance.pod->status.phase + ")", plan);
    else plan_pod_marks(context, view, instance, now, plan);
  }
}

void check_fenced(const api::CadenceClusterSpec& spec, const facts::PostgresView& view, Plan& plan) {
  for (const auto& name : spec.postgres.fenced) {
    if (view.find(name) != nullptr) continue;
    plan.objections.push_back({"InvalidSpec", "spec.postgres.fenced: " + name +
                                                  " is none of the instances, so it has no effect: correct the name."});
  }
}

// PostgreSQL's own word on parameters that the schema cannot judge: agents keep the old ones in force and say why.
void check_parameters(const facts::PostgresView& view, Plan& plan) {
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.report == nullptr || instance.report->config_error.empty()) continue;
    plan.objections.push_back({"InvalidSpec", "spec.postgres.parameters: PostgreSQL says " +
                                                  instance.report->config_error +
                                                  ". The parameters in force stay as they are: correct or remove it."});
    return;
  }
}

// While the database is looked for, pods run on the volumes that are there, wanted or not; else until it exists there
// is nothing that a standby could copy.
bool may_exist(const facts::PostgresView& view, const PostgresRecovery& recovery,
               const facts::PostgresInstance& instance) {
  if (recovery.is_due) return instance.has_volume || (instance.exists() && !instance.is_volume_going);
  return instance.exists() || (instance.is_wanted && (view.is_initialised || instance.number == 1));
}

void plan_instances(const resources::Context& context, const facts::PostgresView& view,
                    const PostgresRecovery& recovery, base::Wall now, Plan& plan) {
  for (const auto& instance : view.instances) {
    if (may_exist(view, recovery, instance)) plan_instance(context, view, instance, now, plan);
    else if (instance.exists() && !instance.is_going())
      plan_deletion(*instance.pod, "VolumeGivenUp", "Removed Pod " + instance.name + ": its volume is being deleted",
                    plan);
  }
}

void check_recovery(const facts::PostgresView& view, const PostgresRecovery& recovery, Plan& plan) {
  if (!view.is_initialised) look_again(plan, kLookAgain, "the database is not there yet");
  if (recovery.is_due && recovery.decision.kind == postgres::RecoveryDecision::Kind::Blocked)
    plan.objections.push_back({"RecoveryBlocked", to_sentences(recovery)});
}

void plan_end_of(const facts::LiveChild& lease, const resources::Context& context, Plan& plan) {
  const facts::ChildId object{"Lease", context.names().postgres()};
  if (lease.is_going()) return look_again(plan, kLookAgain * 5, object + " of an earlier life of this cluster goes");
  plan.actions.push_back(
      {DeleteObject{lease.kind, {context.space(), context.names().postgres()}, lease.uid(), lease.resource_version()},
       object, "Removed", "Removed " + object.to_string() + ": it is of an earlier life of this cluster"});
}

void carry_out(const facts::PostgresView& view, const PostgresOperation& operation, Plan& plan) {
  if (operation.kind == Kind::None) return;
  plan.postgres_operation = operation.why;
  look_again(plan, kLookAgain, operation.why);
  if (operation.kind == Kind::Delete)
    plan_deletion(*view.find(operation.instance)->pod, operation.reason, operation.why, plan);
}

}  // namespace

Plan plan_postgres(const facts::Facts& facts, const PostgresRecovery& recovery, const resources::Context& context,
                   base::Wall now) {
  Plan plan;
  const auto& observation = facts.seen;
  const auto& view = facts.postgres;
  if (facts::is_left_over(observation, view)) {
    plan_end_of(*observation.child("Lease", context.names().postgres()), context, plan);
    return plan;
  }
  if (facts::is_made_again(observation, view)) {
    look_again(plan, kLookAgain, "the primary makes its Lease again");
    return plan;
  }
  check_recovery(view, recovery, plan);
  check_fenced(context.spec(), view, plan);
  check_parameters(view, plan);
  const auto operation = next_operation(observation, context, view, now, plan.objections);
  plan_lease_marks(observation, context, view, recovery, operation, plan);
  plan_endpoints(observation, context, view, plan);
  plan_instances(context, view, recovery, now, plan);
  carry_out(view, operation, plan);
  if (!plan.objections.empty()) look_again(plan, kLookAgain * 5, "what was refused may become possible");
  return plan;
}

}  // namespace cadence::plan
