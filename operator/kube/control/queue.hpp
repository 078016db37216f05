// The work queue: keys to reconcile, each once, by any number of workers. Thread-safe.
// Promises: see queue_order.hpp and limiter.hpp; take() blocks until a key is ready, the queue is shut down or a stop
// is asked for; after shut_down() nothing is accepted or handed out any more: what waits is found again by the next
// leader's first list.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "kube/control/limiter.hpp"
#include "kube/control/metrics.hpp"
#include "kube/control/queue_order.hpp"

namespace cadence::kube::control {

class Queue {
 public:
  Queue(const std::string& name, LimiterOptions limits, Registry& registry,
        const base::Clock& clock = base::system_clock());
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  void add(const core::ObjectKey& key, Priority priority = Priority::Normal);
  void add_after(const core::ObjectKey& key, std::chrono::nanoseconds delay, Priority priority = Priority::Normal);
  void add_rate_limited(const core::ObjectKey& key, Priority priority = Priority::Normal);
  void forget(const core::ObjectKey& key);  // its next failure is its first again

  std::optional<QueueOrder::Taken> take(std::stop_token stop);
  std::optional<QueueOrder::Taken> try_take();  // what is ready now
  void done(const core::ObjectKey& key);

  void shut_down();
  // False when a key is still being worked on after `longest`.
  bool wait_until_idle(std::chrono::milliseconds longest);
  [[nodiscard]] std::size_t depth() const;  // ready and not taken
  [[nodiscard]] std::chrono::nanoseconds longest_running() const;
  // When a key becomes ready that waits for its time.
  [[nodiscard]] std::optional<base::Monotonic> next_ready() const;

 private:
  void insert(const core::ObjectKey& key, std::chrono::nanoseconds delay, Priority priority);
  [[nodiscard]] double unfinished_seconds() const;

  const std::string name_;
  Registry& registry_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  QueueOrder order_;
  Limiter limiter_;
  bool is_shut_down_ = false;
  Counter &adds_, &retries_;
  Histogram &waited_, &worked_;
};

}  // namespace cadence::kube::control
