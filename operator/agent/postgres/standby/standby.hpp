// A standby with its server running: it follows whoever holds the Lease, notices when it cannot, and stands for
// election when nobody does. Promises: a log that may go beyond the elected one's never asks for more before the two
// were compared; a server that somebody promoted by hand is stopped, and what it wrote counts nowhere; where only the
// connection is at fault, the data is left alone; a server that needs more of the log than lies here is let ask for it.
#pragma once

#include "agent/postgres/standby/candidate.hpp"

namespace cadence::agent::postgres {

class Standby {
 public:
  Standby(const World& world, Situation& situation, Display& display, Server& server, Candidate& candidate, Tick tick);

  // One round; an ending where the server was stopped for what comes next.
  std::optional<Ending> stand_by(const rules::LeaseView& view);

 private:
  void look_at_stream();
  Ending turn_back();
  void tend_following(const rules::LeaseView& view);
  bool may_follow(const rules::LeaseView& view);
  bool may_ask_for_log(const rules::LeaseView& view, const std::string& refusal);
  void compare_first(const rules::LeaseView& view, const rules::LogPoint& end);
  std::optional<Ending> tend_stream(const rules::LeaseView& view);
  std::optional<Ending> await_successor(const rules::LeaseView& view);
  bool can_reach_for_copy(const std::string& primary);

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Candidate& candidate_;
  Tick tick_;
  pid_t receiver_ = 0;
  std::int64_t followed_reign_ = -1;  // by the number that its promotion was given
  // Looks at the process that replays the log, of a server that answers nobody.
  struct Idleness {
    int looks = 0, busy = 0;
    base::Monotonic since{};
  };
  Idleness idleness_;
  base::Monotonic asked_primary_{};
};

}  // namespace cadence::agent::postgres
