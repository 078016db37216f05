#include "kube/control/manager.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 50ms;  // at parts that are not ready yet

}  // namespace

Leadership leadership_of(LeaderElector& elector) {
  return {[&elector](LeaderElector::Callbacks callbacks) { elector.start(std::move(callbacks)); },
          [&elector] { elector.stop(); }};
}

int Manager::run() {
  bool is_well = start_phase(Phase::Servers) && start_phase(Phase::Caches) && start_phase(Phase::Others);
  if (is_well) {
    is_up_ = true;
    is_well = lead_until_stopped();
  }
  if (has_lost_) {
    base::log_error("Leaving at once: another process may be leading");
    return 1;
  }
  is_up_ = false;
  stop_all();
  base::log_info("Stopped");
  return is_well || is_asked_ ? 0 : 1;
}

void Manager::stop() {
  is_asked_ = true;
  signals_.wake();
}

bool Manager::is_stop_asked(std::chrono::milliseconds longest) {
  if (is_asked_) return true;
  if (const int signal = signals_.wait(longest); signal != 0) {
    base::log_info("Received a signal to stop", {{"signal", signal}});
    is_asked_ = true;
  }
  return is_asked_;
}

bool Manager::lead_until_stopped() {
  const auto tell = [this](std::atomic<bool>& what) {
    what = true;
    signals_.wake();
  };
  if (leadership_.start) leadership_.start({[this, tell] { tell(has_acquired_); }, [this, tell] { tell(has_lost_); }});
  else has_acquired_ = true;
  bool is_leading = false;
  auto next_tidy = base::system_clock().monotonic() + options_.tidy_interval;
  for (;;) {
    if (has_lost_) return false;
    if (has_acquired_ && !is_leading) {
      is_leading = true;
      if (!start_phase(Phase::LeaderOnly)) return false;
    }
    // Everything that happens meanwhile wakes us.
    if (is_stop_asked(
            std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(next_tidy - base::system_clock().monotonic()))))
      return true;
    if (base::system_clock().monotonic() < next_tidy) continue;
    if (options_.tidy) options_.tidy();
    next_tidy = base::system_clock().monotonic() + options_.tidy_interval;
  }
}

bool Manager::start_phase(Phase phase) {
  for (auto& [of, part, has_started] : parts_) {
    if (of != phase) continue;
    if (const auto started = part.start(); !started) {
      base::log_error("Could not start", {{"part", part.name}, {"error", started.error().message}});
      return false;
    }
    has_started = true;
  }
  return std::all_of(parts_.begin(), parts_.end(),
                     [&](const Entry& entry) { return entry.phase != phase || wait_until_ready(entry.part); });
}

bool Manager::wait_until_ready(const Part& part) {
  auto reminder = base::system_clock().monotonic() + options_.ready_reminder;
  for (std::string missing; part.missing && !(missing = part.missing()).empty();) {
    if (is_stop_asked(kLook) || has_lost_) return false;
    if (base::system_clock().monotonic() < reminder) continue;
    base::log_warning("Waiting before anything else is started", {{"part", part.name}, {"missing", missing}});
    reminder += options_.ready_reminder;
  }
  return true;
}

void Manager::stop_all() {
  const auto deadline = base::system_clock().monotonic() + options_.grace;
  for (const auto phase : {Phase::LeaderOnly, Phase::Others, Phase::Caches, Phase::Servers}) {
    for (auto entry = parts_.rbegin(); entry != parts_.rend(); ++entry) {
      if (entry->phase != phase || !entry->has_started || !entry->part.stop) continue;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::system_clock().monotonic());
      entry->part.stop(std::max(left, 0ms));
    }
  }
  if (leadership_.stop) leadership_.stop();
}

}  // namespace cadence::kube::control
