// The life of a PostgreSQL pod: decide, act, supervise, stop. The page to read first in this folder.
// Promises: PostgreSQL accepts writes only while the Lease is ours and fresh; a server that ends by itself ends the agent, so that
// the restart is seen; SIGTERM stops it cleanly and releases the Lease only when the stop was clean. One thread decides everything.
#pragma once

#include <memory>

#include "agent/postgres/board.hpp"
#include "agent/postgres/children.hpp"
#include "agent/postgres/lease_keeper.hpp"
#include "agent/postgres/probe.hpp"
#include "agent/postgres/server_files.hpp"
#include "agent/postgres/volume.hpp"
#include "postgres/boot.hpp"

namespace cadence::agent::postgres {

class Agent {
 public:
  Agent(const Options& options, Children& children, LeaseClient& lease_client, Board& board);
  int run();  // the exit code

 private:
  // boot.cpp: from the volume to a running server
  int boot();
  base::Result<rules::BootFacts> facts();
  std::optional<int> carry_out(const rules::BootDecision& decision);  // an exit code when life ends here
  base::Result<void> initialise();
  base::Result<void> clone(const std::string& from);
  base::Result<void> become_primary(bool must_watch_first);
  void pause(std::string message);

  // agent.cpp: with a running server
  int supervise(bool is_primary);
  base::Result<void> start_server(bool is_primary);
  void look_at_server();
  void tend_files();
  void tend_primary();
  void tend_standby();
  int stop_server();
  int server_ended(int status);
  void signal_server(int signal);
  [[nodiscard]] bool is_due(std::chrono::steady_clock::time_point& last, std::chrono::milliseconds every) const;
  void show(std::string role, std::string message);
  void refresh_report();

  const Options& options_;
  Children& children_;
  Board& board_;
  Watchdog watchdog_;
  LeaseKeeper keeper_;
  ServerFiles files_;
  Volume volume_;
  Probe probe_;
  Report report_;
  int program_version_ = 0;
  pid_t postmaster_ = 0;
  bool is_primary_ = false, has_warned_ = false, is_trimmed_ = false;
  Passwords known_passwords_;
  std::string followed_, said_;
  std::chrono::steady_clock::time_point looked_{}, tended_slots_{};
};

}  // namespace cadence::agent::postgres
