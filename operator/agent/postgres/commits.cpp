// What a commit would meet on this server now: measured, held to what was asked for, and told to the operator.
#include <signal.h>

#include "agent/postgres/agent.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kSlowDisk{5};         // two rounds of the storage probe and more
constexpr std::chrono::seconds kShut{12};            // one round of the connect probe that hangs, and its pause
constexpr std::chrono::seconds kMeasureInterval{2};  // between two changes of the Lease: each wakes the operator

}  // namespace

void Agent::guard_settings() {
  const auto now = Clock::now();
  if (guard_.tend_system(now) || guard_.tend_logins(now)) signal_server(SIGHUP);
  if (is_primary_ && report_.status.role == "primary") guard_.tend_roles(files_.passwords().logins, now);
  auto& said = report_.status.overridden;
  said = guard_.findings(now);
  if (!is_primary_ && is_replay_paused_)
    said +=
        (said.empty() ? "" : "; ") +
        std::string("pg_wal_replay_pause() was called, and reads see the data of then: pg_wal_replay_resume() ends it");
}

void Agent::measure_commits(const Probe::Answer& answer) {
  auto& status = report_.status;
  if (!is_primary_ || status.role != "primary") {
    commit_watch_.forget();
    strange_names_.clear();
    return;
  }
  rules::CommitFacts facts{status.synchronous_standby_names, answer.flushed, {}};
  for (const auto& row : status.replication) {
    if (row.state == "streaming" && (row.sync_state == "quorum" || row.sync_state == "sync")) {
      facts.counted.push_back({row.name, rules::parse_lsn(row.confirmed_lsn).value_or(0)});
    }
  }
  status.unacknowledged = commit_watch_.look(facts, Clock::now());
  if (is_storage_watched_ && storage_probe_.silence() > kSlowDisk)
    status.unacknowledged = "a commit waits for the disk, which takes no writes";
  if (status.unacknowledged.empty()) status.unacknowledged = gone_;
  const auto door = connect_probe_.finding();
  if (status.unacknowledged.empty() && door.silence > kShut)
    status.unacknowledged = "nobody can connect any more" + (door.problem.empty() ? "" : ": " + door.problem);
  status.unprotected = rules::unprotected_by(answer.in_force);
  // A set that was applied a moment ago is in force at the next look; the same strange value twice is nobody's of ours.
  const auto expected = rules::render_synchronous_standby_names(files_.applied());
  const bool is_strange = status.synchronous_standby_names != expected;
  const auto names = is_strange ? expected + " " + status.synchronous_standby_names : std::string();
  if (is_strange && names == strange_names_) {
    status.unprotected += (status.unprotected.empty() ? "" : "; ") + std::string("synchronous_standby_names is '") +
                          status.synchronous_standby_names + "' instead of '" + expected + "'";
    files_.write_again();
    reload();
  }
  strange_names_ = names;
}

// A quiet cluster's Lease changes by renewals alone, which wake nobody; what is measured here does.
void Agent::tend_measures(const rules::LeaseView& view) {
  const auto& status = report_.status;
  auto settings = status.unprotected;
  if (!status.overridden.empty()) settings += (settings.empty() ? "" : "; ") + status.overridden;
  if (view.unacknowledged == status.unacknowledged && view.settings == settings) return;
  if (!is_due(measured_, kMeasureInterval)) return;
  const auto said = keeper_.amend(
      [&](json::Value lease) { return rules::measured(std::move(lease), status.unacknowledged, settings); });
  if (!said) base::log_warning("Could not write into the Lease what commits meet", {{"error", said.error().message}});
}

}  // namespace cadence::agent::postgres
