// Time for code that must be testable: a monotonic clock for intervals, wall time for stamps, and waits that a stop
// ends at once. Promises: monotonic() never goes back; nothing here sleeps past a stop request. Does not know time
// zones: wall time is UTC.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace cadence::base {

using Monotonic = std::chrono::steady_clock::time_point;
using Wall = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Monotonic monotonic() const = 0;
  [[nodiscard]] virtual Wall wall() const = 0;
};

// The machine's clocks; the object lives for the whole program.
const Clock& system_clock();
// The same, but monotonic() goes on while the machine sleeps (CLOCK_BOOTTIME): for what is only ours until somebody
// else may take it. Its points in time are not to be compared with those of system_clock().
const Clock& boot_clock();
// That time since the machine started; takes neither locks nor memory.
std::chrono::milliseconds boot_time();

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Monotonic monotonic() const override { return Monotonic{} + since_start_; }
  [[nodiscard]] Wall wall() const override {
    return Wall{} + std::chrono::duration_cast<std::chrono::microseconds>(since_start_);
  }
  void advance(std::chrono::nanoseconds by) { since_start_ += by; }

 private:
  std::chrono::nanoseconds since_start_{std::chrono::hours(24 * 365)};
};

// Waits for `duration`; false when the stop came first.
bool wait_for(std::stop_token stop, std::chrono::nanoseconds duration);

std::string format_rfc3339(Wall time);        // 2026-03-04T10:00:01Z, seconds: metav1.Time
std::string format_rfc3339_micro(Wall time);  // 2026-03-04T10:00:01.250000Z: metav1.MicroTime
// Both forms above, and any number of fraction digits; the epoch when the text is not one of them.
Wall parse_rfc3339(const std::string& text);

}  // namespace cadence::base
