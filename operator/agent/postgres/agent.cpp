#include "agent/postgres/agent.hpp"

#include <signal.h>

#include <utility>

#include "base/log.hpp"
#include "base/memory.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::milliseconds kRound{200};
constexpr std::chrono::milliseconds kElectionRound{20};
constexpr std::chrono::milliseconds kProbeInterval{1000};
constexpr std::chrono::seconds kTrimInterval{60};

}  // namespace

Agent::Agent(const World& world, Board& board)
    : world_(world),
      display_(world, situation_, board),
      server_(world, situation_, display_, [this] { tick(); }),
      promotion_(world, situation_, display_, server_, [this] { tick(); }),
      candidate_(world, situation_, display_, server_, promotion_),
      rejoin_(world, situation_, display_, [this] { tick(); }),
      boot_(world, situation_, display_, server_, candidate_, rejoin_, [this] { tick(); }),
      standby_(world, situation_, display_, server_, candidate_, [this] { tick(); }),
      commits_(world, situation_, server_),
      primary_(world, situation_, display_, server_, commits_),
      lookout_(world, situation_, display_, server_, commits_) {
  situation_.report.status.instance = world.options.instance;
  display_.show("Starting", "starting");
}

int Agent::run() {
  const auto& options = world_.options;
  base::log_info("Started",
                 {{"instance", options.instance}, {"lease", options.lease}, {"data", options.data_directory}});
  live();
  world_.processes.kill_rest(std::chrono::seconds(10));
  base::log_info("Ended", {{"instance", options.instance}});
  return 0;
}

// Decide, act, supervise, and again.
void Agent::live() {
  while (!world_.processes.is_stop_requested()) {
    if (boot_.step() == Boot::Next::Supervise && supervise() == Ending::Exit) return;
  }
  boot_.let_go();
}

Ending Agent::supervise() {
  while (true) {
    world_.processes.wait(situation_.campaign ? kElectionRound : kRound);
    candidate_.answer_calls();
    if (const auto status = world_.processes.status_of(situation_.postmaster)) return server_.ended(*status);
    if (world_.processes.is_stop_requested())
      return server_.leave(SIGINT, {world_.options.instance + " was stopped", {}, ""});
    if (const auto view = world_.lease.view()) {
      if (!view->holder_address.empty() && view->holder != world_.options.instance)
        world_.peers.learn(view->holder, view->holder_address);
      if (const auto ending = obey(*view)) return *ending;
      if (const auto ending = situation_.is_primary ? primary_.reign(*view) : standby_.stand_by(*view)) return *ending;
    }
    if (world_.is_due(situation_.looked, kProbeInterval)) look();
    display_.refresh();
  }
}

// What people or the operator ask for by the Lease.
std::optional<Ending> Agent::obey(const rules::LeaseView& view) {
  const auto& self = world_.options.instance;
  if (view.is_fenced(self)) {
    base::log_info("Stopping the server: this instance was fenced by hand");
    return server_.leave(SIGINT, {self + " was fenced", {}, ""});
  }
  if (view.restart_instance != self) {
    has_seen_restart_ = true;
    return std::nullopt;
  }
  // What was asked before this process began is done: its server is newer.
  // One that a standby has done is another one for a primary, which keeps its parameters in other ways.
  const auto asked = view.restart_token + (situation_.is_primary ? " primary" : " standby");
  if (!std::exchange(has_seen_restart_, true)) restarted_for_ = asked;
  if (asked == restarted_for_ || !situation_.report.is_accepting) return std::nullopt;
  restarted_for_ = asked;
  base::log_info("Restarting the server in place", {{"token", view.restart_token}});
  display_.show("Stopping", "restarting for parameters that need it");
  server_.stop(SIGINT);
  return Ending::Again;  // the Lease stays: a primary resumes
}

void Agent::look() {
  lookout_.look_at_server();
  lookout_.tend_files();
  const auto& report = situation_.report;
  const bool is_settled = situation_.is_primary ? is_primary_ready(report) : report.is_accepting;
  // Starting, electing and rewinding need code that a quiet minute does not.
  if (is_settled && world_.is_due(trimmed_, kTrimInterval)) base::drop_startup_pages();
}

// While something long runs: the world sees that we live, and peers are not kept waiting.
void Agent::tick() {
  display_.refresh();
  candidate_.answer_calls();
}

}  // namespace cadence::agent::postgres
