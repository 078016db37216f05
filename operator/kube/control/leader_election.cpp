#include "kube/control/leader_election.hpp"

#include <random>

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

// Candidates that started together must not ask together for ever.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds pause) {
  static thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) *
                                                             std::uniform_real_distribution<>(1.0, 1.2)(random)));
}

}  // namespace

LeaderElector::LeaderElector(ElectionOptions options, LeaseClient& leases, Registry& registry, const base::Clock& clock)
    : options_(options), election_(std::move(options), leases, registry, clock) {}

LeaderElector::~LeaderElector() {
  thread_.request_stop();  // the Lease runs out by itself when stop() was not called
}

void LeaderElector::start(Callbacks callbacks) {
  base::log_info("Started to stand for election",
                 {{"lease", options_.lease.to_string()}, {"identity", options_.identity}});
  thread_ = std::jthread([this, callbacks = std::move(callbacks)](std::stop_token stop) { run(callbacks, stop); });
}

void LeaderElector::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (may_write()) election_.release({});
}

void LeaderElector::run(const Callbacks& callbacks, std::stop_token stop) {
  bool has_led = false;
  while (!stop.stop_requested()) {
    const bool leads = election_.try_once(stop);
    if (has_led && !leads && !stop.stop_requested()) {
      base::log_error("Lost the Lease", {{"lease", options_.lease.to_string()}});
      has_led = false;
      callbacks.lost();
    }
    if (leads && !has_led) {
      has_led = true;
      base::log_info("Became the leader", {{"identity", options_.identity}});
      callbacks.acquired();
    }
    // A leader that is late wakes up when its time is over, not after it.
    const auto pause = has_led ? std::min<std::chrono::nanoseconds>(options_.retry, election_.time_left())
                               : with_jitter(options_.retry);
    base::wait_for(stop, pause);
  }
}

}  // namespace cadence::kube::control
