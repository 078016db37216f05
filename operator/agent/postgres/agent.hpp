// The life of a PostgreSQL pod: decide, act, supervise, and again. The page to read first in this folder; boot.hpp
// leads from the volume to a running server, standby.hpp keeps a standby, candidate.hpp elects, promotion.hpp takes
// over, primary.hpp reigns, server.hpp starts and stops. Promises: PostgreSQL accepts writes only while the Lease is
// ours and fresh; however the server ends, the Lease is free for others as soon as no process of ours can commit, and
// this instance comes back by itself; SIGTERM stops it cleanly. One thread decides all, and reaches the world through
// ports only.
#pragma once

#include "agent/postgres/boot/boot.hpp"
#include "agent/postgres/primary/primary.hpp"
#include "agent/postgres/standby/standby.hpp"
#include "agent/postgres/status/lookout.hpp"

namespace cadence::agent::postgres {

class Agent {
 public:
  Agent(const World& world, Board& board);
  int run();  // the exit code

 private:
  void live();
  Ending supervise();
  std::optional<Ending> obey(const rules::LeaseView& view);
  void look();
  void tick();

  const World& world_;
  Situation situation_;
  Display display_;
  Server server_;
  Promotion promotion_;
  Candidate candidate_;
  Rejoin rejoin_;
  Boot boot_;
  Standby standby_;
  Commits commits_;
  Primary primary_;
  Lookout lookout_;
  std::string restarted_for_;
  bool has_seen_restart_ = false;
  base::Monotonic trimmed_{};
};

}  // namespace cadence::agent::postgres
