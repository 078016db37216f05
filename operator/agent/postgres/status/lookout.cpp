#include "agent/postgres/status/lookout.hpp"

#include <utility>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kLimitsInterval{10};

}  // namespace

Lookout::Lookout(const World& world, Situation& situation, Display& display, Server& server, Commits& commits)
    : world_(world), situation_(situation), display_(display), server_(server), commits_(commits) {}

void Lookout::look_at_server() {
  auto answer = world_.server.ask();
  auto& report = situation_.report;
  report.is_accepting = answer.is_ok();
  if (!answer) {
    const bool has_served = report.status.role != "starting";
    report.status.is_writable = report.status.is_streaming = false;
    display_.show(report.status.state,
                  (has_served ? "the server does not answer: " : "the server is not ready: ") + answer.error().message);
    return;
  }
  situation_.failed_starts = 0;
  const bool is_holding = world_.lease.is_holding();
  const std::string closed = !answer->status.is_writable ? "transactions are read-only (default_transaction_read_only)"
                             : is_holding                ? "the Lease was not renewed in time"
                                                         : "the Lease is not held";
  take_over(std::move(answer->status));
  tell_log_end();
  commits_.guard_settings();
  commits_.measure(*answer);
  describe(closed);
}

// All that the server says of itself; the rest is ours to say, and stays.
void Lookout::take_over(rules::InstanceStatus status) {
  auto& now = situation_.report.status;
  status.instance = world_.options.instance;
  status.message = now.message;
  status.blocked = now.blocked;
  status.config_hash = now.config_hash;
  status.config_error = now.config_error;
  status.roles_hash = now.roles_hash;
  status.oldest_lsn = now.oldest_lsn;
  status.strange_slots = now.strange_slots;
  status.disk = now.disk;
  status.wal_disk = now.wal_disk;
  status.volume = now.volume;
  status.is_writable = status.is_writable && world_.lease.is_holding() && world_.fence.may_write();
  situation_.report.has_streamed = situation_.report.has_streamed || status.is_streaming;
  now = std::move(status);
}

void Lookout::describe(const std::string& closed) {
  const auto& now = situation_.report.status;
  if (situation_.is_primary) {
    display_.show("Primary", !now.is_writable             ? "not accepting writes: " + closed
                             : now.unacknowledged.empty() ? "accepting writes"
                                                          : now.unacknowledged);
  } else if (world_.commitment.is_disarmed()) {
    display_.show("Disarmed", now.blocked.empty() ? "let go of the lost primary for an election"
                                                  : "election blocked: " + now.blocked);
  } else {
    display_.show("Standby", describe_standby());
  }
}

std::string Lookout::describe_standby() const {
  const auto& s = situation_;
  const auto view = world_.lease.view();
  const bool is_looked_for = view && view->is_recovering() && s.followed.empty();
  if (s.report.status.is_streaming) return "streaming from " + s.followed;
  if (is_looked_for) return "reading the log, to tell where it ends";
  if (s.is_ahead && view)
    return "its log may go beyond what " + view->holder + " had when it was elected: the two are compared first";
  if (s.report.is_uncompared)
    return "stands for election with the log of its own reign: its successor was lost before the two were compared";
  return s.stream_problem.empty() ? "recovering, not connected to a primary" : s.stream_problem;
}

// No Lease tells who has the newest data: ours is compared by its end. Said only when all the log that lies here was
// read.
void Lookout::tell_log_end() {
  auto& now = situation_.report.status;
  const auto view = world_.lease.view();
  const auto last = std::exchange(log_end_, 0);
  if (situation_.is_primary || !view || !view->system_identifier.empty() || now.is_streaming) return;
  const auto is_read = world_.server.is_log_read();
  const auto end = world_.server.log_end();
  if (!is_read || !*is_read || !end) return;
  log_end_ = end->end();
  if (log_end_ != last) return;
  now.log_end = rules::format_lsn(log_end_);
  now.log_timeline = end->timeline;
}

void Lookout::tend_files() {
  if (auto served = world_.peers.refresh(); !served)
    base::log_warning("Kept the old certificate for peers", {{"error", served.error().message}});
  if (!situation_.is_primary && world_.files.has_decrease() && world_.is_due(checked_limits_, kLimitsInterval)) {
    if (const auto data = world_.volume.inspect()) world_.files.keep_at_least(data->limits);
  }
  world_.peers.want(world_.others());
  server_.reload();
}

}  // namespace cadence::agent::postgres
