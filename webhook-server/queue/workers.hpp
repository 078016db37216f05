// Runs jobs: prepares the store, claims as many as it has free hands, keeps the lease alive, bounds each job in time,
// completes under the claim. Promises: at most `hands` analyses at once, and at most half of them of what nobody
// signed; a lease that cannot be renewed stops the analyses before another replica takes the jobs; a job whose worker
// died runs alone, so that what it may do again harms no other; drain() finishes or hands back every job by its
// deadline. Knows no SQL and no git.
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
#include "queue/analyzer.hpp"
#include "queue/store.hpp"

namespace cadence::queue {

struct WorkerOptions {
  int hands = 4;
  int max_attempts = 2;
  std::chrono::milliseconds job_limit{300000};
  std::chrono::milliseconds lease{20000};
  std::chrono::milliseconds renew_every{5000};
  // without a renewal: stop the analyses, the lease is about to be lost
  std::chrono::milliseconds give_up_after{15000};
  std::chrono::milliseconds poll{400};  // jobs stored by other replicas are seen this soon
  std::chrono::milliseconds purge_every{60000};
  Retention retention;
};

// When an attempt began, when its analysis was over, and when the store had its outcome.
struct JobTimes {
  base::Wall begun{}, analysed{}, published{};
};

// What happened, for metrics and traces. Called from the pool's threads.
struct WorkerEvents {
  std::function<void(const Claim&, const base::Result<Analysis>&, std::chrono::milliseconds took)> on_finished;
  std::function<void()> on_fenced;  // a completion came too late and was dropped
  std::function<void(const Rescued&)> on_rescued;
  std::function<void()> on_store_back;  // the store takes what is to be written, at the start and after it did not
  std::function<void(const Claim&, const JobTimes&)> on_published;
};

// Whether the store takes what the server has to write, as the keeper saw it last.
struct StoreHealth {
  bool is_up = false;
  Trouble trouble;  // why not; empty where the store gave no reason
};

class WorkerPool {
 public:
  WorkerPool(Store& store, Analyzer& analyzer, Worker worker, WorkerOptions options, WorkerEvents events = {});
  ~WorkerPool();

  void wake();                            // a job may be waiting
  void drain(std::chrono::milliseconds);  // no new jobs; running ones may finish until then, the rest is handed back
  [[nodiscard]] int active() const { return active_.load(); }
  [[nodiscard]] Depth depth() const;  // shared queue, as last seen
  [[nodiscard]] StoreHealth store_health() const;

 private:
  struct Running {
    Claim claim;
    std::stop_source stop;
    base::Monotonic deadline;
    bool is_timed_out = false, is_handed_back = false;
  };
  void keep(std::stop_token stop);
  void work(std::stop_token stop);
  void run(const std::shared_ptr<Running>& job);
  void publish(Running& job, const base::Result<Analysis>& analysis);
  void tell(const Running& job, const base::Result<Analysis>& analysis, base::Monotonic begun, const JobTimes& times);
  void renew_lease();
  base::Result<void> prepare_and_renew();
  void note_health(const base::Result<void>& outcome);
  void watch_deadlines();
  [[nodiscard]] Room free_hands() const;
  void claim_jobs();
  std::vector<Claim> take(std::vector<Claim> claims);
  void tidy();
  void stop_all(bool is_hand_back);

  Store& store_;
  Analyzer& analyzer_;
  Worker worker_;
  WorkerOptions options_;
  WorkerEvents events_;

  mutable std::mutex mutex_;
  std::condition_variable_any handed_, woken_, finished_;
  std::deque<std::shared_ptr<Running>> assigned_;
  std::vector<std::shared_ptr<Running>> running_;  // assigned ones included
  Depth depth_;
  StoreHealth health_;
  bool is_woken_ = false, is_draining_ = false, is_suspect_waiting_ = false;

  std::stop_source stopping_;
  std::atomic<int> active_{0};
  base::Monotonic last_renewal_{}, next_renewal_{}, next_purge_{}, next_count_{};  // the keeper's own
  bool has_lease_ = false, is_prepared_ = false, is_reachable_ = false, is_claim_failing_ = false;
  std::vector<std::jthread> hands_;
  std::jthread keeper_;
};

}  // namespace cadence::queue
