// The objects of one kind as the API server last told them. Thread-safe.
// Promises: objects are immutable and shared, so a reader keeps a picture that no event changes; a whole new picture replaces the old
// in one step; version() says how fresh the cache is even when nothing changes. Memory is the typed struct, never the document.
#pragma once

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
  // Either may be null: made, changed, gone (then the last known object is `before`). Called without the lock, on the watch's thread.
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
    for (auto at = namespace_.empty() ? objects_.begin() : objects_.lower_bound({namespace_, ""}); at != objects_.end(); ++at) {
      if (!namespace_.empty() && at->first.namespace_ != namespace_) break;
      out.push_back(at->second);
    }
    return out;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return objects_.size();
  }
  [[nodiscard]] bool is_synced() const {
    const std::lock_guard lock(mutex_);
    return is_synced_;
  }
  [[nodiscard]] std::string version() const {
    const std::lock_guard lock(mutex_);
    return version_;
  }
  // Before the watch starts.
  void subscribe(Handler handler) { handlers_.push_back(std::move(handler)); }

  void begin() override { fresh_.clear(); }
  void add(const json::Value& object) override {
    auto decoded = decode(object);
    fresh_[core::key_of(*decoded)] = std::move(decoded);
  }
  void commit(const std::string& resource_version) override {
    {
      const std::lock_guard lock(mutex_);
      objects_.swap(fresh_);
      version_ = resource_version;
      is_synced_ = true;
    }
    // Read without the lock: only this thread, the watch's, changes either.
    const auto before = std::exchange(fresh_, {});
    for (const auto& [key, now] : objects_) {
      const auto old = before.find(key);
      const auto& was = old == before.end() ? nothing_ : old->second;
      if (!was || was->metadata.resource_version != now->metadata.resource_version) tell(was, now);
    }
    for (const auto& [key, was] : before) {
      if (!objects_.contains(key)) tell(was, nothing_);
    }
  }
  void put(const json::Value& object) override {
    Pointer now = decode(object);
    Pointer before;
    {
      const std::lock_guard lock(mutex_);
      before = std::exchange(objects_[core::key_of(*now)], now);
    }
    tell(before, now);
  }
  void drop(const json::Value& object) override {
    const Pointer last = decode(object);
    {
      const std::lock_guard lock(mutex_);
      objects_.erase(core::key_of(*last));
    }
    tell(last, nothing_);
  }
  void seen(const std::string& resource_version) override {
    const std::lock_guard lock(mutex_);
    version_ = resource_version;
  }

 private:
  static std::shared_ptr<const T> decode(const json::Value& object) { return std::make_shared<const T>(json::decode_leniently<T>(object)); }
  void tell(const Pointer& before, const Pointer& now) const {
    for (const auto& handler : handlers_) handler(before, now);
  }

  mutable std::mutex mutex_;
  std::map<core::ObjectKey, Pointer> objects_, fresh_;  // fresh_ belongs to the watch's thread
  std::string version_;
  bool is_synced_ = false;
  std::vector<Handler> handlers_;
  const Pointer nothing_;
};

}  // namespace cadence::kube::cache
