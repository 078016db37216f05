// What the loops of an agent know of each other, as values: each writes what it has found out or decided, and the next
// one goes by it. One thread reads and writes them. Knows no ports: a test sets a situation up, runs one loop, and
// looks at what became of it.
#pragma once

#include <memory>

#include "agent/postgres/peers/election_round.hpp"
#include "agent/postgres/status/board.hpp"
#include "agent/postgres/values.hpp"
#include "postgres/rules/boot.hpp"

namespace cadence::agent::postgres {

// What the end of a server means for this process.
enum class Ending { Again, Exit };

// A standby's election, from the first suspicion to the claim.
struct Campaign {
  base::Monotonic since{}, next_round{};
  rules::Suspicion suspicion = rules::Suspicion::None;
  std::string record;
  std::optional<rules::MemberReport> own;
  std::unique_ptr<ElectionRound> round;
  std::map<std::string, std::int64_t> phases;
  std::vector<std::string> waited_for;
};

struct Situation {
  Report report;  // what the world is told

  // The server, and what is to be done when it has ended.
  pid_t postmaster = 0;
  bool is_primary = false;  // it runs to accept writes; after an election: it was seen to be promoted
  bool is_promoting = false;
  int failed_starts = 0;  // in a row, of servers that ended by themselves before they served
  rules::Repair repair = rules::Repair::None;
  int rewinds = 0;
  base::Monotonic started{}, looked{}, tended_slots{};

  // A standby's stream.
  std::string followed;  // the primary that its settings name
  bool is_streaming = false, is_stream_steady = false, has_strayed = false, is_replay_paused = false;
  bool is_ahead = false;  // the log may go beyond what the elected one had: it is compared before anything is followed
  std::int64_t compared_with = -1;  // a reign, by the number that its promotion was given
  std::string stream_problem;       // why not even a connection to the primary came about
  rules::Lsn told_end = 0;          // since the primary was let go of
  base::Monotonic streamed{};

  // A standby's election, and the story of the last one that was won, until the Lease tells it.
  std::optional<Campaign> campaign;
  rules::Reach reach = rules::Reach::Unknown;
  std::optional<rules::Failover> untold;

  // A reign; forgotten with each start of a server.
  bool is_checkpointed = false, is_storage_watched = false, is_reign_noted = false;
  Passwords known_passwords;
  std::string gone;  // what of the application's somebody renamed or dropped
};

}  // namespace cadence::agent::postgres
