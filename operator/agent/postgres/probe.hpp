// Asks the server beside us how it is, over its socket. One connection, opened again when it breaks.
// Promises: bounded by the connection's time-outs; no answer is an error, never a guess. Writes nothing but what drop_idle_slots says.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/postgres/options.hpp"
#include "postgres/connection.hpp"
#include "postgres/instance_status.hpp"

namespace cadence::agent::postgres {

class Probe {
 public:
  explicit Probe(const Options& options) : options_(options) {}

  // All of the status but instance and message; role from the server's own recovery state.
  base::Result<rules::InstanceStatus> ask();
  // The connection, for what else must be said to the server.
  base::Result<rules::Connection*> connection();
  void forget() { connection_.reset(); }
  // Slots of instances that are gone from the list and unused for a while: they would keep WAL for nobody.
  base::Result<void> drop_idle_slots(const std::vector<std::string>& instances, std::chrono::steady_clock::time_point now);

 private:
  base::Result<std::vector<rules::Row>> query(std::string_view sql);
  const Options& options_;
  std::optional<rules::Connection> connection_;
  std::map<std::string, std::chrono::steady_clock::time_point> idle_since_;
};

}  // namespace cadence::agent::postgres
