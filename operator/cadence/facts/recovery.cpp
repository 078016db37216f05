#include "cadence/facts/recovery.hpp"

namespace cadence::facts {
namespace {

using Content = postgres::VolumeReport::Content;

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

}  // namespace

std::vector<postgres::VolumeReport> volume_reports(const Observation& observation, const PostgresView& view) {
  std::vector<postgres::VolumeReport> out;
  for (const auto& instance : view.instances) {
    if (instance.has_volume) out.push_back(ask(observation, instance));
  }
  return out;
}

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

bool is_made_again(const Observation& observation, const PostgresView& view) {
  if (observation.postgres_lease) return false;
  for (const auto& instance : view.instances) {
    if (instance.report != nullptr && instance.report->role == "primary" && is_of_this_life(observation, instance))
      return true;
  }
  return false;
}

bool is_left_over(const Observation& observation, const PostgresView& view) {
  if (!view.is_initialised) return false;
  const auto* live = observation.child("Lease", names::Names(observation.cluster->metadata.name).postgres());
  if (live == nullptr || live->is_owned_by(observation.cluster->metadata.uid)) return false;
  for (const auto& instance : view.instances) {
    if (instance.exists()) return false;
  }
  return true;
}

}  // namespace cadence::facts
