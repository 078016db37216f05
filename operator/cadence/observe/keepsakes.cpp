#include "cadence/observe/keepsakes.hpp"

namespace cadence::observe {
namespace {

constexpr std::size_t kMost = 3;

}  // namespace

void Keepsakes::keep(const kube::core::ObjectKey& cluster, const std::string& cluster_uid, Kept secret) {
  const std::scoped_lock lock(mutex_);
  auto& kept = clusters_[cluster];
  if (kept.uid != cluster_uid) kept = {cluster_uid, {}};
  auto& all = kept.secrets[secret->metadata.name];
  if (!all.empty() && all.front()->data == secret->data) return;
  all.push_front(std::move(secret));
  if (all.size() > kMost) all.pop_back();
}

std::vector<Keepsakes::Kept> Keepsakes::of(const kube::core::ObjectKey& cluster, const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto kept = clusters_.find(cluster);
  if (kept == clusters_.end()) return {};
  const auto found = kept->second.secrets.find(name);
  return found == kept->second.secrets.end() ? std::vector<Kept>{}
                                             : std::vector<Kept>(found->second.begin(), found->second.end());
}

void Keepsakes::forget(const kube::core::ObjectKey& cluster) {
  const std::scoped_lock lock(mutex_);
  clusters_.erase(cluster);
}

}  // namespace cadence::observe
