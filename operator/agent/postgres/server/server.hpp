// The server's life: its start, whom it follows, its stop, and what its end means for the Lease. The one page that a
// fence rests on besides the watchdog. Promises: no server starts as primary without a fresh Lease of ours; the Lease
// is renewed until the last process that could commit is gone, and free for others from then on; only a primary that
// stopped cleanly leaves the end of its log behind, never one whose promotion was not seen to be done.
#pragma once

#include "agent/postgres/status/display.hpp"

namespace cadence::agent::postgres {

class Server {
 public:
  // `tick`: while one waits for its end.
  Server(const World& world, Situation& situation, Display& display, Tick tick);

  base::Result<void> start(bool is_primary);
  void follow(const std::string& primary);  // an empty name: nobody; takes effect with reload()
  void reload();
  void signal(int number) const;

  struct Stopped {
    bool is_clean = false;  // as a primary's end of the log must be
    rules::DataDirectory data;
  };
  Stopped stop(int first_signal);
  // Stops and lets others have the Lease. Exit when the process shall end as well.
  Ending leave(int first_signal, const rules::Release& release);
  Ending ended(int status);  // by itself, or by the fence

 private:
  void end_loops();
  const World& world_;
  Situation& situation_;
  Display& display_;
  Tick tick_;
  bool is_laid_aside_ = false;
};

}  // namespace cadence::agent::postgres
