// Between receivers and the store: collects deliveries, writes them in batches, answers each when it is durable.
// Promises: submit() never blocks; every accepted submission is answered exactly once, by its deadline, whatever the
// store does meanwhile; a batch forms only while a write is in flight, so an idle system adds no delay. While the store
// is away deliveries wait here, up to the deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "queue/store.hpp"

namespace cadence::queue {

struct IntakeOptions {
  int writers = 2;
  std::size_t batch = 128;
  std::size_t waiting = 4096;                       // deliveries held in memory at most
  std::size_t asked = 256;                          // of them those that nobody signed
  std::chrono::milliseconds ack_deadline{8000};     // GitHub gives up after 10 s
  std::chrono::milliseconds statement_limit{3000};  // one try; then the connection is replaced and the batch repeated
  std::chrono::milliseconds retry_pause{100};
};

enum class IntakeFault { Unavailable, Full, Stopping };

class Intake {
 public:
  using Answer = std::function<void(base::Result<Accepted>)>;

  Intake(Store& store, IntakeOptions options, std::function<void()> on_queued = {});
  ~Intake();

  // False: too many are waiting; the answer will not be called.
  bool submit(Delivery delivery, Answer answer);
  void stop();  // answers what waits with Canceled
  [[nodiscard]] std::size_t waiting() const;

 private:
  // Answered once: by who writes it, or by the watch when that takes too long.
  class Pending {
   public:
    explicit Pending(Answer answer) : answer_(std::move(answer)) {}
    void settle(base::Result<Accepted> accepted);

   private:
    std::atomic<bool> is_settled_{false};
    Answer answer_;
  };
  struct Entry {
    Delivery delivery;
    std::shared_ptr<Pending> pending;
    base::Monotonic deadline;
    void answer(base::Result<Accepted> accepted) const { pending->settle(std::move(accepted)); }
  };
  struct Watched {
    std::weak_ptr<Pending> pending;
    base::Monotonic deadline;
  };
  void watch(std::stop_token stop);
  void write_loop(std::stop_token stop);
  std::vector<Entry> take_batch(std::stop_token stop);
  void write(Acceptor& acceptor, std::vector<Entry> batch, std::stop_token stop);
  void settle(std::vector<Entry>& batch, const std::vector<Accepted>& accepted);

  Store& store_;
  IntakeOptions options_;
  std::function<void()> on_queued_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_, watching_;
  std::deque<Entry> entries_;
  std::size_t asked_ = 0;        // of the entries
  std::deque<Watched> watched_;  // in the order of their deadlines
  bool is_stopped_ = false;
  std::vector<std::jthread> writers_;
  std::jthread watcher_;
};

}  // namespace cadence::queue
