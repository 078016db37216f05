// Exponential back-off with jitter. Pure: the caller waits. Promises: delays grow by `factor` up to `cap`, each
// multiplied by a random value in [1, 1 + jitter]; the same seed gives the same series.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace cadence::base {

struct BackoffOptions {
  std::chrono::milliseconds initial{800};
  double factor = 2.0;
  std::chrono::milliseconds cap{30000};
  double jitter = 1.0;
};

class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}, std::uint64_t seed = std::random_device{}())
      : options_(options), random_(seed) {}

  std::chrono::milliseconds next() {
    const auto base =
        std::min(options_.cap.count() * 1.0, current_ms_ == 0 ? options_.initial.count() * 1.0 : current_ms_);
    current_ms_ = std::min(base * options_.factor, options_.cap.count() * 1.0);
    const double spread = std::uniform_real_distribution<>(1.0, 1.0 + options_.jitter)(random_);
    return std::chrono::milliseconds(static_cast<std::int64_t>(base * spread));
  }
  void reset() { current_ms_ = 0; }

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
  double current_ms_ = 0;
};

}  // namespace cadence::base
