#include "agent/postgres/server/server.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <utility>

#include "agent/postgres/server/children.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::milliseconds kRound{200};
constexpr std::chrono::seconds kImmediateStop{5};
constexpr std::chrono::seconds kKill{1};
constexpr int kFailedStarts = 2;  // before what ALTER SYSTEM set is taken for the cause

constexpr std::int64_t kFull = 16 << 20;  // bytes; a segment of the log, which PostgreSQL takes at once

bool is_full(const rules::DiskUse& use) { return use.size_bytes > 0 && use.free_bytes < kFull; }

}  // namespace

Server::Server(const World& world, Situation& situation, Display& display, Tick tick)
    : world_(world), situation_(situation), display_(display), tick_(std::move(tick)) {}

base::Result<void> Server::start(bool is_primary) {
  auto& s = situation_;
  s.is_primary = is_primary;
  if (auto tidied = world_.volume.tidy(); !tidied) return tidied;
  if (s.failed_starts == kFailedStarts)
    is_laid_aside_ = world_.guard.lay_aside("the server did not start", world_.now());
  if (s.failed_starts == kFailedStarts + 1 && std::exchange(is_laid_aside_, false)) world_.guard.put_back();
  const auto data = world_.volume.inspect();
  if (!data) return data.error();
  s.report.is_uncompared = !is_primary && data->is_former_primary();
  s.is_ahead = false;
  world_.files.keep_at_least(data->limits);
  if (!is_primary)
    world_.files.apply_synchronous(rules::wanted_set(world_.files.synchronous(), world_.others(), world_.others()));
  if (auto fresh = world_.files.refresh(); !fresh) return fresh.error();
  // A server that ends at once must not be started in a tight circle.
  if (world_.now() - s.started < std::chrono::seconds(3)) world_.processes.wait(std::chrono::seconds(1));
  if (is_primary && !(world_.lease.is_holding() && world_.fence.may_write()))
    return Error{ErrorKind::Transient, "the Lease was not renewed in time to start as primary"};
  s.started = s.streamed = world_.now();
  const auto& options = world_.options;
  // What would destroy data stands on the command line, which no ALTER SYSTEM overrules even for a moment.
  const auto pid = world_.processes.start(
      {{options.program_directory + "/postgres", "-D", options.data_directory, "-c",
        "config_file=" + world_.files.settings_path(), "-c", "fsync=on", "-c", "full_page_writes=on"},
       {},
       false});
  if (!pid) return pid.error();
  s.postmaster = *pid;
  s.report.is_set_up = false;
  s.known_passwords = {};
  s.is_checkpointed = s.is_storage_watched = s.is_reign_noted = false;
  if (is_primary) {
    world_.fence.arm(s.postmaster);
    world_.lease.point_endpoints_here();
    world_.storage.start();
  }
  world_.peers.greet(world_.others());
  display_.show("Starting", is_primary ? "starting as primary"
                                       : "starting as standby of " + (s.followed.empty() ? "nobody yet" : s.followed));
  return {};
}

void Server::follow(const std::string& primary) {
  auto& s = situation_;
  if (primary != s.followed && !s.followed.empty() && !primary.empty())
    base::log_info("Followed another primary", {{"from", s.followed}, {"to", primary}});
  if (!primary.empty()) s.told_end = 0;
  s.followed = primary;
  s.streamed = world_.now();
  world_.files.follow(primary);
}

void Server::reload() {
  const auto changed = world_.files.refresh();
  if (!changed) {
    base::log_warning("Kept the old settings", {{"error", changed.error().message}});
    return;
  }
  if (*changed) signal(SIGHUP);
}

void Server::signal(int number) const {
  if (situation_.postmaster > 0) world_.processes.signal(situation_.postmaster, number);
}

void Server::end_loops() {
  world_.server.forget();
  world_.storage.stop();
  world_.door.stop();
  situation_.campaign.reset();
}

// Harder by and by. The Lease is renewed all the while: the server may write until it is gone.
Server::Stopped Server::stop(int first_signal) {
  end_loops();
  signal(first_signal);
  const auto patience = [this](int number) {
    return number == SIGINT ? std::chrono::milliseconds(world_.options.stop_timeout)
                            : std::chrono::milliseconds(number == SIGQUIT ? kImmediateStop : kKill);
  };
  auto sent = first_signal;
  auto deadline = world_.now() + patience(sent);
  std::optional<int> status;
  int kills = 0;
  while (!(status = world_.processes.status_of(situation_.postmaster)) && kills < 2) {
    world_.processes.wait(kRound);
    situation_.report.status.is_writable = false;
    tick_();
    if (world_.now() < deadline) continue;
    sent = sent == SIGINT ? SIGQUIT : SIGKILL;
    kills += sent == SIGKILL ? 1 : 0;
    signal(sent);
    deadline = world_.now() + patience(sent);
  }
  situation_.postmaster = 0;
  // What hangs in a dead disk is not reaped; killed, it never runs a line of its own again.
  world_.processes.kill_rest(status ? std::chrono::seconds(10) : std::chrono::seconds(1));
  world_.fence.disarm();
  Stopped out;
  const bool has_fired = world_.fence.take_fired();
  if (status == 0 && first_signal == SIGINT && !has_fired) {
    if (auto data = world_.volume.inspect()) out.data = std::move(*data);
    out.is_clean = out.data.is_cleanly_stopped;
  }
  base::log_info("Stopped the server", {{"status", status ? describe_status(*status) : "killed, not reaped"},
                                        {"clean", out.is_clean ? "yes" : "no"}});
  return out;
}

Ending Server::leave(int first_signal, const rules::Release& release) {
  display_.show("Stopping", release.because);
  const auto stopped = stop(first_signal);
  if (world_.lease.is_holding()) {
    auto said = release;
    if (stopped.is_clean && situation_.is_primary)
      said.shutdown = rules::LogPoint{stopped.data.checkpoint, stopped.data.timeline};
    if (!stopped.is_clean) said.handover_to.clear();
    said.was_never_promoted = !situation_.is_primary && world_.volume.is_standby();
    if (const auto released = world_.lease.release(said); !released)
      base::log_warning("Could not release the Lease", {{"error", released.error().message}});
  }
  display_.show("Stopping", "stopped");
  return world_.processes.is_stop_requested() ? Ending::Exit : Ending::Again;
}

Ending Server::ended(int status) {
  auto& report = situation_.report;
  situation_.postmaster = 0;
  end_loops();
  report.is_accepting = report.status.is_writable = false;
  // A full volume may soon have room again, when another leads and ours is copied again; then nothing else tells what
  // happened.
  display_.measure_volumes();
  const std::string cause = is_full(report.status.wal_disk) ? ": the volume of its log is full"
                            : is_full(report.status.disk)   ? ": its volume is full"
                                                            : "";
  display_.refresh();
  // Backends outlive a killed postmaster, and go on committing.
  world_.processes.kill_rest(std::chrono::seconds(10));
  world_.fence.disarm();
  const bool has_fired = world_.fence.take_fired();
  const std::string why = has_fired                ? "the Lease was not renewed in time, the server was stopped"
                          : world_.lease.is_lost() ? "the Lease was lost, the server was stopped"
                                                   : "the server of " + world_.options.instance + " ended by itself (" +
                                                         describe_status(status) + ")" + cause;
  // Reset as soon as it serves: what ends by itself again and again before that may be a setting.
  if (!has_fired && !world_.lease.is_lost() && WIFEXITED(status)) ++situation_.failed_starts;
  base::log_error("Lost the server", {{"why", why}, {"status", describe_status(status)}});
  const auto view = world_.lease.view();
  const bool has_successors = view && !view->synchronous.names.empty();
  if (world_.lease.is_holding() && has_successors) {
    if (const auto released = world_.lease.release({why, {}, ""}); !released)
      base::log_warning("Could not release the Lease", {{"error", released.error().message}});
  }
  display_.show("Starting", why);
  return world_.processes.is_stop_requested() ? Ending::Exit : Ending::Again;
}

}  // namespace cadence::agent::postgres
