#include "cadence/plan/plan.hpp"

#include <algorithm>

#include "cadence/api/object_keys.hpp"
#include "cadence/facts/accounts.hpp"
#include "cadence/facts/load_balancer.hpp"
#include "cadence/plan/absent_kinds.hpp"
#include "cadence/plan/common/additions.hpp"
#include "cadence/plan/common/children.hpp"
#include "cadence/plan/common/dependence.hpp"
#include "cadence/plan/common/troubles.hpp"
#include "cadence/plan/common/volume_owners.hpp"
#include "cadence/plan/load_balancer/mount_marks.hpp"
#include "cadence/plan/ownership.hpp"
#include "cadence/plan/postgres/postgres.hpp"
#include "cadence/plan/postgres/volumes.hpp"
#include "cadence/plan/redis/redis.hpp"
#include "cadence/plan/references.hpp"
#include "cadence/plan/removals.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/plan/stand_ins.hpp"
#include "cadence/plan/webhook/scale.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

void note_gaps(const api::CadenceClusterSpec& spec, Plan& plan) {
  plan.gaps.push_back({"Backup", "Backups are not built yet: spec.backup is accepted and has no effect."});
  if (spec.region)
    plan.gaps.push_back({"Region", "Regions are not built yet: spec.region is accepted and has no effect."});
  const auto lacks = [&](const std::string& message) { plan.objections.push_back({kNotImplemented, message}); };
  if (spec.load_balancer.type == "Nginx") lacks("spec.loadBalancer.type: Nginx is not built yet: set it to HAProxy.");
}

// The schema refuses them now; a cluster from before it did may still have some.
void note_own_keys(const api::PodTemplate& wanted, Plan& plan) {
  const auto object = [&](const char* field, const std::string& key) {
    plan.objections.push_back({"InvalidSpec", "spec.podTemplate." + std::string(field) + "[" + key +
                                                  "] is the operator's own and has no effect: remove it."});
  };
  for (const auto& [key, value] : wanted.labels) {
    if (api::is_own_label(key)) object("labels", key);
  }
  for (const auto& [key, value] : wanted.annotations) {
    if (api::is_own_annotation(key)) object("annotations", key);
  }
}

// What is to be done to components of which something could not be seen.
void leave_alone(const std::set<std::string>& components, Plan& plan) {
  const auto is_left = [&](const Action& action) { return components.contains(action.component); };
  const auto rest = plan.actions.begin() + static_cast<std::ptrdiff_t>(plan.first);
  plan.actions.erase(std::remove_if(rest, plan.actions.end(), is_left), plan.actions.end());
}

}  // namespace

Plan make_plan(const facts::Facts& facts, const resources::Images& images, base::Wall now) {
  Plan plan;
  const auto& observation = facts.seen;
  const auto& cluster = *observation.cluster;
  for (const auto& error : api::validate_spec(cluster.spec))
    plan.invalid.push_back({{"path", error.path}, {"problem", error.problem}});
  note_gaps(cluster.spec, plan);
  note_own_keys(cluster.spec.pod_template, plan);
  auto references = check_references(observation);
  add(plan, std::move(references.part));
  add(plan, note_troubles(observation, now));
  const auto recovery = recovery_of(observation, facts.postgres);
  plan.postgres_recovery = to_sentences(recovery);
  if (!plan.invalid.empty() || cluster.spec.paused || !cluster.metadata.deletion_timestamp.empty()) return plan;

  const auto unclear = take_back(observation, plan);
  if (unclear.contains("")) return plan;
  resources::Context context{cluster, images};
  context.postgres_claims = claims_of(observation, facts.postgres, plan.objections);
  context.held_webhook_replicas = held_webhook_replicas(observation);
  context.operator_namespace = observation.operator_namespace;
  context.lb_account_made = facts::load_balancers_next_account(observation);
  context.keeps_haproxy = facts::keeps_haproxy(observation);
  context.redis_shards = facts.redis.shards;
  context.stand_ins = stand_ins(observation);
  context.mounted_uids = mounted_uids(observation, context.stand_ins);
  auto documents = all_documents(context);
  add(plan, leave_out_absent(observation, documents));
  // Before all else: a full volume keeps the rest from working.
  add(plan, plan_postgres_volumes(facts, recovery, context));
  plan_volume_owners(observation, context, plan);
  auto secrets = plan_secrets(facts, now);
  mark_replacements(observation, secrets.part);
  add(plan, std::move(secrets.part));
  auto copies = plan_stand_ins(observation, context.stand_ins);
  mark_replacements(observation, copies.part);
  add(plan, std::move(copies.part));
  const bool may_start = secrets.is_complete && copies.is_complete;
  add(plan, plan_children(observation, documents, {may_start, std::move(references.waiting)}));
  add(plan, plan_additions(observation, documents, now));
  if (secrets.is_complete) add(plan, plan_rotations(facts, now));
  if (may_start && !unclear.contains(resources::kPostgres)) add(plan, plan_postgres(facts, recovery, context, now));
  if (!unclear.contains(resources::kRedis)) add(plan, plan_redis(facts));
  add(plan, plan_removals(observation, documents, plan.held));
  add(plan, remove_failed_pods(observation));
  add(plan, plan_mount_marks(observation));
  spare_others(observation, plan);
  note_dependence(observation, plan);
  leave_alone(unclear, plan);
  return plan;
}

}  // namespace cadence::plan
