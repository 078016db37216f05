// Between receivers and the store: collects deliveries, writes them in batches, answers each when it is durable.
// Promises: submit() never blocks; every accepted submission is answered exactly once, by its deadline, whatever the
// store does meanwhile; a batch forms only while a write is in flight, so an idle system adds no delay, and it grows
// with the load: another connection joins when half a batch waits, or somebody has for a while. While the store
// is away deliveries are held here, so many and so many bytes; one connection looks for it, and takes what was held in
// the order of arrival before the others join in. What is not stored by its deadline is refused, or kept in a spool
// where there is one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "queue/recent_jobs.hpp"
#include "queue/spool.hpp"
#include "queue/store.hpp"

namespace cadence::queue {

struct IntakeOptions {
  int writers = 2;
  std::size_t batch = 128;
  std::chrono::milliseconds join_after{20};  // then a second connection writes too, however few wait
  // Held in memory at most. Each has a connection: fewer than the server takes, so that whoever is refused can be told
  // and probes get through.
  std::size_t waiting = 3072;
  std::size_t bytes = 64 << 20;                     // of them all, bodies apart
  std::size_t asked = 256;                          // of them those that nobody signed
  std::chrono::milliseconds ack_deadline{8000};     // GitHub gives up after 10 s
  std::chrono::milliseconds statement_limit{3000};  // one try; then the connection is replaced and the batch repeated
  std::chrono::milliseconds grace{250};             // from the deadline on, for an answer that is on its way
  std::chrono::milliseconds spool_limit{1500};      // from the deadline on, for the spool
  std::chrono::milliseconds retry_pause{100};       // between two tries; it grows to five times as long
};

struct IntakeCounts {
  std::size_t held = 0;  // now
  std::uint64_t spooled = 0, spool_refused = 0;
};

class Intake {
 public:
  using Answer = std::function<void(base::Result<Accepted>)>;

  // `spool`: null where what was not stored in time is refused. `on_back`: the store takes deliveries again.
  Intake(Store& store, IntakeOptions options, std::function<void()> on_queued = {}, Spool* spool = nullptr,
         std::function<void()> on_back = {});
  ~Intake();

  // False: too many are waiting; the answer will not be called.
  bool submit(Delivery delivery, Answer answer);
  void stop();  // spools what waits, or answers it with Canceled
  [[nodiscard]] std::size_t waiting() const { return counts().held; }
  [[nodiscard]] IntakeCounts counts() const;

 private:
  enum class Stage { Waiting, UnderWay, Spooling };
  // One that is owed an answer; without one it was answered. All fields belong to who has the lock.
  struct Held {
    Delivery delivery;
    Answer answer;
    base::Monotonic deadline;
    std::uint64_t number = 0;
    std::size_t bytes = 0;
    bool is_asked = false;
    Stage stage = Stage::Waiting;
  };
  using Entry = std::shared_ptr<Held>;
  using Batch = std::vector<Entry>;
  // A writer's; alone: the others wait until it is over.
  struct Turn {
    Batch batch;
    bool is_alone = false;
  };
  enum class Health { Up, Away, CatchingUp };
  // What a writer without a turn does: takes one now, waits until it has to join, or sleeps.
  enum class Call { Begin, Watch, Sleep };

  void write_loop(const std::stop_token& stop);
  [[nodiscard]] Call call() const;
  [[nodiscard]] base::Monotonic joins_at() const;
  void wait_for_turn(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  Turn begin_turn(const std::stop_token& stop);
  void end_turn(const Turn& turn);
  void write(Acceptor& acceptor, Turn& turn, const std::stop_token& stop);
  void write_singly(Acceptor& acceptor, Turn& turn, const std::stop_token& stop);
  void note_away(Turn& turn, const base::Error& why, const std::stop_token& stop);
  void note_taken();
  void put_back(const Batch& batch);
  std::vector<Delivery> living(Batch& batch) const;
  // Nothing when it was answered before.
  Answer take_answer(Held& held, const std::string* job_id);
  void settle(const Entry& entry, base::Result<Accepted> accepted);
  void settle(const Batch& batch, const std::vector<Accepted>& accepted);
  void forget_answered();

  // Of what was not stored in time (overdue.cpp).
  void watch(const std::stop_token& stop);
  [[nodiscard]] base::Monotonic next_look() const;
  Batch take_late();
  void make_room();
  void hand_to_spool(const Entry& entry);
  void spool_loop(const std::stop_token& stop);
  std::vector<Delivery> name_jobs(Batch& batch);
  void keep(Batch batch);
  void count_spooled(std::size_t kept, std::size_t refused);
  void leave_behind();

  Store& store_;
  IntakeOptions options_;
  std::function<void()> on_queued_, on_back_;
  Spool* spool_;

  mutable std::mutex mutex_;
  std::condition_variable_any arrived_, watching_, spooling_;
  std::deque<Entry> waiting_;            // in the order of arrival
  std::deque<Entry> watched_, limited_;  // in the order of their deadlines; the latter have only the spool's time left
  std::deque<Entry> overdue_;            // for the spool
  std::size_t held_ = 0, bytes_ = 0, asked_ = 0;
  std::uint64_t next_number_ = 0, spooled_ = 0, spool_refused_ = 0;
  Health health_ = Health::Up;
  bool is_alone_ = false;  // somebody's turn is
  int turns_ = 0;          // under way
  // Somebody was called to begin; somebody watches how long the first one waits.
  bool is_called_ = false, is_watched_ = false;
  base::Backoff pause_;
  RecentJobs recent_;
  base::Monotonic told_at_{};
  bool is_stopped_ = false;

  std::vector<std::jthread> writers_;
  std::jthread spooler_, watcher_;
};

}  // namespace cadence::queue
