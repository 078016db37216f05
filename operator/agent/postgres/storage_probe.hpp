// Can the primary still write? A thread commits a tiny WAL record every few seconds over a connection of its own:
// replication and readiness look well for a long time while the disk below is dead. Promises: a write that hangs holds
// up nobody else.
#pragma once

#include <atomic>
#include <thread>

#include "agent/postgres/options.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::agent::postgres {

class StorageProbe {
 public:
  explicit StorageProbe(const Options& options);

  void start();  // of a reign: counts from now
  void stop();
  // Since the last successful write; zero while stopped.
  [[nodiscard]] std::chrono::milliseconds silence() const;

 private:
  void run(const std::stop_token& stop);
  bool write();
  const Options& options_;
  std::optional<rules::Connection> connection_;
  std::atomic<bool> is_on_{false};
  std::atomic<std::int64_t> written_ms_{0};
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
