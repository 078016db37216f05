// Can anybody still connect? A thread opens a connection every few seconds and closes it: those that are open already
// live on for long under a postmaster that hangs, or over data that can no longer be read, and look well.
// Promises: a connection that hangs holds up nobody else. Says nothing about what the access rules let in.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "agent/postgres/options.hpp"
#include "base/result.hpp"

namespace cadence::agent::postgres {

class ConnectProbe {
 public:
  explicit ConnectProbe(const Options& options);

  void start();  // of a reign: counts from now
  void stop();

  struct Finding {
    std::chrono::milliseconds silence{0};  // since the last connection that could be opened; zero while stopped
    std::string problem = {};              // what the last one met
    bool is_crowded = false;               // every connection is taken: another server would soon be as full
  };
  [[nodiscard]] Finding finding() const;

 private:
  void run(const std::stop_token& stop);
  const Options& options_;
  std::atomic<bool> is_on_{false};
  std::atomic<std::int64_t> opened_ms_{0};
  mutable std::mutex mutex_;
  std::string problem_;
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
