// The watches of an operator: one for each kind and namespace, with what it means that one has nothing to show.
// Promises: only required kinds are waited for; a kind that is not installed, or may not be seen, is said once (log)
// and shown (metric), is asked for without end, and is taken up when it comes; a custom kind that goes again takes its
// objects out of the cache. Owns the informers, not the caches. Knows no kinds of its own.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kube/cache/informer.hpp"
#include "kube/cache/store.hpp"
#include "kube/control/metrics.hpp"

namespace cadence::kube::control {

enum class Need { Required, Optional };

class WatchSet {
 public:
  struct Kind {
    const core::KindInfo* info = nullptr;
    Need need = Need::Required;
    std::string remedy = {};           // what makes it come where it is not installed, for people
    std::function<void()> came = {};   // it had been missed, and is there: from look()
    std::function<bool()> is_whole{};  // its cache has a picture
    std::function<auto()->cache::Standing> standing{};
  };

  // Both outlive this object.
  WatchSet(cache::Connections connections, Registry& registry) : connections_(connections), registry_(registry) {}
  ~WatchSet();
  WatchSet(const WatchSet&) = delete;
  WatchSet& operator=(const WatchSet&) = delete;

  // Before start(). The store outlives this object.
  template <core::KubeObject T>
  void add(cache::Store<T>& store, Kind kind, cache::Selection selection) {
    kind.info = &T::kind_info();
    kind.is_whole = [&store, space = selection.namespace_] {
      const auto lacking = store.unsynced();
      return std::find(lacking.begin(), lacking.end(), space) == lacking.end();
    };
    kind.standing = [&store, space = selection.namespace_] { return store.standing(space); };
    add(std::move(kind), std::move(selection), store.part(selection.namespace_));
  }
  void start();
  void stop();

  // Says what has gone and what has come since the last look; often enough is once a second.
  void look();
  // Empty when every required kind has its picture; else what is missing, why, and what helps.
  [[nodiscard]] std::string missing() const;
  // Empty when every thread has moved lately; else the kind whose thread has not.
  [[nodiscard]] std::string stuck() const;
  // What is watched and what it fills, for those who step through it without threads.
  [[nodiscard]] std::vector<const cache::Informer*> informers() const;

 private:
  struct Watch {
    Kind kind;
    std::unique_ptr<cache::Informer> informer;
    bool is_missed = false;  // and has been said
  };
  void add(Kind kind, cache::Selection selection, cache::Sink& sink);

  cache::Connections connections_;
  Registry& registry_;
  std::mutex looking_;
  std::vector<Watch> watches_;
};

}  // namespace cadence::kube::control
