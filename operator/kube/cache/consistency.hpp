// Read your own writes: whether the caches have seen what we last wrote for an owner (KEP-5647).
// Promises: forgets an owner once its caches have caught up; a version that does not parse never blocks (fail open).
// Thread-safe. Knows no kinds: caches are asked through the functions given.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace cadence::kube::cache {

class ConsistencyGate {
 public:
  struct Cache {
    // the newest version it has seen of that namespace
    std::function<std::string(const std::string& namespace_)> version;
    std::function<bool(const std::string& uid)> holds;  // is an object of this UID still in it?
  };
  // Before the first record of that kind.
  void add_cache(const std::string& kind, Cache cache);

  // An owner and what it owns are in one namespace.
  void wrote(const std::string& owner_uid, const std::string& namespace_, const std::string& kind,
             const std::string& resource_version);
  void removed(const std::string& owner_uid, const std::string& kind, const std::string& uid);

  // Empty when caught up; else the kind that is behind.
  std::string behind(const std::string& owner_uid);
  void forget(const std::string& owner_uid);

 private:
  struct Writes {
    std::string namespace_;
    std::map<std::string, std::string> version_by_kind;
    std::set<std::pair<std::string, std::string>> removed;  // kind, uid
  };
  bool has_seen(const std::string& kind, const std::string& namespace_, const std::string& version) const;

  std::mutex mutex_;
  std::map<std::string, Cache> caches_;
  std::map<std::string, Writes> owners_;
};

}  // namespace cadence::kube::cache
