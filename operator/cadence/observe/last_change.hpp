// When a cache last saw an object change, by our own clock. Two uses: a Lease whose holder no longer renews it, and
// which of two objects we know more freshly. Promises: no clock of another machine is looked at; a repeated list that
// brings nothing new is no change. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "kube/core/meta.hpp"

namespace cadence::observe {

class LastChange {
 public:
  explicit LastChange(const base::Clock& clock) : clock_(clock) {}

  void note(const kube::core::ObjectKey& key) {
    const std::lock_guard lock(mutex_);
    at_[key] = clock_.monotonic();
  }
  void forget(const kube::core::ObjectKey& key) {
    const std::lock_guard lock(mutex_);
    at_.erase(key);
  }
  // Nothing when it was never seen.
  [[nodiscard]] std::optional<std::chrono::milliseconds> age(const kube::core::ObjectKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = at_.find(key);
    if (found == at_.end()) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - found->second);
  }

 private:
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<kube::core::ObjectKey, base::Monotonic> at_;
};

}  // namespace cadence::observe
