// The objects of one kind as the API server last told them, of all namespaces or of those that have a watch of their
// own. Thread-safe. Promises: objects are immutable and shared, so a reader keeps a picture that no event changes; a
// whole new picture replaces the old in one step; version() says how fresh the cache is even when nothing changes.
// Memory is the typed struct, never the document.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "kube/cache/reflector.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::cache {

template <core::KubeObject T>
class Store final : public Sink {
 public:
  using Pointer = std::shared_ptr<const T>;
  // Either may be null: made, changed, gone (then the last known object is `before`). Called without the lock, on the
  // thread of the watch.
  using Handler = std::function<void(const Pointer& before, const Pointer& now)>;

  Pointer get(const core::ObjectKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    return found == objects_.end() ? nullptr : found->second;
  }
  // All of a namespace; of every namespace when it is empty.
  std::vector<Pointer> list(const std::string& namespace_ = {}) const {
    const std::lock_guard lock(mutex_);
    std::vector<Pointer> out;
    for (auto at = namespace_.empty() ? objects_.begin() : objects_.lower_bound({namespace_, ""}); at != objects_.end();
         ++at) {
      if (!namespace_.empty() && at->first.namespace_ != namespace_) break;
      out.push_back(at->second);
    }
    return out;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return objects_.size();
  }
  // Every part has its first whole picture.
  [[nodiscard]] bool is_synced() const {
    const std::lock_guard lock(mutex_);
    return !parts_.empty() &&
           std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part.second->is_synced; });
  }
  // The namespaces of the parts that lack theirs; an empty one stands for all namespaces.
  [[nodiscard]] std::vector<std::string> unsynced() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [namespace_, part] : parts_) {
      if (!part->is_synced) out.push_back(namespace_);
    }
    return out;
  }
  // Of the part that this namespace belongs to.
  [[nodiscard]] std::string version(const std::string& namespace_ = {}) const {
    const std::lock_guard lock(mutex_);
    const auto* part = part_of(namespace_);
    return part == nullptr ? std::string() : part->version;
  }
  [[nodiscard]] bool has_picture(const std::string& namespace_) const {
    const std::lock_guard lock(mutex_);
    const auto* part = part_of(namespace_);
    return part != nullptr && part->is_synced;
  }
  [[nodiscard]] Standing standing(const std::string& namespace_) const {
    const std::lock_guard lock(mutex_);
    const auto* part = part_of(namespace_);
    return part == nullptr ? Standing::Unasked : part->standing;
  }
  // What the watch of one namespace fills, or of all of them when it is empty; lives as long as the store. Either the
  // one or the others.
  Sink& part(const std::string& namespace_) {
    const std::lock_guard lock(mutex_);
    auto& made = parts_[namespace_];
    if (!made) made = std::make_unique<Part>(*this, namespace_);
    return *made;
  }
  // Before the watch starts.
  void subscribe(Handler handler) { handlers_.push_back(std::move(handler)); }

  // The whole store as one part.
  void begin() override { part("").begin(); }
  void add(const json::Value& object) override { part("").add(object); }
  void commit(const std::string& resource_version) override { part("").commit(resource_version); }
  void put(const json::Value& object) override { part("").put(object); }
  void drop(const json::Value& object) override { part("").drop(object); }
  void seen(const std::string& resource_version) override { part("").seen(resource_version); }
  void vanish() override { part("").vanish(); }
  void stands(Standing standing) override { part("").stands(standing); }

 private:
  using Objects = std::map<core::ObjectKey, Pointer>;
  using Changes = std::vector<std::pair<Pointer, Pointer>>;  // before, now

  struct Part final : Sink {
    Part(Store& all, std::string space) : store(all), namespace_(std::move(space)) {}
    void begin() override { fresh.clear(); }
    void add(const json::Value& object) override {
      auto decoded = decode(object);
      fresh[core::key_of(*decoded)] = std::move(decoded);
    }
    void commit(const std::string& resource_version) override {
      Changes changes;
      {
        const std::lock_guard lock(store.mutex_);
        changes = store.replace(namespace_, std::exchange(fresh, {}));
        version = resource_version;
        is_synced = true;
      }
      for (const auto& [before, now] : changes) store.tell(before, now);
    }
    void put(const json::Value& object) override {
      Pointer now = decode(object);
      Pointer before;
      {
        const std::lock_guard lock(store.mutex_);
        before = std::exchange(store.objects_[core::key_of(*now)], now);
      }
      store.tell(before, now);
    }
    void drop(const json::Value& object) override {
      const Pointer last = decode(object);
      {
        const std::lock_guard lock(store.mutex_);
        store.objects_.erase(core::key_of(*last));
      }
      store.tell(last, {});
    }
    void seen(const std::string& resource_version) override {
      const std::lock_guard lock(store.mutex_);
      version = resource_version;
    }
    void vanish() override {
      Changes changes;
      {
        const std::lock_guard lock(store.mutex_);
        changes = store.replace(namespace_, {});
        version.clear();
        is_synced = false;
      }
      for (const auto& [before, now] : changes) store.tell(before, now);
    }

    void stands(Standing now) override {
      const std::lock_guard lock(store.mutex_);
      standing = now;
    }

    Store& store;
    const std::string namespace_;
    Objects fresh;  // belongs to the watch's thread
    std::string version;
    bool is_synced = false;
    Standing standing = Standing::Unasked;
  };

  // With the lock; null: nobody fills it.
  const Part* part_of(const std::string& namespace_) const {
    const auto own = parts_.find(namespace_);
    const auto found = own != parts_.end() ? own : parts_.find("");
    return found == parts_.end() ? nullptr : found->second.get();
  }

  // With the lock: a part's objects become these. What differs, those that are new or changed first.
  Changes replace(const std::string& namespace_, Objects fresh) {
    Changes changes, gone;
    auto at = namespace_.empty() ? objects_.begin() : objects_.lower_bound({namespace_, ""});
    while (at != objects_.end() && (namespace_.empty() || at->first.namespace_ == namespace_)) {
      if (fresh.contains(at->first)) {
        ++at;
        continue;
      }
      gone.emplace_back(at->second, Pointer{});
      at = objects_.erase(at);
    }
    for (auto& [key, now] : fresh) {
      auto& held = objects_[key];
      if (!held || held->metadata.resource_version != now->metadata.resource_version) changes.emplace_back(held, now);
      held = std::move(now);
    }
    changes.insert(changes.end(), gone.begin(), gone.end());
    return changes;
  }

  static std::shared_ptr<const T> decode(const json::Value& object) {
    return std::make_shared<const T>(json::decode_leniently<T>(object));
  }
  void tell(const Pointer& before, const Pointer& now) const {
    for (const auto& handler : handlers_) handler(before, now);
  }

  mutable std::mutex mutex_;
  Objects objects_;
  std::map<std::string, std::unique_ptr<Part>> parts_;  // by namespace
  std::vector<Handler> handlers_;
};

template <core::KubeObject T>
std::vector<core::ObjectKey> keys_of(const Store<T>& store) {
  std::vector<core::ObjectKey> out;
  for (const auto& object : store.list()) out.push_back(core::key_of(*object));
  return out;
}

}  // namespace cadence::kube::cache
