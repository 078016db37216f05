// Which Secrets of a cluster a cache has shown with `immutable: true`, for as long as this process runs: one that is
// made so and replaced between two passes is in no picture of either, and kubelets may follow its name no more.
// Promises: forgets a cluster that is gone. Any thread. Knows nothing of who mounts what.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "kube/core/meta.hpp"

namespace cadence::observe {

class SeenImmutable {
 public:
  void note(const kube::core::ObjectKey& cluster, const std::string& secret) {
    const std::lock_guard lock(mutex_);
    names_[cluster].insert(secret);
  }
  [[nodiscard]] std::set<std::string> of(const kube::core::ObjectKey& cluster) const {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(cluster);
    return found == names_.end() ? std::set<std::string>{} : found->second;
  }
  void forget(const kube::core::ObjectKey& cluster) {
    const std::lock_guard lock(mutex_);
    names_.erase(cluster);
  }

 private:
  mutable std::mutex mutex_;
  std::map<kube::core::ObjectKey, std::set<std::string>> names_;
};

}  // namespace cadence::observe
