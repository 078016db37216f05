// From the volume to a running server: the facts, what the rules make of them, and the doing of it, one step at a time.
// Promises: the world is read again for each step, and a step that fails is tried again; nobody but the holder of the
// Lease creates a database; a claim rests on the record that was judged, and waits until an earlier holder is proven to
// be gone.
#pragma once

#include "agent/postgres/boot/rejoin.hpp"
#include "agent/postgres/standby/candidate.hpp"

namespace cadence::agent::postgres {

class Boot {
 public:
  enum class Next { Again, Supervise };  // Supervise: a server was started

  Boot(const World& world, Situation& situation, Display& display, Server& server, Candidate& candidate, Rejoin& rejoin,
       Tick tick);

  Next step();
  // Held since initdb or a claim, with no server running: free for whoever has the data.
  void let_go();

 private:
  base::Result<rules::BootFacts> facts();
  std::int64_t timeline_of_successor(const rules::LeaseView& lease, const rules::DataDirectory& data);
  bool is_successor_lost(const rules::LeaseView& lease);
  [[nodiscard]] bool has_watched() const;
  Next carry_out(const rules::BootDecision& decision, const rules::LeaseView& view);
  Next serve(bool is_primary);
  Next serve_as_standby(const std::string& primary);  // of nobody where the name is empty
  Next stay_fenced();
  base::Result<void> initialise(const rules::LeaseView& view);
  base::Result<void> give_up(const rules::GiveUpLease& decision, const rules::LeaseView& view);
  base::Result<void> become_primary(const rules::LeaseView& view, bool must_watch_first);
  Next pause(std::string message);

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Candidate& candidate_;
  Rejoin& rejoin_;
  Tick tick_;
  int program_version_ = 0;
  std::string said_;
};

}  // namespace cadence::agent::postgres
