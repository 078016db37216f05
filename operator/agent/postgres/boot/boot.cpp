#include "agent/postgres/boot/boot.hpp"

#include <utility>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

// Short enough not to add to a failover, long enough not to be a load.
constexpr std::chrono::milliseconds kRetry{250};

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace

Boot::Boot(const World& world, Situation& situation, Display& display, Server& server, Candidate& candidate,
           Rejoin& rejoin, Tick tick)
    : world_(world),
      situation_(situation),
      display_(display),
      server_(server),
      candidate_(candidate),
      rejoin_(rejoin),
      tick_(std::move(tick)) {}

// Everything that can go wrong before the server runs is tried again; the world is read again each time.
Boot::Next Boot::step() {
  const auto known = facts();
  if (!known) return pause(known.error().message);
  auto& status = situation_.report.status;
  status.volume = rules::volume_of(*known);
  status.system_identifier = known->data.system_identifier;
  status.log_end.clear();
  const auto decision = rules::decide_boot(*known);
  if (!std::holds_alternative<rules::Clone>(decision)) status.is_replacing = false;
  return carry_out(decision, known->lease);
}

void Boot::let_go() {
  if (world_.lease.is_holding())
    static_cast<void>(world_.lease.release({world_.options.instance + " was stopped", {}, ""}));
}

base::Result<rules::BootFacts> Boot::facts() {
  if (auto prepared = world_.files.prepare(); !prepared) return prepared.error();
  if (auto fresh = world_.files.refresh(); !fresh) return fresh.error();
  if (auto locked = world_.volume.lock(); !locked) return locked.error();
  if (auto marked = world_.volume.take_mark(); !marked) return marked.error();
  if (auto placed = world_.volume.place_wal(tick_); !placed) return placed.error();
  world_.peers.want(world_.others());
  if (auto served = world_.peers.refresh(); !served) return served.error();
  const auto lease = world_.lease.view();
  if (!lease) {
    const auto problem = world_.lease.last_problem();
    return Error{ErrorKind::Transient, problem.empty() ? "waiting for a first look at the Lease" : problem};
  }
  if (!lease->holder_address.empty()) world_.peers.learn(lease->holder, lease->holder_address);
  if (program_version_ == 0) {
    const auto version = world_.volume.program_version();
    if (!version) return version.error();
    program_version_ = *version;
  }
  auto data = world_.volume.inspect();
  if (!data) return data.error();
  const auto timeline = timeline_of_successor(*lease, *data);
  const auto& options = world_.options;
  return rules::BootFacts{
      options.instance,  options.pod_uid, options.may_initialize,        program_version_,
      std::move(*data),  *lease,          world_.lease.since_handover(), world_.volume.is_rewind_unfinished(),
      situation_.repair, timeline,        is_successor_lost(*lease)};
}

// Asked where the Lease does not tell it yet.
std::int64_t Boot::timeline_of_successor(const rules::LeaseView& lease, const rules::DataDirectory& data) {
  const bool is_former_primary = data.state == rules::DataDirectory::State::Database && data.is_former_primary();
  if (!is_former_primary || lease.holder.empty() || lease.holder == world_.options.instance ||
      lease.timeline > data.timeline)
    return 0;
  const auto status = world_.peers.status(lease.holder);
  return status && status->role == "primary" && status->is_writable ? status->timeline : 0;
}

// An answer of its agent is enough: that one renews the Lease, or gives it up.
bool Boot::is_successor_lost(const rules::LeaseView& lease) {
  if (lease.holder.empty()) return lease.is_present && world_.lease.since_handover() >= rules::kSuccessorPatience;
  const auto suspicion = rules::suspect({world_.options.instance, lease, world_.lease.silence(), false,
                                         world_.commitment.has_promised(lease), rules::Reach::Unknown},
                                        world_.options.timing);
  return suspicion == rules::Suspicion::Silent && !world_.peers.status(lease.holder);
}

Boot::Next Boot::carry_out(const rules::BootDecision& decision, const rules::LeaseView& view) {
  const auto text = rules::to_string(decision);
  if (text != said_) base::log_info("Decided", {{"decision", text}});
  said_ = text;
  const auto attempt = [this](const base::Result<void>& outcome) {
    return outcome ? Next::Again : pause(outcome.error().message);
  };
  return std::visit(Match{[&](const rules::Initialize&) { return attempt(initialise(view)); },
                          [&](const rules::Clone& d) { return attempt(rejoin_.clone(d)); },
                          [&](const rules::Rewind& d) { return attempt(rejoin_.rewind(d.primary)); },
                          [&](const rules::GiveUpLease& d) { return attempt(give_up(d, view)); },
                          [&](const rules::WaitForPrimary& d) { return pause(d.why); },
                          [&](const rules::Refuse& d) { return pause(d.why); },
                          [&](const rules::StayFenced&) { return stay_fenced(); },
                          [&](const rules::Follow& d) {
                            const bool is_bound =
                                world_.commitment.is_disarmed() && !world_.commitment.free_by(*world_.lease.view());
                            return serve_as_standby(is_bound ? "" : d.primary);
                          },
                          [&](const rules::Recover&) {
                            if (const auto made = world_.volume.become_standby(); !made) return attempt(made);
                            world_.commitment.forget();
                            return serve_as_standby("");
                          },
                          [&](const rules::StandForElection&) { return serve_as_standby(""); },
                          [&](const rules::ResumeAsPrimary& d) {
                            if (const auto done = become_primary(view, d.must_watch_first); !done) return attempt(done);
                            return serve(true);
                          }},
                    decision);
}

Boot::Next Boot::serve(bool is_primary) {
  if (const auto started = server_.start(is_primary); !started) return pause(started.error().message);
  return Next::Supervise;
}

Boot::Next Boot::serve_as_standby(const std::string& primary) {
  if (const auto made = world_.volume.become_standby(); !made) return pause(made.error().message);
  world_.files.act_as_primary(false);
  server_.follow(primary);
  return serve(false);
}

Boot::Next Boot::stay_fenced() {
  display_.show("Fenced", "fenced by spec.postgres.fenced: the server is kept stopped");
  world_.processes.wait(kRetry);
  candidate_.answer_calls();
  return Next::Again;
}

base::Result<void> Boot::initialise(const rules::LeaseView& view) {
  display_.show("Starting", "initialising a new database");
  // The claim first: were there two of us, only one would initialise.
  if (auto claimed = world_.lease.claim(view); !claimed)
    return claimed.error().with_context("Could not claim the Lease");
  return world_.volume.initialise(tick_);
}

// An earlier holder has lost its Lease's time, and since it lost its mark on the volume nothing else can have prolonged
// that.
bool Boot::has_watched() const {
  const auto enough = world_.options.timing.duration;
  return world_.lease.is_holding() || (world_.lease.silence() >= enough && world_.volume.mark_age() >= enough);
}

base::Result<void> Boot::give_up(const rules::GiveUpLease& decision, const rules::LeaseView& view) {
  if (decision.must_watch_first && !has_watched())
    return Error{ErrorKind::Transient, "watching the Lease: an earlier holder may still run"};
  base::log_warning("Gave up the Lease", {{"because", decision.because}});
  return world_.lease.release({decision.because, {}, "", world_.volume.is_standby()}, view);
}

base::Result<void> Boot::become_primary(const rules::LeaseView& view, bool must_watch_first) {
  if (must_watch_first && !has_watched()) {
    return Error{ErrorKind::Transient, "watching the Lease for " +
                                           std::to_string(world_.options.timing.duration.count()) +
                                           " ms: an earlier holder may still run"};
  }
  if (auto claimed = world_.lease.claim(view); !claimed)
    return claimed.error().with_context("Could not claim the Lease");
  if (auto opened = world_.volume.cease_to_be_standby(); !opened) return opened;
  world_.files.act_as_primary(true);
  world_.files.follow("");
  world_.files.apply_synchronous(world_.lease.view()->synchronous);
  return {};
}

Boot::Next Boot::pause(std::string message) {
  const auto& state = situation_.report.status.state;
  const bool keeps_state = state == "Rewinding" || state == "Recloning";
  display_.show(keeps_state ? state : "Starting", std::move(message));
  world_.processes.wait(kRetry);
  candidate_.answer_calls();
  return Next::Again;
}

}  // namespace cadence::agent::postgres
