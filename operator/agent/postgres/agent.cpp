#include "agent/postgres/agent.hpp"

#include <signal.h>

#include "base/memory.hpp"
#include "agent/postgres/roles.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRound{200};
constexpr std::chrono::milliseconds kProbeInterval{1000};
constexpr std::chrono::seconds kSlotInterval{60};
constexpr std::chrono::seconds kImmediateStop{5};

}  // namespace

Agent::Agent(const Options& options, Children& children, LeaseClient& lease_client, Board& board)
    : options_(options), children_(children), board_(board), watchdog_(options.timing), keeper_(lease_client, options, watchdog_),
      files_(options), volume_(options, children), probe_(options) {
  report_.status.instance = options.instance;
  show("starting", "starting");
}

bool Agent::is_due(Clock::time_point& last, std::chrono::milliseconds every) const {
  const auto now = Clock::now();
  if (last != Clock::time_point{} && now - last < every) return false;
  last = now;
  return true;
}

void Agent::show(std::string role, std::string message) {
  if (message != report_.status.message) base::log_info("Changed state", {{"role", role}, {"message", message}});
  report_.status.role = std::move(role);
  report_.status.message = std::move(message);
  if (postmaster_ == 0) {
    report_.is_accepting = report_.has_streamed = report_.status.is_writable = report_.status.is_streaming = false;
    report_.status.replication.clear();
  }
  refresh_report();
}

void Agent::refresh_report() {
  const auto view = keeper_.view();
  report_.is_primary_known = view && !view->holder.empty();
  report_.is_lease_held = keeper_.is_holding();
  report_.lease_left = watchdog_.time_left();
  report_.at = Clock::now();
  board_.put(report_);
}

base::Result<void> Agent::start_server(bool is_primary) {
  is_primary_ = is_primary;
  if (auto fresh = files_.refresh(); !fresh) return fresh.error();
  if (auto tidied = volume_.tidy(); !tidied) return tidied;
  const auto pid = children_.start({{options_.program_directory + "/postgres", "-D", options_.data_directory, "-c", "config_file=" + files_.settings_path()}, {}, false});
  if (!pid) return pid.error();
  postmaster_ = *pid;
  if (is_primary) watchdog_.arm(postmaster_);
  show("starting", is_primary ? "starting as primary" : "starting as standby of " + (followed_.empty() ? "nobody yet" : followed_));
  return {};
}

int Agent::supervise(bool is_primary) {
  while (true) {
    children_.wait(kRound);
    if (const auto status = children_.status_of(postmaster_)) return server_ended(*status);
    if (children_.is_stop_requested()) return stop_server();
    if (is_primary && keeper_.is_lost() && !has_warned_) {
      base::log_error("Stopped the server at once: the Lease names another instance", {{"lease", options_.lease}});
      has_warned_ = true;
      signal_server(SIGQUIT);
    }
    if (is_due(looked_, kProbeInterval)) {
      look_at_server();
      if (is_primary) tend_primary();
      else tend_standby();
      tend_files();
      const bool is_settled = is_primary ? is_primary_ready(report_) : report_.is_accepting;
      if (is_settled && !is_trimmed_) base::drop_startup_pages();
      is_trimmed_ = is_trimmed_ || is_settled;
    }
    refresh_report();
  }
}

void Agent::look_at_server() {
  auto status = probe_.ask();
  report_.is_accepting = status.is_ok();
  if (!status) {
    const bool has_served = report_.status.role != "starting";
    report_.status.is_writable = report_.status.is_streaming = false;
    show(report_.status.role, (has_served ? "the server does not answer: " : "the server is not ready: ") + status.error().message);
    return;
  }
  status->instance = options_.instance;
  status->message = report_.status.message;
  status->is_writable = status->is_writable && keeper_.is_holding() && watchdog_.may_write();
  report_.has_streamed = report_.has_streamed || status->is_streaming;
  report_.status = std::move(*status);
  std::string message = "accepting writes";
  if (!is_primary_) message = report_.status.is_streaming ? "streaming from " + followed_ : "recovering, not connected to a primary";
  else if (!report_.status.is_writable) message = "not accepting writes";
  show(report_.status.role, message);
}

void Agent::tend_files() {
  const auto changed = files_.refresh();
  if (!changed) {
    base::log_warning("Kept the old settings", {{"error", changed.error().message}});
    return;
  }
  if (!*changed) return;
  base::log_info("Reloaded the server", {{"synchronousStandbyNames", files_.synchronous_standby_names()}, {"primary", followed_}});
  signal_server(SIGHUP);
}

void Agent::tend_primary() {
  if (!report_.is_accepting || report_.status.role != "primary") return;
  if (!report_.is_set_up || !(known_passwords_ == files_.passwords())) {
    auto connection = rules::Connection::open({.socket_directory = options_.run_directory, .port = options_.port, .timeout = std::chrono::seconds(20)});
    const auto done = connection ? ensure_roles(*connection, files_.passwords()) : connection.error();
    if (!done) {
      show(report_.status.role, done.error().message);
      return;
    }
    known_passwords_ = files_.passwords();
    report_.is_set_up = true;
  }
  // Only now may others copy: the annotation says that there is something to copy.
  const auto view = keeper_.view();
  if (view && (view->system_identifier != report_.status.system_identifier || view->timeline != report_.status.timeline)) {
    if (const auto said = keeper_.describe(report_.status.system_identifier, report_.status.timeline); !said) {
      base::log_warning("Could not write the database's identity into the Lease", {{"error", said.error().message}});
    }
  }
  std::vector<std::string> streaming;
  for (const auto& row : report_.status.replication) {
    if (row.state == "streaming") streaming.push_back(row.name);
  }
  files_.synchronise(streaming);  // durability follows the standbys within a second
  if (is_due(tended_slots_, kSlotInterval)) {
    if (const auto done = probe_.drop_idle_slots(files_.instances(), Clock::now()); !done) base::log_warning("Could not look after the slots", {{"error", done.error().message}});
  }
}

void Agent::tend_standby() {
  const auto view = keeper_.view();
  if (!view || view->holder.empty() || view->holder == followed_) return;
  if (view->holder == options_.instance) {
    if (!has_warned_) base::log_error("The Lease names this standby: this version promotes no standby", {{"lease", options_.lease}});
    has_warned_ = true;
    return;
  }
  base::log_info("Followed another primary", {{"from", followed_}, {"to", view->holder}});
  followed_ = view->holder;
  files_.follow(followed_);
}

void Agent::signal_server(int signal) {
  if (postmaster_ > 0) ::kill(postmaster_, signal);
}

// Fast, then immediate. The Lease is renewed all the while: the server may write until it is gone.
int Agent::stop_server() {
  probe_.forget();
  show(report_.status.role, "stopping");
  signal_server(SIGINT);
  auto deadline = Clock::now() + options_.stop_timeout;
  bool is_immediate = false;
  std::optional<int> status;
  while (!(status = children_.status_of(postmaster_))) {
    children_.wait(kRound);
    report_.status.is_writable = false;
    refresh_report();
    if (Clock::now() < deadline) continue;
    signal_server(is_immediate ? SIGKILL : SIGQUIT);
    is_immediate = true;
    deadline = Clock::now() + kImmediateStop;
  }
  watchdog_.disarm();
  postmaster_ = 0;
  children_.kill_rest(std::chrono::seconds(10));
  show("stopped", "stopped");
  const auto data = volume_.inspect();
  const bool is_clean = *status == 0 && !watchdog_.has_fired() && data && data->is_cleanly_stopped;
  base::log_info("Stopped the server", {{"status", describe_status(*status)}, {"clean", is_clean ? "yes" : "no"}});
  if (is_clean) {
    if (const auto released = keeper_.release(); !released) base::log_warning("Could not release the Lease", {{"error", released.error().message}});
  }
  return 0;
}

int Agent::server_ended(int status) {
  watchdog_.disarm();
  postmaster_ = 0;
  const auto why = watchdog_.has_fired() ? "the Lease was not renewed in time, the server was stopped"
                   : keeper_.is_lost()   ? "the Lease was lost, the server was stopped"
                                         : "the server ended by itself";
  base::log_error("Lost the server", {{"why", why}, {"status", describe_status(status)}});
  show("stopped", std::string(why) + " (" + describe_status(status) + ")");
  return 1;
}

}  // namespace cadence::agent::postgres
