#include <utility>

#include "agent/postgres/agent.hpp"
#include "agent/postgres/files.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "postgres/rules/replacement.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

// Short enough not to add to a failover, long enough not to be a load.
constexpr std::chrono::milliseconds kRetry{250};
constexpr int kRewindTries = 3;
constexpr int kFailedStarts = 2;  // before what ALTER SYSTEM set is taken for the cause

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace

int Agent::run() {
  base::log_info("Started",
                 {{"instance", options_.instance}, {"lease", options_.lease}, {"data", options_.data_directory}});
  boot();
  children_.kill_rest(std::chrono::seconds(10));
  base::log_info("Ended", {{"instance", options_.instance}});
  return 0;
}

// Everything that can go wrong before the server runs is tried again; the world is read again each time.
void Agent::boot() {
  while (!children_.is_stop_requested()) {
    const auto known = facts();
    if (!known) {
      pause(known.error().message);
      continue;
    }
    report_.status.volume = rules::volume_of(*known);
    report_.status.system_identifier = known->data.system_identifier;
    report_.status.log_end.clear();
    const auto decision = rules::decide_boot(*known);
    if (!std::holds_alternative<rules::Clone>(decision)) report_.status.is_replacing = false;
    if (carry_out(decision, known->lease) == Ending::Exit) return;
  }
  // Held since initdb or a claim, with no server running: free for whoever has the data.
  if (keeper_.is_holding()) static_cast<void>(keeper_.release({options_.instance + " was stopped", {}, ""}));
}

base::Result<rules::BootFacts> Agent::facts() {
  if (auto prepared = files_.prepare(); !prepared) return prepared.error();
  if (auto fresh = files_.refresh(); !fresh) return fresh.error();
  if (auto locked = volume_.lock(); !locked) return locked.error();
  if (auto marked = mark_.take(); !marked) return marked.error();
  if (auto placed = volume_.place_wal([this] { tick(); }); !placed) return placed.error();
  addresses_.want(others());
  if (auto served = peer_server_.refresh(); !served) return served.error();
  const auto lease = keeper_.view();
  if (!lease) {
    const auto problem = keeper_.last_problem();
    return Error{ErrorKind::Transient, problem.empty() ? "waiting for a first look at the Lease" : problem};
  }
  if (!lease->holder_address.empty()) addresses_.learn(lease->holder, lease->holder_address);
  if (program_version_ == 0) {
    const auto version = volume_.program_version();
    if (!version) return version.error();
    program_version_ = *version;
  }
  auto data = volume_.inspect();
  if (!data) return data.error();
  const auto timeline = timeline_of_successor(*lease, *data);
  return rules::BootFacts{options_.instance, options_.pod_uid, options_.may_initialize,  program_version_,
                          std::move(*data),  *lease,           keeper_.since_handover(), volume_.is_rewind_unfinished(),
                          repair_,           timeline,         is_successor_lost(*lease)};
}

// Asked where the Lease does not tell it yet.
std::int64_t Agent::timeline_of_successor(const rules::LeaseView& lease, const rules::DataDirectory& data) {
  const bool is_former_primary = data.state == rules::DataDirectory::State::Database && data.is_former_primary();
  if (!is_former_primary || lease.holder.empty() || lease.holder == options_.instance || lease.timeline > data.timeline)
    return 0;
  const auto status = peers_.status(lease.holder);
  return status && status->role == "primary" && status->is_writable ? status->timeline : 0;
}

// An answer of its agent is enough: that one renews the Lease, or gives it up.
bool Agent::is_successor_lost(const rules::LeaseView& lease) {
  if (lease.holder.empty()) return lease.is_present && keeper_.since_handover() >= rules::kSuccessorPatience;
  const auto suspicion = rules::suspect(
      {options_.instance, lease, keeper_.silence(), false, commitment_.has_promised(lease), rules::Reach::Unknown},
      options_.timing);
  return suspicion == rules::Suspicion::Silent && !peers_.status(lease.holder);
}

Agent::Ending Agent::carry_out(const rules::BootDecision& decision, const rules::LeaseView& view) {
  const auto text = rules::to_string(decision);
  if (text != said_) base::log_info("Decided", {{"decision", text}});
  said_ = text;
  const auto attempt = [this](const base::Result<void>& outcome) {
    if (!outcome) pause(outcome.error().message);
    return Ending::Again;
  };
  const auto serve = [this](bool is_primary) {
    if (const auto started = start_server(is_primary); !started) {
      pause(started.error().message);
      return Ending::Again;
    }
    return supervise();
  };
  // Of nobody where the name is empty.
  const auto serve_as_standby = [&](const std::string& primary) {
    if (const auto made = volume_.become_standby(); !made) return attempt(made);
    files_.act_as_primary(false);
    follow(primary);
    return serve(false);
  };
  return std::visit(Match{[&](const rules::Initialize&) { return attempt(initialise(view)); },
                          [&](const rules::Clone& d) { return attempt(clone(d)); },
                          [&](const rules::Rewind& d) { return attempt(rewind(d.primary)); },
                          [&](const rules::GiveUpLease& d) { return attempt(give_up(d, view)); },
                          [&](const rules::WaitForPrimary& d) {
                            return attempt(Error{ErrorKind::Transient, d.why});
                          },
                          [&](const rules::Refuse& d) {
                            return attempt(Error{ErrorKind::Invalid, d.why});
                          },
                          [&](const rules::StayFenced&) {
                            show("Fenced", "fenced by spec.postgres.fenced: the server is kept stopped");
                            children_.wait(kRetry);
                            answer_calls();
                            return Ending::Again;
                          },
                          [&](const rules::Follow& d) {
                            return serve_as_standby(
                                commitment_.is_disarmed() && !commitment_.free_by(*keeper_.view()) ? "" : d.primary);
                          },
                          [&](const rules::Recover&) {
                            if (const auto made = volume_.become_standby(); !made) return attempt(made);
                            commitment_.forget();
                            return serve_as_standby("");
                          },
                          [&](const rules::StandForElection&) { return serve_as_standby(""); },
                          [&](const rules::ResumeAsPrimary& d) {
                            if (const auto done = become_primary(view, d.must_watch_first); !done) return attempt(done);
                            return serve(true);
                          }},
                    decision);
}

base::Result<void> Agent::initialise(const rules::LeaseView& view) {
  show("Starting", "initialising a new database");
  // The claim first: were there two of us, only one would initialise.
  if (auto claimed = keeper_.claim(view); !claimed) return claimed.error().with_context("Could not claim the Lease");
  return volume_.initialise(files_, [this] { tick(); });
}

base::Result<void> Agent::clone(const rules::Clone& decision) {
  show(decision.replaces_data ? "Recloning" : "Starting", "copying the database from " + decision.from);
  const auto view = keeper_.view();
  if (decision.replaces_data) {
    if (auto allowed = may_replace(decision.from); !allowed) return allowed;
  }
  auto done = volume_.clone(files_, decision.from, view ? view->system_identifier : "", decision.replaces_data,
                            [this] { tick(); });
  if (done) repair_ = rules::Repair::None;
  // Others have their turn once the copy is there, or while the old one still is.
  report_.status.is_replacing = !done && is_empty_directory(options_.data_directory);
  return done;
}

// The old copy goes only when a new one can be had, and never while another standby's goes, too.
base::Result<void> Agent::may_replace(const std::string& primary) {
  const auto source = peers_.status(primary);
  if (!source) return source.error();
  if (source->role != "primary" || !source->is_writable)
    return Error{ErrorKind::Transient, primary + " is no primary to copy from now"};
  const bool must_remove_first = report_.status.volume == rules::kVolumeDatabase && !volume_.can_hold_both();
  const auto judge = [&] {
    std::vector<rules::OtherStandby> standbys;
    for (const auto& name : others()) {
      if (name == primary) continue;
      auto status = peers_.status(name);
      standbys.push_back({name, status ? std::optional(std::move(*status)) : std::nullopt});
      tick();
    }
    return rules::judge_replacement(options_.instance, standbys, must_remove_first);
  };
  if (!report_.status.is_replacing) {
    if (const auto first = judge(); !first.objection.empty()) return Error{ErrorKind::Transient, first.objection};
    report_.status.is_replacing = true;
    refresh_report();
  }
  const auto judgement = judge();
  if (!judgement.objection.empty()) {
    report_.status.is_replacing = judgement.keeps_turn;
    return Error{ErrorKind::Transient, judgement.objection};
  }
  if (!must_remove_first) return {};
  auto proven = volume_.prove_copy(files_, primary, [this] { tick(); });
  const auto view = keeper_.view();
  if (proven && (!view || view->holder != primary))
    proven = Error{ErrorKind::Transient, primary + " has lost the Lease: its successor is looked for"};
  if (!proven) report_.status.is_replacing = false;
  return proven;
}

base::Result<void> Agent::rewind(const std::string& primary) {
  const auto source = peers_.status(primary);
  if (!source) return source.error();
  if (source->role != "primary") return Error{ErrorKind::Transient, primary + " is not promoted yet"};
  const auto reach = [&] { return volume_.reach_for_rewind(files_, primary, [this] { tick(); }); };
  if (auto reached = reach(); !reached) return reached;
  show("Rewinding", "comparing the data with " + primary + "'s and undoing what only we have");
  const auto view = keeper_.view();
  auto done = volume_.rewind(files_, primary, [this] { tick(); });
  if (done) {
    repair_ = rules::Repair::None;
    if (view && view->holder == primary) compared_with_ = view->reserved_timeline;
    return done;
  }
  // A connection that broke meanwhile says nothing about the data.
  if (!children_.is_stop_requested() && reach() && ++rewinds_ >= kRewindTries) {
    base::log_error("Gave up rewinding: the database is copied again",
                    {{"tries", std::to_string(rewinds_)}, {"error", done.error().message}});
    repair_ = rules::Repair::Clone;
  }
  return done;
}

// An earlier holder has lost its Lease's time, and since it lost its mark on the volume nothing else can have prolonged
// that.
bool Agent::has_watched() const {
  return keeper_.is_holding() ||
         (keeper_.silence() >= options_.timing.duration && mark_.age() >= options_.timing.duration);
}

base::Result<void> Agent::give_up(const rules::GiveUpLease& decision, const rules::LeaseView& view) {
  if (decision.must_watch_first && !has_watched()) {
    return Error{ErrorKind::Transient, "watching the Lease: an earlier holder may still run"};
  }
  base::log_warning("Gave up the Lease", {{"because", decision.because}});
  return keeper_.release({decision.because, {}, "", volume_.is_standby()}, view);
}

base::Result<void> Agent::become_primary(const rules::LeaseView& view, bool must_watch_first) {
  if (must_watch_first && !has_watched()) {
    return Error{ErrorKind::Transient, "watching the Lease for " + std::to_string(options_.timing.duration.count()) +
                                           " ms: an earlier holder may still run"};
  }
  if (auto claimed = keeper_.claim(view); !claimed) return claimed.error().with_context("Could not claim the Lease");
  if (auto opened = volume_.cease_to_be_standby(); !opened) return opened;
  files_.act_as_primary(true);
  files_.follow("");
  files_.apply_synchronous(keeper_.view()->synchronous);
  return {};
}

base::Result<void> Agent::start_server(bool is_primary) {
  is_primary_ = is_primary;
  if (auto tidied = volume_.tidy(); !tidied) return tidied;
  if (failed_starts_ == kFailedStarts) is_laid_aside_ = guard_.lay_aside("the server did not start", Clock::now());
  if (failed_starts_ == kFailedStarts + 1 && std::exchange(is_laid_aside_, false)) guard_.put_back();
  const auto data = volume_.inspect();
  if (!data) return data.error();
  report_.is_uncompared = !is_primary && data->is_former_primary();
  is_ahead_ = false;
  files_.keep_at_least(data->limits);
  if (!is_primary) files_.apply_synchronous(rules::wanted_set(files_.synchronous(), others(), others()));
  if (auto fresh = files_.refresh(); !fresh) return fresh.error();
  // A server that ends at once must not be started in a tight circle.
  if (Clock::now() - started_ < std::chrono::seconds(3)) children_.wait(std::chrono::seconds(1));
  if (is_primary && !(keeper_.is_holding() && watchdog_.may_write()))
    return Error{ErrorKind::Transient, "the Lease was not renewed in time to start as primary"};
  started_ = streamed_ = Clock::now();
  // What would destroy data stands on the command line, which no ALTER SYSTEM overrules even for a moment.
  const auto pid =
      children_.start({{options_.program_directory + "/postgres", "-D", options_.data_directory, "-c",
                        "config_file=" + files_.settings_path(), "-c", "fsync=on", "-c", "full_page_writes=on"},
                       {},
                       false});
  if (!pid) return pid.error();
  postmaster_ = *pid;
  report_.is_set_up = false;
  known_passwords_ = {};
  is_checkpointed_ = is_storage_watched_ = is_reign_noted_ = false;
  if (is_primary) {
    watchdog_.arm(postmaster_);
    keeper_.point_endpoints_here();
    storage_probe_.start();
  }
  greet();
  show("Starting",
       is_primary ? "starting as primary" : "starting as standby of " + (followed_.empty() ? "nobody yet" : followed_));
  return {};
}

// A new pod has a new address, and a name service may tell the old one for half a minute: the others hear it from us.
void Agent::greet() {
  greeter_ = std::jthread([this, names = others()](const std::stop_token& stop) {
    for (int round = 0; round < 3 && base::wait_for(stop, std::chrono::milliseconds(200)); ++round) {
      for (const auto& name : names) static_cast<void>(peers_.status(name));
    }
  });
}

void Agent::pause(std::string message) {
  const bool keeps_state = report_.status.state == "Rewinding" || report_.status.state == "Recloning";
  show(keeps_state ? report_.status.state : "Starting", std::move(message));
  children_.wait(kRetry);
  answer_calls();
}

}  // namespace cadence::agent::postgres
