#include "cadence/facts/recovery.hpp"

namespace cadence::facts {
namespace {

using Content = postgres::VolumeReport::Content;
using Kind = postgres::RecoveryDecision::Kind;

// A pod of an earlier life may still answer while it is taken away.
bool is_of_this_life(const Observation& observation, const PostgresInstance& instance) {
  if (!instance.exists() || instance.is_going()) return false;
  for (const auto& owner : instance.pod->metadata.owner_references) {
    if (owner.uid == observation.cluster->metadata.uid) return true;
  }
  return false;
}

std::string why_unknown(const PostgresInstance& instance) {
  if (instance.is_fenced) return "fenced: take it out of spec.postgres.fenced";
  if (!instance.exists() || instance.is_going()) return "its pod is not there yet";
  if (instance.report == nullptr)
    return "its pod does not answer, phase " +
           (instance.pod->status.phase.empty() ? "unknown" : instance.pod->status.phase);
  return instance.report->message;
}

postgres::VolumeReport ask(const Observation& observation, const PostgresInstance& instance) {
  postgres::VolumeReport out;
  out.instance = instance.name;
  out.why = why_unknown(instance);
  if (instance.report == nullptr || instance.is_fenced || !is_of_this_life(observation, instance)) return out;
  const auto& report = *instance.report;
  out.system_identifier = report.system_identifier;
  if (report.volume == postgres::kVolumeEmpty) out.content = Content::Empty;
  if (report.volume == postgres::kVolumeStale) out.content = Content::Stale;
  if (report.volume == postgres::kVolumeUnusable) out.content = Content::Unusable;
  const auto end = postgres::parse_lsn(report.log_end);
  if (report.volume != postgres::kVolumeDatabase || !end || report.role != "standby") return out;
  out.content = Content::Database;
  out.timeline = report.log_timeline;
  out.end = *end;
  return out;
}

// Volume 1 alone needs nobody's word, unless it is a standby's: the primary's is gone, and this one is all there is.
bool has_volumes_to_ask(const PostgresView& view) {
  for (const auto& instance : view.instances) {
    if (!instance.has_volume && !instance.is_volume_going) continue;
    if (instance.number != 1) return true;
    if (instance.report != nullptr && instance.report->volume == postgres::kVolumeDatabase &&
        instance.report->role == "standby")
      return true;
  }
  return false;
}

}  // namespace

bool is_made_again(const Observation& observation, const PostgresView& view) {
  if (observation.postgres_lease) return false;
  for (const auto& instance : view.instances) {
    if (instance.report != nullptr && instance.report->role == "primary" && is_of_this_life(observation, instance))
      return true;
  }
  return false;
}

PostgresRecovery recovery_of(const Observation& observation, const PostgresView& view) {
  PostgresRecovery out;
  if (view.is_initialised || is_made_again(observation, view)) return out;
  const auto said = lease_annotation(observation, postgres::kRecoverFromAnnotation);
  out.is_due = !said.empty() || has_volumes_to_ask(view);
  if (!out.is_due) return out;
  const auto* chosen = view.find(view.primary.empty() ? said : view.primary);
  if (chosen != nullptr && (chosen->has_volume || !view.primary.empty())) {
    out.decision = {Kind::Recover, chosen->name, chosen->name + " brings the database back"};
    return out;
  }
  std::vector<postgres::VolumeReport> reports;
  for (const auto& instance : view.instances) {
    if (instance.has_volume) reports.push_back(ask(observation, instance));
  }
  out.decision = postgres::choose_volume(reports);
  return out;
}

std::string to_sentences(const PostgresRecovery& recovery) {
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

bool is_left_over(const Observation& observation, const PostgresView& view) {
  if (!view.is_initialised) return false;
  const auto* live = observation.child("Lease", names::Names(observation.cluster->metadata.name).postgres());
  if (live == nullptr || live->is_going() || live->is_owned_by(observation.cluster->metadata.uid)) return false;
  for (const auto& instance : view.instances) {
    if (instance.exists()) return false;
  }
  return true;
}

}  // namespace cadence::facts
