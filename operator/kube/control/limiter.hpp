// How long a key that failed waits before it is tried again. Pure: time comes in as an argument.
// Promises: each key doubles its own delay up to the cap and starts again after forget(); all keys together are held to
// a bucket, so that a thousand broken objects cannot keep the API server busy.
#pragma once

#include <chrono>
#include <map>

#include "base/clock.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::control {

struct LimiterOptions {
  std::chrono::milliseconds first{5}, cap{60000};  // a highly available system must not sleep a quarter of an hour
  double per_second = 10;                          // of the bucket; 0: no bucket
  int burst = 100;
};

class Limiter {
 public:
  explicit Limiter(LimiterOptions options) : options_(options), tokens_(options.burst) {}

  std::chrono::nanoseconds next_delay(const core::ObjectKey& key, base::Monotonic now);
  void forget(const core::ObjectKey& key) { failures_.erase(key); }
  [[nodiscard]] int failures(const core::ObjectKey& key) const;

 private:
  std::chrono::nanoseconds draw_from_bucket(base::Monotonic now);

  LimiterOptions options_;
  std::map<core::ObjectKey, int> failures_;
  double tokens_;  // negative: so many are promised to those who wait
  base::Monotonic filled_at_{};
};

}  // namespace cadence::kube::control
