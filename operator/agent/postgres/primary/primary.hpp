// A primary with its server running: roles, identity, the synchronous set, and when to go. Promises: a server whose
// Lease names another is stopped at once; one whose disk takes no writes for 10 s, or to which nobody can connect for
// 35 s, gives the Lease up; the set that elections go by and the one that commits wait for change in the order that
// keeps them in touch; a planned switchover begins only when its target has just confirmed the log.
#pragma once

#include "agent/postgres/primary/commits.hpp"

namespace cadence::agent::postgres {

class Primary {
 public:
  Primary(const World& world, Situation& situation, Display& display, Server& server, Commits& commits);

  // One round; an ending where the server was stopped.
  std::optional<Ending> reign(const rules::LeaseView& view);

 private:
  void note_reign();
  base::Result<void> bring_roles(std::chrono::milliseconds bound);
  bool set_up_roles();
  bool mend_roles();
  void tend_identity(const rules::LeaseView& view);
  void tend_synchronous(const rules::LeaseView& view);
  std::optional<Ending> hand_over(const rules::LeaseView& view);

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Commits& commits_;
  std::string known_roles_;  // mark_of_roles() when they were last brought to their Secrets
  std::string refused_switchover_;
  rules::Lsn applied_at_ = 0;
  base::Monotonic tended_roles_{}, asked_target_{};
};

}  // namespace cadence::agent::postgres
