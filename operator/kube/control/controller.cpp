#include "kube/control/controller.hpp"

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

const std::vector<double> kSeconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60};
constexpr const char* kTotal = "controller_runtime_reconcile_total";
constexpr const char* kTotalHelp = "Total number of reconciliations per controller";

}  // namespace

Controller::Controller(std::string name, Reconcile reconcile, Metrics& metrics, int workers, QueueOptions options)
    : name_(std::move(name)),
      reconcile_(std::move(reconcile)),
      workers_(workers),
      queue_(options),
      series_{metrics.counter(kTotal, kTotalHelp, {{"controller", name_}, {"result", "success"}}),
              metrics.counter(kTotal, kTotalHelp, {{"controller", name_}, {"result", "error"}}),
              metrics.counter(kTotal, kTotalHelp, {{"controller", name_}, {"result", "requeue_after"}}),
              metrics.counter("controller_runtime_reconcile_errors_total", "Total number of reconciliation errors per controller", {{"controller", name_}}),
              metrics.counter("controller_runtime_terminal_reconcile_errors_total", "Total number of terminal reconciliation errors per controller", {{"controller", name_}}),
              metrics.counter("controller_runtime_reconcile_panics_total", "Total number of reconciliation panics per controller", {{"controller", name_}}),
              metrics.histogram("controller_runtime_reconcile_time_seconds", "Length of time per reconciliation per controller", kSeconds, {{"controller", name_}}),
              metrics.gauge("controller_runtime_active_workers", "Number of currently used workers per controller", {{"controller", name_}})} {
  metrics.gauge("controller_runtime_max_concurrent_reconciles", "Maximum number of concurrent reconciles per controller", {{"controller", name_}}).set(workers);
  metrics.gauge_from("workqueue_depth", "Current depth of workqueue", [this] { return static_cast<double>(queue_.depth()); }, {{"name", name_}, {"controller", name_}});
}

void Controller::start() {
  for (int i = 0; i < workers_; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void Controller::stop() {
  queue_.shut_down();
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Controller::work(std::stop_token stop) {
  while (const auto key = queue_.next(stop)) {
    series_.active_workers.add(1);
    const auto began = base::system_clock().monotonic();
    const auto result = call(*key, stop);
    series_.seconds.observe(std::chrono::duration<double>(base::system_clock().monotonic() - began).count());
    series_.active_workers.add(-1);
    follow_up(*key, result);
    queue_.done(*key);
  }
}

ReconcileResult Controller::call(const core::ObjectKey& key, std::stop_token stop) {
  try {
    return reconcile_(key, stop);
  } catch (const std::exception& problem) {
    series_.panics.add();
    return {base::Error{base::ErrorKind::Bug, std::string("Reconciling threw: ") + problem.what()}, false, {}};
  }
}

void Controller::follow_up(const core::ObjectKey& key, const ReconcileResult& result) {
  if (result.error && result.error->kind == base::ErrorKind::Canceled) return;
  if (result.error) {
    series_.error.add();
    series_.errors.add();
    base::log_warning("Could not reconcile", {{"controller", name_}, {"object", key.to_string()}, {"error", result.error->message}});
    if (result.is_terminal) series_.terminal_errors.add();
    else queue_.add_failed(key);
    return;
  }
  queue_.forget(key);
  if (result.requeue_after) {
    series_.requeue_after.add();
    queue_.add_after(key, *result.requeue_after);
  } else {
    series_.success.add();
  }
}

}  // namespace cadence::kube::control
