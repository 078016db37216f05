// Keeps calls away from what does not answer: after some failures in a row nobody is let through for a pause, then one,
// and its outcome decides. Pauses grow. Pure: the caller tells the time. Not safe for several threads at once.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace cadence::redis::cluster {

struct BreakerOptions {
  int failures = 2;  // in a row; one late answer is no outage
  std::chrono::milliseconds first_pause{500}, longest_pause{10000};
};

class Breaker {
 public:
  explicit Breaker(BreakerOptions options = {}) : options_(options), pause_(options.first_pause) {}

  // Who is let through says afterwards how it went.
  bool admits(base::Monotonic now) {
    if (refuses(now)) return false;
    if (is_open()) open_until_ = now + pause_;  // for all others until the outcome is known
    return true;
  }
  void note_success() {
    in_a_row_ = 0;
    pause_ = options_.first_pause;
  }
  void note_failure(base::Monotonic now) {
    if (is_open()) pause_ = std::min(pause_ * 2, options_.longest_pause);
    in_a_row_ = std::min(in_a_row_ + 1, options_.failures);
    if (is_open()) open_until_ = now + pause_;
  }
  // Nobody is let through now.
  [[nodiscard]] bool refuses(base::Monotonic now) const { return is_open() && now < open_until_; }

 private:
  [[nodiscard]] bool is_open() const { return in_a_row_ >= options_.failures; }

  BreakerOptions options_;
  int in_a_row_ = 0;
  std::chrono::milliseconds pause_;
  base::Monotonic open_until_{};
};

}  // namespace cadence::redis::cluster
