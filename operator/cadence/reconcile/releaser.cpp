#include "cadence/reconcile/releaser.hpp"

#include "base/log.hpp"
#include "cadence/plan/postgres/failover.hpp"

namespace cadence::reconcile {
namespace {

constexpr std::chrono::milliseconds kRetry{20};  // the last renewal may have been under way

}  // namespace

kube::control::ReconcileResult Releaser::release(const kube::core::ObjectKey& key, std::stop_token stop) {
  using Result = kube::control::ReconcileResult;
  const auto observation = parts_.observer.look(key);
  if (!observation) return Result::done();
  const auto action = plan::plan_release(*observation, parts_.clock.wall());
  if (!action || !is_confirmed(*observation, stop)) return Result::done();

  plan::Plan plan;
  plan.actions.push_back(*action);
  const auto& cluster = *observation->cluster;
  apply::Surroundings around;
  around.wrote = [&](const kube::core::KindInfo& kind, const json::Value& object) {
    parts_.gate.wrote(cluster.metadata.uid, cluster.metadata.namespace_, kind.kind,
                      json::string_at(object, {"metadata", "resourceVersion"}));
  };
  around.finished = [&](const plan::Action& done, const base::Error* failure) {
    if (failure != nullptr) return;
    base::log_info(done.why, {{"cluster", key.to_string()}, {"object", done.object.to_string()}});
    parts_.events.warning(kube::control::reference_to(cluster), "Failover", done.reason, done.why);
  };
  const auto outcome = applier_.run(plan, cluster.metadata.namespace_, around, stop);
  if (!outcome.refused.empty()) return Result::failed({base::ErrorKind::Forbidden, outcome.refused.front().message});
  if (!outcome.failure) return Result::done();
  if (outcome.failure->error.kind == base::ErrorKind::Conflict) return Result::after(kRetry);
  return Result::failed(outcome.failure->error);
}

// A pod that is missing from the cache may only be unknown to it yet: the API server is asked. An end that the kubelet
// reported stays true.
bool Releaser::is_confirmed(const facts::Observation& observation, std::stop_token stop) {
  const auto view = facts::view_postgres(observation);
  for (const auto& [name, pod] : observation.pods) {
    if (pod->metadata.uid == view.holder_uid) return true;
  }
  const auto found =
      parts_.client.get<kube::types::Pod>({observation.cluster->metadata.namespace_, view.primary}, stop);
  if (!found) return found.error().kind == base::ErrorKind::NotFound;
  return found->metadata.uid != view.holder_uid;
}

}  // namespace cadence::reconcile
