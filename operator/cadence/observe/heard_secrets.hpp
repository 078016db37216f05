// What a cache has shown of a cluster's Secrets for as long as this process runs: which it has seen, and which of them
// with `immutable: true`. One that is made so and replaced between two passes is in no picture of either, and kubelets
// may follow its name no more.
// Promises: forgets a cluster that is gone, and of each name all but the newest UIDs. Any thread. Knows nothing of who
// mounts what.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "kube/core/meta.hpp"

namespace cadence::observe {

class HeardSecrets {
 public:
  void note(const kube::core::ObjectKey& cluster, const kube::core::ObjectMeta& secret, bool is_immutable) {
    constexpr std::size_t kMost = 16;  // a pass follows each; this many never come between two
    const std::lock_guard lock(mutex_);
    auto& of_cluster = clusters_[cluster];
    if (is_immutable) of_cluster.immutable.insert(secret.name);
    auto& uids = of_cluster.uids[secret.name];
    if (!uids.empty() && uids.back() == secret.uid) return;
    uids.push_back(secret.uid);
    if (uids.size() > kMost) uids.pop_front();
  }
  [[nodiscard]] std::set<std::string> immutable_of(const kube::core::ObjectKey& cluster) const {
    const std::lock_guard lock(mutex_);
    const auto found = clusters_.find(cluster);
    return found == clusters_.end() ? std::set<std::string>{} : found->second.immutable;
  }
  [[nodiscard]] std::set<std::string> uids_of(const kube::core::ObjectKey& cluster) const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> out;
    const auto found = clusters_.find(cluster);
    if (found == clusters_.end()) return out;
    for (const auto& [name, uids] : found->second.uids) out.insert(uids.begin(), uids.end());
    return out;
  }
  // Those of this name may have been anything meanwhile.
  void forget(const kube::core::ObjectKey& cluster, const std::string& secret) {
    const std::lock_guard lock(mutex_);
    clusters_[cluster].uids.erase(secret);
  }
  void forget(const kube::core::ObjectKey& cluster) {
    const std::lock_guard lock(mutex_);
    clusters_.erase(cluster);
  }

 private:
  struct OfCluster {
    std::set<std::string> immutable;                      // names
    std::map<std::string, std::deque<std::string>> uids;  // by name, the newest last
  };

  mutable std::mutex mutex_;
  std::map<kube::core::ObjectKey, OfCluster> clusters_;
};

}  // namespace cadence::observe
