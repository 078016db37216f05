#include "agent/postgres/agent.hpp"

#include <signal.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/log.hpp"
#include "base/memory.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::milliseconds kRound{200};
constexpr std::chrono::milliseconds kElectionRound{20};
constexpr std::chrono::milliseconds kProbeInterval{1000};
constexpr std::chrono::seconds kDiskInterval{10};
constexpr std::chrono::seconds kLimitsInterval{10};
constexpr std::chrono::seconds kTrimInterval{60};
constexpr std::chrono::seconds kImmediateStop{5};
constexpr std::chrono::seconds kKill{1};

constexpr std::int64_t kFull = 16 << 20;  // bytes; a segment of the log, which PostgreSQL takes at once

bool is_full(const rules::DiskUse& use) { return use.size_bytes > 0 && use.free_bytes < kFull; }

rules::DiskUse measure(const std::string& folder) {
  struct statvfs volume {};
  if (::statvfs(folder.c_str(), &volume) != 0) return {};
  return {static_cast<std::int64_t>(volume.f_blocks * volume.f_frsize),
          static_cast<std::int64_t>(volume.f_bavail * volume.f_frsize)};
}

}  // namespace

Agent::Agent(const Options& options, Children& children, LeaseClient& lease_client, Board& board)
    : options_(options),
      children_(children),
      board_(board),
      addresses_(options),
      watchdog_(options.timing),
      commitment_(options),
      peers_(options, addresses_),
      mark_(options),
      keeper_(lease_client, options, watchdog_,
              {[] { Children::wake(); },
               [this](const rules::LeaseView& view) {
                 const auto& set = view.synchronous;
                 // Off: whoever may be elected must agree. Else as many as a commit needs: the rest is no quorum.
                 const auto needed = set.number > 0                            ? static_cast<std::size_t>(set.number)
                                     : set.mode == rules::SynchronousMode::Off ? set.names.size()
                                                                               : 0;
                 // Where nobody else could be elected, a pod that replaces ours could still take over this volume.
                 return mark_.is_ours() && (needed == 0 || peers_.promise(set.names, view.transitions) >= needed);
               }}),
      calls_([] { Children::wake(); }),
      peer_server_(
          options, calls_, commitment_, board, [this] { return keeper_.view(); },
          [this](const std::string& instance, const std::string& address) {
            if (!addresses_.learn(instance, address)) return;
            has_moved_ = true;
            Children::wake();
          }),
      volume_(options, children),
      files_(options, addresses_, [this](const std::string& path) { return volume_.check_settings(path); }),
      probe_(options),
      guard_(options, probe_),
      storage_probe_(options),
      connect_probe_(options) {
  report_.status.instance = options.instance;
  show("Starting", "starting");
}

bool Agent::is_due(Clock::time_point& last, std::chrono::milliseconds every) {
  const auto now = Clock::now();
  if (last != Clock::time_point{} && now - last < every) return false;
  last = now;
  return true;
}

std::vector<std::string> Agent::others() const {
  std::vector<std::string> out;
  for (const auto& name : files_.instances()) {
    if (name != options_.instance) out.push_back(name);
  }
  return out;
}

void Agent::show(std::string state, std::string message) {
  if (message != report_.status.message) base::log_info("Changed state", {{"state", state}, {"message", message}});
  report_.status.state = std::move(state);
  report_.status.message = std::move(message);
  if (postmaster_ == 0) {
    report_.status.role =
        report_.status.state == "Fenced" || report_.status.state == "Stopping" ? "stopped" : "starting";
    report_.is_accepting = report_.has_streamed = report_.status.is_writable = report_.status.is_streaming = false;
    report_.status.replication.clear();
  }
  refresh_report();
}

void Agent::refresh_report() {
  const auto view = keeper_.view();
  // While the newest data is looked for, ours may be behind: it is not served.
  report_.is_primary_known = view && (!view->holder.empty() || view->is_recovering());
  report_.is_lease_held = keeper_.is_holding();
  report_.lease_left = watchdog_.time_left();
  report_.at = Clock::now();
  report_.status.config_hash = files_.config_hash();
  report_.status.config_error = files_.config_error();
  const auto& passwords = files_.passwords();
  report_.status.application_login = passwords.application.empty() ? "" : passwords.logins.user;
  if (is_due(measured_disk_, kDiskInterval)) measure_volumes();
  board_.put(report_);
}

void Agent::measure_volumes() {
  report_.status.disk = measure(options_.data_volume());
  report_.status.wal_disk = options_.wal_volume.empty() ? rules::DiskUse{} : measure(options_.wal_volume);
}

// While a program of ours runs: the world sees that we live, and peers are not kept waiting.
void Agent::tick() {
  refresh_report();
  answer_calls();
}

Agent::Ending Agent::supervise() {
  while (true) {
    children_.wait(campaign_ ? kElectionRound : kRound);
    answer_calls();
    if (const auto status = children_.status_of(postmaster_)) return server_ended(*status);
    if (children_.is_stop_requested()) return leave(SIGINT, {options_.instance + " was stopped", {}, ""});
    const auto view = keeper_.view();
    if (view) {
      if (!view->holder_address.empty() && view->holder != options_.instance)
        addresses_.learn(view->holder, view->holder_address);
      if (const auto ending = obey(*view)) return *ending;
      if (const auto ending = is_primary_ ? reign(*view) : stand_by(*view)) return *ending;
    }
    if (is_due(looked_, kProbeInterval)) {
      look_at_server();
      tend_files();
      const bool is_settled = is_primary_ ? is_primary_ready(report_) : report_.is_accepting;
      // Starting, electing and rewinding need code that a quiet minute does not.
      if (is_settled && is_due(trimmed_, kTrimInterval)) base::drop_startup_pages();
    }
    refresh_report();
  }
}

// What people or the operator ask for by the Lease.
std::optional<Agent::Ending> Agent::obey(const rules::LeaseView& view) {
  if (view.is_fenced(options_.instance)) {
    base::log_info("Stopping the server: this instance was fenced by hand");
    return leave(SIGINT, {options_.instance + " was fenced", {}, ""});
  }
  if (view.restart_instance != options_.instance) {
    has_seen_restart_ = true;
    return std::nullopt;
  }
  // What was asked before this process began is done: its server is newer.
  // One that a standby has done is another one for a primary, which keeps its parameters in other ways.
  const auto asked = view.restart_token + (is_primary_ ? " primary" : " standby");
  if (!std::exchange(has_seen_restart_, true)) restarted_for_ = asked;
  if (asked == restarted_for_ || !report_.is_accepting) return std::nullopt;
  restarted_for_ = asked;
  base::log_info("Restarting the server in place", {{"token", view.restart_token}});
  show("Stopping", "restarting for parameters that need it");
  stop_server(SIGINT);
  return Ending::Again;  // the Lease stays: a primary resumes
}

void Agent::look_at_server() {
  auto answer = probe_.ask();
  report_.is_accepting = answer.is_ok();
  if (answer) failed_starts_ = 0;
  if (!answer) {
    const bool has_served = report_.status.role != "starting";
    report_.status.is_writable = report_.status.is_streaming = false;
    show(report_.status.state,
         (has_served ? "the server does not answer: " : "the server is not ready: ") + answer.error().message);
    return;
  }
  auto& now = report_.status;
  auto* status = &answer->status;
  status->instance = options_.instance;
  status->message = now.message;
  status->blocked = now.blocked;
  status->config_hash = now.config_hash;
  status->config_error = now.config_error;
  status->roles_hash = now.roles_hash;
  status->oldest_lsn = now.oldest_lsn;
  status->disk = now.disk;
  status->wal_disk = now.wal_disk;
  status->volume = now.volume;
  const std::string closed = !status->is_writable   ? "transactions are read-only (default_transaction_read_only)"
                             : keeper_.is_holding() ? "the Lease was not renewed in time"
                                                    : "the Lease is not held";
  status->is_writable = status->is_writable && keeper_.is_holding() && watchdog_.may_write();
  report_.has_streamed = report_.has_streamed || status->is_streaming;
  now = std::move(*status);
  tell_log_end();
  guard_settings();
  measure_commits(*answer);
  if (is_primary_) {
    show("Primary", !now.is_writable             ? "not accepting writes: " + closed
                    : now.unacknowledged.empty() ? "accepting writes"
                                                 : now.unacknowledged);
  } else if (commitment_.is_disarmed()) {
    show("Disarmed",
         now.blocked.empty() ? "let go of the lost primary for an election" : "election blocked: " + now.blocked);
  } else {
    const auto view = keeper_.view();
    const bool is_looked_for = view && view->is_recovering() && followed_.empty();
    show("Standby",
         now.is_streaming ? "streaming from " + followed_
         : is_looked_for  ? "reading the log, to tell where it ends"
         : is_ahead_ && view
             ? "its log may go beyond what " + view->holder + " had when it was elected: the two are compared first"
         : report_.is_uncompared
             ? "stands for election with the log of its own reign: its successor was lost before the two were compared"
         : !stream_problem_.empty() ? stream_problem_
                                    : "recovering, not connected to a primary");
  }
}

// No Lease tells who has the newest data: ours is compared by its end. Said only when all the log that lies here was
// read.
void Agent::tell_log_end() {
  auto& now = report_.status;
  const auto view = keeper_.view();
  const auto last = std::exchange(log_end_, 0);
  if (is_primary_ || !view || !view->system_identifier.empty() || now.is_streaming) return;
  const auto is_read = probe_.is_log_read();
  const auto end = probe_.log_end();
  if (!is_read || !*is_read || !end) return;
  log_end_ = end->end();
  if (log_end_ != last) return;
  now.log_end = rules::format_lsn(log_end_);
  now.log_timeline = end->timeline;
}

void Agent::tend_files() {
  if (auto served = peer_server_.refresh(); !served)
    base::log_warning("Kept the old certificate for peers", {{"error", served.error().message}});
  if (!is_primary_ && files_.has_decrease() && is_due(checked_limits_, kLimitsInterval)) {
    if (const auto data = volume_.inspect()) files_.keep_at_least(data->limits);
  }
  addresses_.want(others());
  reload();
}

void Agent::reload() {
  const auto changed = files_.refresh();
  if (!changed) {
    base::log_warning("Kept the old settings", {{"error", changed.error().message}});
    return;
  }
  if (*changed) signal_server(SIGHUP);
}

void Agent::signal_server(int signal) const {
  if (postmaster_ > 0) ::kill(postmaster_, signal);
}

// Harder by and by. The Lease is renewed all the while: the server may write until it is gone.
Agent::Stopped Agent::stop_server(int first_signal) {
  probe_.forget();
  storage_probe_.stop();
  connect_probe_.stop();
  campaign_.reset();
  signal_server(first_signal);
  const auto patience = [this](int signal) {
    return signal == SIGINT ? std::chrono::milliseconds(options_.stop_timeout)
                            : std::chrono::milliseconds(signal == SIGQUIT ? kImmediateStop : kKill);
  };
  auto sent = first_signal;
  auto deadline = Clock::now() + patience(sent);
  std::optional<int> status;
  int kills = 0;
  while (!(status = children_.status_of(postmaster_)) && kills < 2) {
    children_.wait(kRound);
    report_.status.is_writable = false;
    tick();
    if (Clock::now() < deadline) continue;
    sent = sent == SIGINT ? SIGQUIT : SIGKILL;
    kills += sent == SIGKILL ? 1 : 0;
    signal_server(sent);
    deadline = Clock::now() + patience(sent);
  }
  postmaster_ = 0;
  // What hangs in a dead disk is not reaped; killed, it never runs a line of its own again.
  children_.kill_rest(status ? std::chrono::seconds(10) : std::chrono::seconds(1));
  watchdog_.disarm();
  Stopped out;
  const bool has_fired = watchdog_.take_fired();
  if (status == 0 && first_signal == SIGINT && !has_fired) {
    if (auto data = volume_.inspect()) out.data = std::move(*data);
    out.is_clean = out.data.is_cleanly_stopped;
  }
  base::log_info("Stopped the server", {{"status", status ? describe_status(*status) : "killed, not reaped"},
                                        {"clean", out.is_clean ? "yes" : "no"}});
  return out;
}

// Stops and lets others have the Lease. Exit when the process shall end as well.
Agent::Ending Agent::leave(int signal, const rules::Release& release) {
  show("Stopping", release.because);
  const auto stopped = stop_server(signal);
  if (keeper_.is_holding()) {
    auto said = release;
    if (stopped.is_clean && is_primary_)
      said.shutdown = rules::LogPoint{stopped.data.checkpoint, stopped.data.timeline};
    if (!stopped.is_clean) said.handover_to.clear();
    said.was_never_promoted = !is_primary_ && volume_.is_standby();
    if (const auto released = keeper_.release(said); !released)
      base::log_warning("Could not release the Lease", {{"error", released.error().message}});
  }
  show("Stopping", "stopped");
  return children_.is_stop_requested() ? Ending::Exit : Ending::Again;
}

Agent::Ending Agent::server_ended(int status) {
  postmaster_ = 0;
  probe_.forget();
  storage_probe_.stop();
  connect_probe_.stop();
  campaign_.reset();
  report_.is_accepting = report_.status.is_writable = false;
  // A full volume may soon have room again, when another leads and ours is copied again; then nothing else tells what
  // happened.
  measure_volumes();
  const std::string cause = is_full(report_.status.wal_disk) ? ": the volume of its log is full"
                            : is_full(report_.status.disk)   ? ": its volume is full"
                                                             : "";
  refresh_report();
  // Backends outlive a killed postmaster, and go on committing.
  children_.kill_rest(std::chrono::seconds(10));
  watchdog_.disarm();
  const bool has_fired = watchdog_.take_fired();
  const std::string why = has_fired           ? "the Lease was not renewed in time, the server was stopped"
                          : keeper_.is_lost() ? "the Lease was lost, the server was stopped"
                                              : "the server of " + options_.instance + " ended by itself (" +
                                                    describe_status(status) + ")" + cause;
  // Reset as soon as it serves: what ends by itself again and again before that may be a setting.
  if (!has_fired && !keeper_.is_lost() && WIFEXITED(status)) ++failed_starts_;
  base::log_error("Lost the server", {{"why", why}, {"status", describe_status(status)}});
  const auto view = keeper_.view();
  const bool has_successors = view && !view->synchronous.names.empty();
  if (keeper_.is_holding() && has_successors) {
    if (const auto released = keeper_.release({why, {}, ""}); !released)
      base::log_warning("Could not release the Lease", {{"error", released.error().message}});
  }
  show("Starting", why);
  return children_.is_stop_requested() ? Ending::Exit : Ending::Again;
}

}  // namespace cadence::agent::postgres
