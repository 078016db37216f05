// Asks the server beside us how it is, over its socket. One connection, opened again when it breaks.
// Promises: bounded by the connection's time-outs; no answer is an error, never a guess. Writes nothing but slots.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "agent/postgres/options.hpp"
#include "postgres/client/connection.hpp"
#include "postgres/rules/election.hpp"
#include "postgres/rules/instance_status.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::agent::postgres {

class Probe {
 public:
  explicit Probe(const Options& options) : options_(options) {}

  struct Answer {
    rules::InstanceStatus status;  // all but instance and message; role from the server's own recovery state
    rules::Parameters in_force;    // what protects a commit
    rules::Lsn flushed = 0;        // on a primary: what is safe on its own disk
  };
  base::Result<Answer> ask();
  // The connection, for what else must be said to the server.
  base::Result<rules::Connection*> connection();
  void forget() { connection_.reset(); }
  // Is the WAL receiver connected? Cheap: asked many times a second.
  struct Reception {
    bool is_in_recovery = false;
    bool is_paused = false;  // pg_wal_replay_pause() was called
    pid_t receiver = 0;      // the WAL receiver that streams; 0: none does
  };
  base::Result<Reception> reception();
  base::Result<void> resume_replay();
  // Process of the WAL receiver; 0: there is none.
  base::Result<pid_t> wal_receiver();
  // How much of the log this standby has; an error of one that is no standby any more. `received` is 0 where no
  // receiver ran since the start.
  base::Result<rules::MemberReport> log_end();
  // The server has replayed all the log it has, and looks out for more.
  base::Result<bool> is_log_read();
  base::Result<std::string> oldest_lsn();
  // Writes a little, and sees whether `standby` has it on disk within `at_most`: its stream is alive, not only not yet
  // missed.
  bool is_confirmed_by(const std::string& standby, std::chrono::milliseconds at_most);
  // Each other instance has a slot here, so that it can stream the moment we are primary. A standby's slots hold back
  // no WAL; a primary drops those of instances that are gone from the list and unused for a while.
  base::Result<void> tend_slots(const std::vector<std::string>& others, bool is_primary,
                                std::chrono::steady_clock::time_point now);

 private:
  base::Result<std::vector<rules::Row>> query(std::string_view sql);
  base::Result<std::string> one(std::string_view sql);  // the first column of the first row; empty where there is none
  const Options& options_;
  std::optional<rules::Connection> connection_;
  std::map<std::string, std::chrono::steady_clock::time_point> idle_since_;
};

}  // namespace cadence::agent::postgres
