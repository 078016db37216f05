// What the Secrets of our own making held when they were last whole, for as long as this process runs: passwords that
// servers and their users still hold after the Secret was deleted, emptied or changed. Promises: bounded; forgets a
// cluster that is gone or another one. Any thread. Knows nothing of what the values are for.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kube/core/meta.hpp"
#include "kube/types/core.hpp"

namespace cadence::observe {

class Keepsakes {
 public:
  using Kept = std::shared_ptr<const kube::types::Secret>;
  void keep(const kube::core::ObjectKey& cluster, const std::string& cluster_uid, Kept secret);
  // Newest first, each different from the next.
  [[nodiscard]] std::vector<Kept> of(const kube::core::ObjectKey& cluster, const std::string& name) const;
  void forget(const kube::core::ObjectKey& cluster);

 private:
  struct Cluster {
    std::string uid;
    std::map<std::string, std::deque<Kept>> secrets;
  };
  mutable std::mutex mutex_;
  std::map<kube::core::ObjectKey, Cluster> clusters_;
};

}  // namespace cadence::observe
