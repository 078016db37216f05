#include "kube/control/controller.hpp"

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

const std::vector<double> kSeconds{0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
                                   0.7,   0.8,  0.9,   1,    1.25, 1.5,  1.75, 2,    2.5, 3,    3.5, 4,    4.5, 5,
                                   6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};

}  // namespace

// All label values exist from the start, so that a rate over them has no gap.
Controller::Series Controller::make_series(Registry& registry, const Options& options) {
  const Labels labels{{"controller", options.name}};
  const auto total = [&](const char* result) -> Counter& {
    return registry.counter("controller_runtime_reconcile_total", "Total number of reconciliations per controller",
                            {{"controller", options.name}, {"result", result}});
  };
  const auto count = [&](const std::string& what, const std::string& help) -> Counter& {
    return registry.counter("controller_runtime_" + what + "_total", "Total number of " + help + " per controller",
                            labels);
  };
  registry
      .gauge("controller_runtime_max_concurrent_reconciles", "Maximum number of concurrent reconciles per controller",
             labels)
      .set(options.workers);
  return {
      total("success"),
      total("error"),
      total("requeue"),
      total("requeue_after"),
      count("reconcile_errors", "reconciliation errors"),
      count("terminal_reconcile_errors", "terminal reconciliation errors"),
      count("reconcile_panics", "reconciliation panics"),
      count("reconcile_timeouts", "reconciliation timeouts"),
      registry.histogram("controller_runtime_reconcile_time_seconds",
                         "Length of time per reconciliation per controller", kSeconds, labels),
      registry.gauge("controller_runtime_active_workers", "Number of currently used workers per controller", labels)};
}

Controller::Controller(Options options, Reconcile reconcile, Registry& registry, const base::Clock& clock)
    : options_(std::move(options)),
      reconcile_(std::move(reconcile)),
      clock_(clock),
      queue_(options_.name, options_.limits, registry, clock),
      series_(make_series(registry, options_)) {}

Controller::~Controller() { stop(std::chrono::milliseconds(0)); }

void Controller::start() {
  for (int i = 0; i < options_.workers; ++i) workers_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void Controller::stop(std::chrono::milliseconds grace) {
  queue_.shut_down();
  if (!queue_.wait_until_idle(grace))
    base::log_warning("Asked running reconciles to stop", {{"controller", options_.name}});
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();
}

void Controller::work(std::stop_token stop) {
  while (const auto taken = queue_.take(stop)) work_on(*taken, stop);
}

bool Controller::work_once(std::stop_token stop) {
  const auto taken = queue_.try_take();
  if (taken) work_on(*taken, stop);
  return taken.has_value();
}

void Controller::work_on(const QueueOrder::Taken& taken, std::stop_token stop) {
  series_.active_workers.add(1);
  const auto began = clock_.monotonic();
  const auto result = options_.timeout.count() > 0 ? call_with_timeout(taken.key, stop) : call(taken.key, stop);
  series_.seconds.observe(std::chrono::duration<double>(clock_.monotonic() - began).count());
  series_.active_workers.add(-1);
  settle(taken, result);
  queue_.done(taken.key);
}

ReconcileResult Controller::call(const core::ObjectKey& key, std::stop_token stop) {
  std::string what = "something that is no exception";
  try {
    return reconcile_(key, stop);
  } catch (const std::exception& problem) {
    what = problem.what();
  } catch (...) {
  }
  series_.panics.add();
  return ReconcileResult::failed({base::ErrorKind::Bug, "Reconciling threw: " + what});
}

ReconcileResult Controller::call_with_timeout(const core::ObjectKey& key, std::stop_token stop) {
  std::stop_source ending;
  const std::stop_callback passed_on(stop, [&] { ending.request_stop(); });
  // Ends with this scope, or when the time is over.
  const std::jthread timer([&](std::stop_token finished) {
    if (!base::wait_for(finished, options_.timeout)) return;
    series_.timeouts.add();
    ending.request_stop();
  });
  return call(key, ending.get_token());
}

void Controller::settle(const QueueOrder::Taken& taken, const ReconcileResult& result) {
  using Kind = ReconcileResult::Kind;
  const auto& key = taken.key;
  switch (result.kind) {
    case Kind::Done:
      series_.success.add();
      return queue_.forget(key);
    case Kind::Again:
      series_.requeue.add();
      return queue_.add_rate_limited(key, taken.priority);
    case Kind::After:
      series_.requeue_after.add();
      queue_.forget(key);
      return queue_.add_after(key, result.delay, taken.priority);
    case Kind::Failed:
    case Kind::Terminal:
      break;
  }
  series_.error.add();
  series_.errors.add();
  if (result.kind == Kind::Terminal) series_.terminal_errors.add();
  else queue_.add_rate_limited(key, taken.priority);
  base::log_warning("Could not reconcile", {{"controller", options_.name},
                                            {"object", key.to_string()},
                                            {"error", result.error ? result.error->message : ""}});
}

}  // namespace cadence::kube::control
