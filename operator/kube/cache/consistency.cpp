#include "kube/cache/consistency.hpp"

#include "kube/core/resource_version.hpp"

namespace cadence::kube::cache {

void ConsistencyGate::add_cache(const std::string& kind, Cache cache) {
  const std::lock_guard lock(mutex_);
  caches_[kind] = std::move(cache);
}

void ConsistencyGate::wrote(const std::string& owner_uid, const std::string& namespace_, const std::string& kind,
                            const std::string& resource_version) {
  const std::lock_guard lock(mutex_);
  auto& owner = owners_[owner_uid];
  owner.namespace_ = namespace_;
  auto& highest = owner.version_by_kind[kind];
  const auto order = core::compare_resource_versions(resource_version, highest);
  if (highest.empty() || !order || *order > 0) highest = resource_version;
}

void ConsistencyGate::removed(const std::string& owner_uid, const std::string& kind, const std::string& uid) {
  const std::lock_guard lock(mutex_);
  owners_[owner_uid].removed.emplace(kind, uid);
}

bool ConsistencyGate::has_seen(const std::string& kind, const std::string& namespace_,
                               const std::string& version) const {
  const auto cache = caches_.find(kind);
  if (cache == caches_.end()) return true;
  const auto order = core::compare_resource_versions(cache->second.version(namespace_), version);
  return !order || *order >= 0;
}

std::string ConsistencyGate::behind(const std::string& owner_uid) {
  const std::lock_guard lock(mutex_);
  const auto owner = owners_.find(owner_uid);
  if (owner == owners_.end()) return {};
  for (const auto& [kind, version] : owner->second.version_by_kind) {
    if (!has_seen(kind, owner->second.namespace_, version)) return kind;
  }
  // A deletion that a finalizer or a grace period holds back leaves the object in the cache, but marked: that is for
  // the plan to see. Only an object that has not even been marked is waited for, so `holds` says no for marked ones.
  for (const auto& [kind, uid] : owner->second.removed) {
    const auto cache = caches_.find(kind);
    if (cache != caches_.end() && cache->second.holds(uid)) return kind;
  }
  owners_.erase(owner);
  return {};
}

void ConsistencyGate::forget(const std::string& owner_uid) {
  const std::lock_guard lock(mutex_);
  owners_.erase(owner_uid);
}

}  // namespace cadence::kube::cache
