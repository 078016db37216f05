// Takes what was spooled into the store: the oldest first, a batch at a time, on a connection of its own. Promises: a
// batch leaves the spool only when the store has it, and the deliveries' keys make a second time harmless; what the
// store refuses for good is set aside and holds up nothing; while the store is away it is asked at growing intervals.
// Prepares a store that failed before it judges what that refuses: the workers, who do it otherwise, may have ended,
// and one that comes back may be another one, without tables.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/backoff.hpp"
#include "queue/spool.hpp"
#include "queue/store.hpp"

namespace cadence::queue {

struct SpoolDrainOptions {
  std::chrono::milliseconds statement_limit{5000};
  std::chrono::milliseconds look_every{1000};  // for what was spooled meanwhile
  base::BackoffOptions retry{std::chrono::milliseconds(500), 2.0, std::chrono::milliseconds(5000), 0.5};
};

class SpoolDrain {
 public:
  SpoolDrain(Store& store, Spool& spool, SpoolDrainOptions options = {}, std::function<void()> on_queued = {});
  ~SpoolDrain();

  void wake();  // the store is back
  // Whether the spool is empty; waits for it so long.
  bool finish(std::chrono::milliseconds limit);
  void stop();
  [[nodiscard]] std::uint64_t taken_in() const { return taken_in_.load(); }

 private:
  void run(const std::stop_token& stop);
  // True: there may be more. Transient: the store is away.
  base::Result<bool> take_one(Acceptor& acceptor);
  base::Result<std::vector<Delivery>> take_singly(Acceptor& acceptor, const SpoolBatch& batch);
  void note_taken(std::span<const Delivery> deliveries, const std::vector<Accepted>& accepted);
  void pause(const std::stop_token& stop, std::chrono::milliseconds most);

  Store& store_;
  Spool& spool_;
  SpoolDrainOptions options_;
  std::function<void()> on_queued_;
  std::atomic<std::uint64_t> taken_in_{0};
  std::mutex mutex_;
  std::condition_variable_any woken_, moved_;
  bool is_woken_ = false, is_prepared_ = false;
  std::jthread thread_;
};

}  // namespace cadence::queue
