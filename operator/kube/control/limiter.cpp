#include "kube/control/limiter.hpp"

#include <algorithm>

namespace cadence::kube::control {

std::chrono::nanoseconds Limiter::next_delay(const core::ObjectKey& key, base::Monotonic now) {
  const int doublings = std::min(failures_[key]++, 30);  // more would overflow, and are above any cap
  const auto own = std::min<std::chrono::nanoseconds>(
      options_.cap, std::chrono::nanoseconds(options_.first) * (std::int64_t{1} << doublings));
  return std::max(own, draw_from_bucket(now));
}

std::chrono::nanoseconds Limiter::draw_from_bucket(base::Monotonic now) {
  if (options_.per_second <= 0) return {};
  const std::chrono::duration<double> passed = now - filled_at_;
  tokens_ = std::min<double>(options_.burst, tokens_ + passed.count() * options_.per_second);
  filled_at_ = now;
  tokens_ -= 1;
  if (tokens_ >= 0) return {};
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(-tokens_ / options_.per_second));
}

int Limiter::failures(const core::ObjectKey& key) const {
  const auto found = failures_.find(key);
  return found == failures_.end() ? 0 : found->second;
}

}  // namespace cadence::kube::control
