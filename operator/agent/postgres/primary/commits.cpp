#include "agent/postgres/primary/commits.hpp"

#include <signal.h>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kSlowDisk{5};         // two rounds of the storage probe and more
constexpr std::chrono::seconds kShut{12};            // one round of the connect probe that hangs, and its pause
constexpr std::chrono::seconds kMeasureInterval{2};  // between two changes of the Lease: each wakes the operator

}  // namespace

Commits::Commits(const World& world, Situation& situation, Server& server)
    : world_(world), situation_(situation), server_(server) {}

void Commits::guard_settings() {
  const auto now = world_.now();
  if (world_.guard.tend_system(now) || world_.guard.tend_logins(now)) server_.signal(SIGHUP);
  if (situation_.is_primary && situation_.report.status.role == "primary")
    world_.guard.tend_roles(world_.files.passwords().logins, now);
  auto& said = situation_.report.status.overridden;
  said = world_.guard.findings(now);
  if (!situation_.is_primary && situation_.is_replay_paused)
    said +=
        (said.empty() ? "" : "; ") +
        std::string("pg_wal_replay_pause() was called, and reads see the data of then: pg_wal_replay_resume() ends it");
}

void Commits::measure(const Answer& answer) {
  auto& status = situation_.report.status;
  if (!situation_.is_primary || status.role != "primary") {
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
  status.unacknowledged = commit_watch_.look(facts, world_.now());
  if (situation_.is_storage_watched && world_.storage.finding().silence > kSlowDisk)
    status.unacknowledged = "a commit waits for the disk, which takes no writes";
  if (status.unacknowledged.empty()) status.unacknowledged = situation_.gone;
  const auto door = world_.door.finding();
  if (status.unacknowledged.empty() && door.silence > kShut)
    status.unacknowledged = "nobody can connect any more" + (door.problem.empty() ? "" : ": " + door.problem);
  status.unprotected = rules::unprotected_by(answer.in_force);
  // A set that was applied a moment ago is in force at the next look; the same strange value twice is nobody's of ours.
  const auto expected = rules::render_synchronous_standby_names(world_.files.applied());
  const bool is_strange = status.synchronous_standby_names != expected;
  const auto names = is_strange ? expected + " " + status.synchronous_standby_names : std::string();
  if (is_strange && names == strange_names_) {
    status.unprotected += (status.unprotected.empty() ? "" : "; ") + std::string("synchronous_standby_names is '") +
                          status.synchronous_standby_names + "' instead of '" + expected + "'";
    world_.files.write_again();
    server_.reload();
  }
  strange_names_ = names;
}

// A quiet cluster's Lease changes by renewals alone, which wake nobody; what is measured here does.
void Commits::tend_measures(const rules::LeaseView& view) {
  const auto& status = situation_.report.status;
  auto settings = status.unprotected;
  if (!status.overridden.empty()) settings += (settings.empty() ? "" : "; ") + status.overridden;
  if (view.unacknowledged == status.unacknowledged && view.settings == settings) return;
  if (!world_.is_due(measured_, kMeasureInterval)) return;
  const auto said = world_.lease.measure(status.unacknowledged, settings);
  if (!said) base::log_warning("Could not write into the Lease what commits meet", {{"error", said.error().message}});
}

}  // namespace cadence::agent::postgres
