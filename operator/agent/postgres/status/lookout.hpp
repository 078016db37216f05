// The look at the running server once a second, and what is said of it. Promises: what the server does not answer is
// said to be so; "accepting writes" is said only while the Lease is ours and fresh; where the log ends is told only
// when all of it that lies here was read.
#pragma once

#include "agent/postgres/primary/commits.hpp"

namespace cadence::agent::postgres {

class Lookout {
 public:
  Lookout(const World& world, Situation& situation, Display& display, Server& server, Commits& commits);

  void look_at_server();
  void tend_files();

 private:
  void take_over(rules::InstanceStatus status);
  void describe(const std::string& closed);
  [[nodiscard]] std::string describe_standby() const;
  void tell_log_end();

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Commits& commits_;
  rules::Lsn log_end_ = 0;  // at the last look, while the database is looked for
  base::Monotonic checked_limits_{};
};

}  // namespace cadence::agent::postgres
