#include "cadence/reconcile/reconciler.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "cadence/plan/plan.hpp"
#include "cadence/status/summarise.hpp"

namespace cadence::reconcile {
namespace {

constexpr std::chrono::milliseconds kCacheRetry{100};
constexpr std::chrono::milliseconds kFirstRefusedRetry{1000};
constexpr std::chrono::seconds kRefusedRetry{60};

// The child that an action is about: each has events of its own.
kube::types::ObjectReference child_of(const api::CadenceCluster& cluster, const plan::Action& action) {
  kube::types::ObjectReference out;
  out.kind = action.object.kind;
  out.name = action.object.name;
  out.namespace_ = cluster.metadata.namespace_;
  return out;
}

void tell(kube::control::EventRecorder& events, const api::CadenceCluster& cluster, const plan::Action& action,
          const base::Error* failure) {
  const auto regarding = kube::control::reference_to(cluster);
  if (failure == nullptr) events.normal(regarding, "Reconcile", action.reason, action.why, child_of(cluster, action));
  else events.warning(regarding, "Reconcile", "Failed", failure->message, child_of(cluster, action));
}

void tell(kube::control::EventRecorder& events, const api::CadenceCluster& cluster, const postgres::Failover& story) {
  const auto regarding = kube::control::reference_to(cluster);
  base::log_info("The primary changed",
                 {{"cluster", kube::core::key_of(cluster).to_string()}, {"story", status::to_sentence(story)}});
  if (status::is_planned(story)) events.normal(regarding, "Switchover", "SwitchedOver", status::to_sentence(story));
  else events.warning(regarding, "Failover", "FailedOver", status::to_sentence(story));
}

// Two writers may have met, or the API server was away: neither is the spec's fault, and both pass.
bool is_passing(const base::Error& error) {
  return error.kind == base::ErrorKind::Conflict || error.kind == base::ErrorKind::Transient;
}

bool is_refusal(const base::Error& error) {
  return error.kind == base::ErrorKind::Invalid || error.kind == base::ErrorKind::Forbidden || plan::is_refusal(error);
}

// What was refused stays refused until somebody changes something: as long as it has been so already, so that the
// pauses double.
std::chrono::milliseconds pause_after_refusal(const api::CadenceCluster& cluster, base::Wall now) {
  using std::chrono::milliseconds;
  for (const auto& condition : cluster.status.conditions) {
    if (condition.type != "Degraded" || condition.status != "True") continue;
    const auto since =
        std::chrono::duration_cast<milliseconds>(now - base::parse_rfc3339(condition.last_transition_time));
    return std::clamp(since, kFirstRefusedRetry, milliseconds(kRefusedRetry));
  }
  return kFirstRefusedRetry;
}

}  // namespace

kube::control::ReconcileResult Reconciler::reconcile(const kube::core::ObjectKey& key, std::stop_token stop) {
  using Result = kube::control::ReconcileResult;
  const auto seen = parts_.observer.look(key);
  if (!seen) return Result::done();
  if (!parts_.gate.behind(seen->cluster->metadata.uid).empty()) return Result::after(kCacheRetry);
  const auto observation = parts_.observer.observe(key, stop);
  if (!observation) return Result::done();
  const auto& cluster = *observation->cluster;
  if (!cluster.metadata.deletion_timestamp.empty()) return Result::done();  // owner references take the children

  const facts::Facts facts(*observation);
  const auto plan = plan::make_plan(facts, parts_.images, parts_.clock.wall());
  const auto outcome = apply(plan, cluster, stop);
  const auto reported = report(facts, plan, outcome, stop);

  if (outcome.failure && outcome.failure->error.kind == base::ErrorKind::Conflict) return Result::again();
  if (outcome.failure && is_refusal(outcome.failure->error))
    return Result::after(pause_after_refusal(cluster, parts_.clock.wall()));
  if (outcome.failure) return Result::failed(outcome.failure->error);
  if (!reported) return Result::failed(reported.error());
  if (!outcome.refused.empty()) {
    const auto pause = pause_after_refusal(cluster, parts_.clock.wall());
    return Result::after(plan.requeue_after ? std::min(pause, *plan.requeue_after) : pause);
  }
  return plan.requeue_after ? Result::after(*plan.requeue_after) : Result::done();
}

apply::Outcome Reconciler::apply(const plan::Plan& plan, const api::CadenceCluster& cluster, std::stop_token stop) {
  const auto& uid = cluster.metadata.uid;
  apply::Surroundings around;
  around.run_redis = [&](const redis::plan::Command& command) {
    return parts_.run_redis(kube::core::key_of(cluster), command, stop);
  };
  around.remembered = [&](const std::string& name) {
    return parts_.observer.remembered(kube::core::key_of(cluster), name);
  };
  around.wrote = [&](const kube::core::KindInfo& kind, const json::Value& object) {
    parts_.gate.wrote(uid, cluster.metadata.namespace_, kind.kind,
                      json::string_at(object, {"metadata", "resourceVersion"}));
  };
  around.removed = [&](const kube::core::KindInfo& kind, const std::string& removed_uid) {
    parts_.gate.removed(uid, kind.kind, removed_uid);
  };
  around.finished = [&](const plan::Action& action, const base::Error* failure) {
    if (failure != nullptr && failure->kind == base::ErrorKind::Canceled) return;
    const auto name = kube::core::key_of(cluster).to_string();
    if (failure == nullptr) base::log_info(action.why, {{"cluster", name}, {"object", action.object.to_string()}});
    else if (is_refusal(*failure))
      base::log_warning("The API server refused a write",
                        {{"cluster", name}, {"object", action.object.to_string()}, {"error", failure->message}});
    if (failure == nullptr || !is_passing(*failure)) tell(parts_.events, cluster, action, failure);
  };
  return applier_.run(plan, cluster.metadata.namespace_, around, stop);
}

base::Result<void> Reconciler::report(const facts::Facts& facts, const plan::Plan& plan, const apply::Outcome& outcome,
                                      std::stop_token stop) {
  const auto& cluster = *facts.seen.cluster;
  status::Report told;
  if (outcome.failure) told = {true, outcome.failure->object, outcome.failure->error};
  told.refused = outcome.refused;
  told.waiting = outcome.waiting;
  told.done = outcome.first_done;
  const auto status = json::encode(status::summarise(facts, plan, told, parts_.clock.wall()));
  if (status == json::encode(cluster.status)) return {};
  const auto& kind = api::CadenceCluster::kind_info();
  const json::Value document{
      {"apiVersion", kind.api_version()},
      {"kind", kind.kind},
      {"metadata",
       {{"name", cluster.metadata.name}, {"namespace", cluster.metadata.namespace_}, {"uid", cluster.metadata.uid}}},
      {"status", status}};
  auto written =
      parts_.client.apply_status(kind, kube::core::key_of(cluster), document, apply::kStatusFieldManager, stop);
  if (!written) return written.error();
  parts_.gate.wrote(cluster.metadata.uid, cluster.metadata.namespace_, kind.kind,
                    json::string_at(*written, {"metadata", "resourceVersion"}));
  if (const auto story = status::fresh_failover(facts.seen)) tell(parts_.events, cluster, *story);
  return {};
}

}  // namespace cadence::reconcile
