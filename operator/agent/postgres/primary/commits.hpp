// What a commit would meet on this server now: measured, held to what was asked for, and told to the operator.
// Promises: settings that are ours are set back; what is said stays the same text while nothing changes, because each
// change of the Lease wakes the operator.
#pragma once

#include "agent/postgres/server/server.hpp"
#include "postgres/rules/commit_watch.hpp"

namespace cadence::agent::postgres {

class Commits {
 public:
  Commits(const World& world, Situation& situation, Server& server);

  void guard_settings();
  void measure(const Answer& answer);
  void tend_measures(const rules::LeaseView& view);  // into the Lease

 private:
  const World& world_;
  Situation& situation_;
  Server& server_;
  rules::CommitWatch commit_watch_;
  std::string strange_names_;  // synchronous_standby_names of the last look, where it was not what we wrote
  base::Monotonic measured_{};
};

}  // namespace cadence::agent::postgres
