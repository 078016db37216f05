#include <signal.h>

#include "agent/postgres/agent.hpp"
#include "agent/postgres/recovery_process.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kAskInterval{5};
constexpr std::chrono::seconds kSuccessorInterval{1};
constexpr int kRewindTries = 3;

}  // namespace

std::optional<Agent::Ending> Agent::stand_by(const rules::LeaseView& view) {
  look_at_stream();
  if (has_strayed_) return turn_back();
  tend_following(view);
  if (const auto ending = consider_election(view)) return ending;
  if (campaign_ || is_primary_) return std::nullopt;
  if (report_.is_accepting && is_due(tended_slots_, kAskInterval)) {
    if (const auto done = probe_.tend_slots(others(), false, Clock::now()); !done)
      base::log_warning("Could not look after the slots", {{"error", done.error().message}});
  }
  // Ready for a promotion at any moment: ignored in recovery, in force with the first commit after it.
  files_.apply_synchronous(rules::wanted_set(files_.synchronous(), others(), others()));
  return report_.is_uncompared ? await_successor(view) : tend_stream(view);
}

// A log that may go beyond the successor's must not even ask it for more: what it says of its end would count as an
// acknowledgement.
std::optional<Agent::Ending> Agent::await_successor(const rules::LeaseView& view) {
  if (!is_due(asked_primary_, kSuccessorInterval)) return std::nullopt;
  if (commitment_.is_disarmed() && !commitment_.free_by(view)) return std::nullopt;
  const bool is_own_reign_again = view.holder.empty() && view.last_holder == options_.instance;
  if (!is_own_reign_again) {
    if (view.holder.empty()) return std::nullopt;
    const auto primary = peers_.status(view.holder);
    if (!primary || primary->role != "primary" || !primary->is_writable || view.timeline < primary->timeline)
      return std::nullopt;
  }
  if (is_ahead_) repair_ = rules::Repair::Rewind;
  show("Stopping",
       is_own_reign_again ? "nobody was primary since" : view.holder + " is primary: the data is compared with its");
  stop_server(SIGINT);
  return Ending::Again;
}

// A receiver whose primary no longer has the log that it asks for streams for a moment, too, and is another one at each
// look.
void Agent::look_at_stream() {
  const auto seen = probe_.reception();
  const pid_t receiver = seen ? seen->receiver : 0;
  has_strayed_ = seen && !seen->is_in_recovery;
  is_replay_paused_ = seen && seen->is_paused;
  is_streaming_ = receiver != 0;
  is_stream_steady_ = is_streaming_ && receiver == receiver_;
  receiver_ = receiver;
  // Paused, it neither reads to the end of a log nor asks for another timeline: that would hold up an election, or
  // commits after it.
  if (!is_replay_paused_ || is_streaming_) return;
  if (probe_.resume_replay())
    base::log_warning("Went on with the replay, which somebody had paused: nothing streams", {});
}

// Somebody promoted it by hand, or took away the file that makes it a standby. What it wrote since is undone, and
// counts nowhere.
Agent::Ending Agent::turn_back() {
  signal_server(SIGQUIT);
  if (const auto noted = volume_.note_straying(); !noted)
    base::log_error("Could not note that the server had been promoted", {{"error", noted.error().message}});
  guard_.tell_straying(Clock::now());
  report_.status.overridden = guard_.findings(Clock::now());
  show("Stopping", "it was promoted, and nobody elected it: it becomes a standby again");
  stop_server(SIGQUIT);
  return Ending::Again;
}

void Agent::follow(const std::string& primary) {
  if (primary != followed_ && !followed_.empty() && !primary.empty())
    base::log_info("Followed another primary", {{"from", followed_}, {"to", primary}});
  if (!primary.empty()) told_end_ = 0;
  followed_ = primary;
  streamed_ = Clock::now();
  files_.follow(primary);
}

void Agent::tend_following(const rules::LeaseView& view) {
  if (view.holder.empty() || view.holder == options_.instance || report_.is_uncompared) return;
  if (commitment_.is_disarmed() && !commitment_.free_by(view)) return;
  report_.status.blocked.clear();
  if (view.holder == followed_ && view.reserved_timeline == followed_reign_) return;
  if (!may_follow(view)) return;
  followed_reign_ = view.reserved_timeline;
  if (view.holder == followed_) return;
  follow(view.holder);
  reload();
}

// Out of touch, we may have got more of the lost primary's log than the one that was elected without us.
bool Agent::may_follow(const rules::LeaseView& view) {
  if (!view.elected_at || view.reserved_timeline == compared_with_) return true;
  const auto is_read = probe_.is_log_read();
  const auto own = probe_.log_end();
  if (!own || (own->received == 0 && !(is_read && *is_read))) return false;
  if (rules::is_part_of_elected(view, *own)) return true;
  const auto text = [](std::int64_t timeline, rules::Lsn lsn) {
    return std::to_string(timeline) + " " + rules::format_lsn(lsn);
  };
  base::log_warning("Compares the data before it follows",
                    {{"primary", view.holder},
                     {"logEnd", text(own->timeline, own->end())},
                     {"electedAt", text(view.elected_at->timeline, view.elected_at->lsn)}});
  report_.is_uncompared = is_ahead_ = true;
  if (!followed_.empty()) {
    follow("");
    reload();
  }
  return false;
}

// Following is tried first; where it cannot work, the data is compared and mended, or copied again.
std::optional<Agent::Ending> Agent::tend_stream(const rules::LeaseView& view) {
  if (is_stream_steady_ || followed_.empty() || view.holder != followed_) {
    if (is_stream_steady_ && Clock::now() - started_ > 2 * options_.stream_patience) rewinds_ = 0;
    stream_problem_.clear();
    streamed_ = Clock::now();
    return std::nullopt;
  }
  // it asks for a stream when it has read what lies here
  if (is_recovery_at_work(postmaster_)) streamed_ = Clock::now();
  if (Clock::now() - streamed_ < kAskInterval || !is_due(asked_primary_, kAskInterval)) return std::nullopt;
  const auto primary = peers_.status(followed_);
  if (!primary || primary->role != "primary" || !primary->is_writable) {
    streamed_ = Clock::now();  // its fault, not our data's
    return std::nullopt;
  }
  if (!can_reach_for_copy(followed_)) {
    streamed_ = Clock::now();
    return std::nullopt;
  }
  const auto end = probe_.log_end();
  const auto oldest = rules::parse_lsn(primary->oldest_lsn);
  const bool is_gone = end && oldest && end->end() != 0 && end->end() < *oldest;
  if (is_gone) repair_ = rules::Repair::Clone;
  else if (Clock::now() - streamed_ > options_.stream_patience && view.timeline >= primary->timeline)
    repair_ = ++rewinds_ > kRewindTries ? rules::Repair::Clone : rules::Repair::Rewind;
  if (repair_ == rules::Repair::None) return std::nullopt;
  base::log_warning("Could not follow the primary",
                    {{"primary", followed_},
                     {"why", is_gone ? "it no longer has the log that follows ours" : "no stream came about"},
                     {"next", repair_ == rules::Repair::Clone ? "copy again" : "rewind"}});
  show(repair_ == rules::Repair::Clone ? "Recloning" : "Rewinding", "stopping the server to rejoin " + followed_);
  stop_server(SIGINT);
  return Ending::Again;
}

// Where a standby's connection is refused, for a password or by a wall between us, the data has no part in it. Gives
// whether it may be judged; a peer may have had us let go of the primary meanwhile.
bool Agent::can_reach_for_copy(const std::string& primary) {
  const auto name = primary;
  const auto found = volume_.identify(files_, name, [this] { tick(); });
  auto problem = found ? std::string() : found.error().message;
  if (found && *found != report_.status.system_identifier) problem = name + " has another database, " + *found;
  if (problem != stream_problem_ && !problem.empty())
    base::log_warning("Could not follow the primary",
                      {{"primary", name}, {"why", problem}, {"next", "wait: the data is not at fault"}});
  stream_problem_ = problem;
  return problem.empty() && followed_ == name;
}

}  // namespace cadence::agent::postgres
