#include "cadence/plan/postgres/recovery.hpp"

namespace cadence::plan {

using Kind = postgres::RecoveryDecision::Kind;

PostgresRecovery recovery_of(const facts::Observation& observation, const facts::PostgresView& view) {
  PostgresRecovery out;
  if (view.is_initialised || facts::is_made_again(observation, view)) return out;
  const auto said = facts::lease_annotation(observation, postgres::kRecoverFromAnnotation);
  out.is_due = !said.empty() || facts::has_volumes_to_ask(view);
  if (!out.is_due) return out;
  const auto* chosen = view.find(view.primary.empty() ? said : view.primary);
  if (chosen != nullptr && (chosen->has_volume || !view.primary.empty()))
    out.decision = {Kind::Recover, chosen->name, chosen->name + " brings the database back"};
  else out.decision = postgres::choose_volume(facts::volume_reports(observation, view));
  return out;
}

std::string to_sentences(const PostgresRecovery& recovery) {
  if (!recovery.is_due) return {};
  const auto& decision = recovery.decision;
  const std::string begin = "There are volumes from before this CadenceCluster was created: ";
  switch (decision.kind) {
    case Kind::Wait:
      return begin +
             "each is asked how much of the data it has, and the one with the newest becomes primary. Waits for " +
             decision.why +
             ". If a volume is gone for good, delete its PersistentVolumeClaim: what only it held is lost then.";
    case Kind::Blocked:
      return begin + decision.why +
             ". Nothing is changed on them. Name those that the database can do without: label their "
             "PersistentVolumeClaims " +
             names::kSetAsideLabel + "=true (they are kept), or delete them.";
    case Kind::Recover:
    case Kind::Initialise:
      return begin + decision.why + ".";
  }
  return begin;
}

}  // namespace cadence::plan
