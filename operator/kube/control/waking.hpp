// From a change in a cache to keys in a queue: which objects a controller looks at again.
// Promises: of a child that changes its owner both are woken, the old one and the new; what was there at the first
// look comes behind what changes. Subscribes before the watch starts; store and queue outlive each other's threads.
#pragma once

#include <functional>
#include <set>
#include <utility>

#include "kube/cache/store.hpp"
#include "kube/control/predicates.hpp"
#include "kube/control/queue.hpp"
#include "kube/core/owners.hpp"

namespace cadence::kube::control {

using Predicate = std::function<bool(const Change&)>;

template <core::KubeObject T>
Change change_of(const std::shared_ptr<const T>& before, const std::shared_ptr<const T>& now) {
  return {before ? &before->metadata : nullptr, now ? &now->metadata : nullptr};
}

// The objects that the controller is for.
template <core::KubeObject T>
void wake_itself(cache::Store<T>& store, Queue& queue, Predicate predicate = {}) {
  store.subscribe([&queue, predicate = std::move(predicate)](const auto& before, const auto& now) {
    const auto change = change_of<T>(before, now);
    if (predicate && !predicate(change)) return;
    queue.add(core::key_of(now ? *now : *before), is_made(change) ? Priority::Low : Priority::Normal);
  });
}

// What it made: `owners(metadata)` names the keys that a child belongs to.
template <core::KubeObject T, class Owners>
void wake_owners(cache::Store<T>& store, Queue& queue, Owners owners, Predicate predicate = {}) {
  store.subscribe(
      [&queue, owners = std::move(owners), predicate = std::move(predicate)](const auto& before, const auto& now) {
        if (predicate && !predicate(change_of<T>(before, now))) return;
        std::set<core::ObjectKey> woken;
        for (const auto& object : {before, now}) {
          if (!object) continue;
          for (auto& key : owners(object->metadata)) woken.insert(std::move(key));
        }
        for (const auto& key : woken) queue.add(key);
      });
}

}  // namespace cadence::kube::control
