// Whether the primary can still write and anybody can still connect, found out by trying it again and again in a thread
// apart: replication, readiness and the connections that are open look well for a long time over a dead disk or under a
// postmaster that hangs. Promises: whoever asks for the finding waits for no attempt; silence counts from start() or
// the last success, and there is none while stopped. Whoever destroys a Trial waits for the attempt that is under way.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "agent/postgres/ports.hpp"

namespace cadence::agent::postgres {

struct Attempt {
  std::chrono::seconds interval;
  std::function<base::Result<void>()> make;
  std::function<void()> rest = [] {};  // instead of it, while stopped
};

// A tiny WAL record is committed, over a connection that stays open, and is dropped while stopped. Waits for the local
// disk only.
Attempt write_attempt(const Options& options);
// A connection is opened, and closed. Says nothing about what the access rules let in.
Attempt connect_attempt(const Options& options);

class Trial final : public TrialPort {
 public:
  explicit Trial(Attempt attempt);

  void start() override;
  void stop() override;
  [[nodiscard]] Finding finding() const override;

 private:
  void run(const std::stop_token& stop);
  Attempt attempt_;
  std::atomic<bool> is_on_{false};
  std::atomic<std::int64_t> succeeded_ms_{0};
  mutable std::mutex mutex_;
  std::string problem_;
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
