// The controller: workers that take keys from a queue and call one function with them.
// Promises: the function never runs twice at once for one key; what it throws is counted and treated as an error; an
// error is tried again with growing delay, a terminal one is not; stop() lets running calls finish within the grace,
// then asks them to stop.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "kube/control/queue.hpp"

namespace cadence::kube::control {

// What became of one call; made by the functions below.
struct ReconcileResult {
  enum class Kind { Done, Again, After, Failed, Terminal };
  Kind kind = Kind::Done;
  std::chrono::milliseconds delay{0};
  std::optional<base::Error> error{};

  static ReconcileResult done() { return {}; }
  static ReconcileResult again() { return {Kind::Again}; }  // soon, with the delay of a failure
  static ReconcileResult after(std::chrono::milliseconds delay) { return {Kind::After, delay}; }
  static ReconcileResult failed(base::Error error) { return {Kind::Failed, {}, std::move(error)}; }
  // repeating cannot help
  static ReconcileResult terminal(base::Error error) { return {Kind::Terminal, {}, std::move(error)}; }
};

using Reconcile = std::function<ReconcileResult(const core::ObjectKey&, std::stop_token)>;

class Controller {
 public:
  struct Options {
    std::string name;
    int workers = 1;
    LimiterOptions limits{};
    std::chrono::milliseconds timeout{0};  // then a call's stop token is triggered; 0: never
  };
  Controller(Options options, Reconcile reconcile, Registry& registry, const base::Clock& clock = base::system_clock());
  ~Controller();  // stops at once
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // May be called before start(): keys wait.
  void add(const core::ObjectKey& key, Priority priority = Priority::Normal) { queue_.add(key, priority); }
  Queue& queue() { return queue_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }

  // Works on one key in the caller's thread, for those that start no workers; false: none was ready.
  bool work_once(std::stop_token stop = {});

  void start();
  void stop(std::chrono::milliseconds grace);
  // No call has been running for longer than this: for liveness.
  [[nodiscard]] bool is_live(std::chrono::nanoseconds longest) const { return queue_.longest_running() < longest; }

 private:
  struct Series {
    Counter &success, &error, &requeue, &requeue_after, &errors, &terminal_errors, &panics, &timeouts;
    Histogram& seconds;
    Gauge& active_workers;
  };
  static Series make_series(Registry& registry, const Options& options);
  void work(std::stop_token stop);
  void work_on(const QueueOrder::Taken& taken, std::stop_token stop);
  ReconcileResult call(const core::ObjectKey& key, std::stop_token stop);
  ReconcileResult call_with_timeout(const core::ObjectKey& key, std::stop_token stop);
  void settle(const QueueOrder::Taken& taken, const ReconcileResult& result);

  Options options_;
  Reconcile reconcile_;
  const base::Clock& clock_;
  Queue queue_;
  Series series_;
  std::vector<std::jthread> workers_;
};

}  // namespace cadence::kube::control
