#include "agent/postgres/standby/standby.hpp"

#include <signal.h>

#include <utility>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kAskInterval{5};
constexpr std::chrono::seconds kSuccessorInterval{1};
constexpr int kRewindTries = 3;
constexpr std::chrono::seconds kLackPatience{3};
// What a server says that has not read as much of the log as its data files reach; without more of it, it stays so.
constexpr const char* kNotConsistent = "not yet accepting connections";

}  // namespace

Standby::Standby(const World& world, Situation& situation, Display& display, Server& server, Candidate& candidate,
                 Tick tick)
    : world_(world),
      situation_(situation),
      display_(display),
      server_(server),
      candidate_(candidate),
      tick_(std::move(tick)) {}

std::optional<Ending> Standby::stand_by(const rules::LeaseView& view) {
  look_at_stream();
  if (situation_.has_strayed) return turn_back();
  tend_following(view);
  if (const auto ending = candidate_.consider(view)) return ending;
  if (situation_.campaign || situation_.is_primary) return std::nullopt;
  if (situation_.report.is_accepting && world_.is_due(situation_.tended_slots, kAskInterval)) {
    if (const auto done = world_.server.tend_slots(world_.others(), false, world_.now()); !done)
      base::log_warning("Could not look after the slots", {{"error", done.error().message}});
    if (auto strange = world_.server.strange_slots()) situation_.report.status.strange_slots = std::move(*strange);
  }
  // Ready for a promotion at any moment: ignored in recovery, in force with the first commit after it.
  world_.files.apply_synchronous(rules::wanted_set(world_.files.synchronous(), world_.others(), world_.others()));
  return situation_.report.is_uncompared ? await_successor(view) : tend_stream(view);
}

// A log that may go beyond the successor's must not even ask it for more: what it says of its end would count as an
// acknowledgement.
std::optional<Ending> Standby::await_successor(const rules::LeaseView& view) {
  if (!world_.is_due(asked_primary_, kSuccessorInterval)) return std::nullopt;
  if (world_.commitment.is_disarmed() && !world_.commitment.free_by(view)) return std::nullopt;
  const bool is_own_reign_again = view.holder.empty() && view.last_holder == world_.options.instance;
  if (!is_own_reign_again) {
    if (view.holder.empty()) return std::nullopt;
    const auto primary = world_.peers.status(view.holder);
    if (!primary || primary->role != "primary" || !primary->is_writable || view.timeline < primary->timeline)
      return std::nullopt;
  }
  if (situation_.is_ahead) situation_.repair = rules::Repair::Rewind;
  display_.show("Stopping", is_own_reign_again ? "nobody was primary since"
                                               : view.holder + " is primary: the data is compared with its");
  server_.stop(SIGINT);
  return Ending::Again;
}

// A receiver whose primary no longer has the log that it asks for streams for a moment, too, and is another one at each
// look.
void Standby::look_at_stream() {
  const auto seen = world_.server.reception();
  const pid_t receiver = seen ? seen->receiver : 0;
  situation_.has_strayed = seen && !seen->is_in_recovery;
  situation_.is_replay_paused = seen && seen->is_paused;
  situation_.is_streaming = receiver != 0;
  situation_.is_stream_steady = situation_.is_streaming && receiver == receiver_;
  receiver_ = receiver;
  // Paused, it neither reads to the end of a log nor asks for another timeline: that would hold up an election, or
  // commits after it.
  if (!situation_.is_replay_paused || situation_.is_streaming) return;
  if (world_.server.resume_replay())
    base::log_warning("Went on with the replay, which somebody had paused: nothing streams", {});
}

// Somebody promoted it by hand, or took away the file that makes it a standby. What it wrote since is undone, and
// counts nowhere.
Ending Standby::turn_back() {
  server_.signal(SIGQUIT);
  if (const auto noted = world_.volume.note_straying(); !noted)
    base::log_error("Could not note that the server had been promoted", {{"error", noted.error().message}});
  world_.guard.tell_straying(world_.now());
  situation_.report.status.overridden = world_.guard.findings(world_.now());
  display_.show("Stopping", "it was promoted, and nobody elected it: it becomes a standby again");
  server_.stop(SIGQUIT);
  return Ending::Again;
}

void Standby::tend_following(const rules::LeaseView& view) {
  if (view.holder.empty() || view.holder == world_.options.instance || situation_.report.is_uncompared) return;
  if (world_.commitment.is_disarmed() && !world_.commitment.free_by(view)) return;
  situation_.report.status.blocked.clear();
  if (view.holder == situation_.followed && view.reserved_timeline == followed_reign_) return;
  if (!may_follow(view)) return;
  followed_reign_ = view.reserved_timeline;
  if (view.holder == situation_.followed) return;
  server_.follow(view.holder);
  server_.reload();
}

// Out of touch, we may have got more of the lost primary's log than the one that was elected without us.
bool Standby::may_follow(const rules::LeaseView& view) {
  if (!view.elected_at || view.reserved_timeline == situation_.compared_with) return true;
  const auto is_read = world_.server.is_log_read();
  const auto own = world_.server.log_end();
  if (!own) return may_ask_for_log(view, own.error().message);
  if (own->received == 0 && !(is_read && *is_read)) return false;
  if (rules::is_part_of_elected(view, *own)) return true;
  compare_first(view, {own->end(), own->timeline});
  return false;
}

// It cannot be asked where its log ends, and never will be before it has more: its control file says how far the data
// reaches.
bool Standby::may_ask_for_log(const rules::LeaseView& view, const std::string& refusal) {
  if (refusal.find(kNotConsistent) == std::string::npos || view.timeline <= view.elected_at->timeline) {
    idleness_ = {};
    return false;
  }
  if (idleness_.looks++ == 0) idleness_.since = world_.now();
  if (world_.processes.is_recovery_at_work(situation_.postmaster)) ++idleness_.busy;
  if (world_.now() - idleness_.since < kLackPatience) return false;
  // What waits for more of the log sleeps but for moments; what reads it runs, or waits for a disk or a processor.
  const bool is_idle = 2 * idleness_.busy < idleness_.looks;
  idleness_ = {};
  if (!is_idle) return false;
  const auto data = world_.volume.inspect();
  if (!data) return false;
  if (rules::is_part_of_elected(view, data->least_recovery, world_.volume.history_of(view.timeline))) {
    base::log_info("Asks the primary for the log that its data needs", {{"primary", view.holder}});
    return true;
  }
  compare_first(view, data->least_recovery);
  return false;
}

void Standby::compare_first(const rules::LeaseView& view, const rules::LogPoint& end) {
  const auto text = [](std::int64_t timeline, rules::Lsn lsn) {
    return std::to_string(timeline) + " " + rules::format_lsn(lsn);
  };
  base::log_warning("Compares the data before it follows",
                    {{"primary", view.holder},
                     {"logEnd", text(end.timeline, end.lsn)},
                     {"electedAt", text(view.elected_at->timeline, view.elected_at->lsn)}});
  situation_.report.is_uncompared = situation_.is_ahead = true;
  if (!situation_.followed.empty()) {
    server_.follow("");
    server_.reload();
  }
}

// Following is tried first; where it cannot work, the data is compared and mended, or copied again.
std::optional<Ending> Standby::tend_stream(const rules::LeaseView& view) {
  if (situation_.is_stream_steady || situation_.followed.empty() || view.holder != situation_.followed) {
    if (situation_.is_stream_steady && world_.now() - situation_.started > 2 * world_.options.stream_patience)
      situation_.rewinds = 0;
    situation_.stream_problem.clear();
    situation_.streamed = world_.now();
    return std::nullopt;
  }
  // it asks for a stream when it has read what lies here
  if (world_.processes.is_recovery_at_work(situation_.postmaster)) situation_.streamed = world_.now();
  if (world_.now() - situation_.streamed < kAskInterval || !world_.is_due(asked_primary_, kAskInterval))
    return std::nullopt;
  const auto primary = world_.peers.status(situation_.followed);
  if (!primary || primary->role != "primary" || !primary->is_writable) {
    situation_.streamed = world_.now();  // its fault, not our data's
    return std::nullopt;
  }
  if (!can_reach_for_copy(situation_.followed)) {
    situation_.streamed = world_.now();
    return std::nullopt;
  }
  const auto end = world_.server.log_end();
  const auto oldest = rules::parse_lsn(primary->oldest_lsn);
  const bool is_gone = end && oldest && end->end() != 0 && end->end() < *oldest;
  if (is_gone) situation_.repair = rules::Repair::Clone;
  else if (world_.now() - situation_.streamed > world_.options.stream_patience && view.timeline >= primary->timeline)
    situation_.repair = ++situation_.rewinds > kRewindTries ? rules::Repair::Clone : rules::Repair::Rewind;
  if (situation_.repair == rules::Repair::None) return std::nullopt;
  base::log_warning("Could not follow the primary",
                    {{"primary", situation_.followed},
                     {"why", is_gone ? "it no longer has the log that follows ours" : "no stream came about"},
                     {"next", situation_.repair == rules::Repair::Clone ? "copy again" : "rewind"}});
  display_.show(situation_.repair == rules::Repair::Clone ? "Recloning" : "Rewinding",
                "stopping the server to rejoin " + situation_.followed);
  server_.stop(SIGINT);
  return Ending::Again;
}

// Where a standby's connection is refused, for a password or by a wall between us, the data has no part in it. Gives
// whether it may be judged; a peer may have had us let go of the primary meanwhile.
bool Standby::can_reach_for_copy(const std::string& primary) {
  const auto name = primary;
  const auto found = world_.volume.identify(name, tick_);
  auto problem = found ? std::string() : found.error().message;
  if (found && *found != situation_.report.status.system_identifier)
    problem = name + " has another database, " + *found;
  if (problem != situation_.stream_problem && !problem.empty())
    base::log_warning("Could not follow the primary",
                      {{"primary", name}, {"why", problem}, {"next", "wait: the data is not at fault"}});
  situation_.stream_problem = problem;
  return problem.empty() && situation_.followed == name;
}

}  // namespace cadence::agent::postgres
