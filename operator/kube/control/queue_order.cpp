#include "kube/control/queue_order.hpp"

#include <algorithm>

namespace cadence::kube::control {

void QueueOrder::enlist(const core::ObjectKey& key, const Waiting& waiting, base::Monotonic now) {
  if (waiting.ready_at <= now) ready_.insert(place_of(key, waiting));
  else delayed_.emplace(waiting.ready_at, key);
}

void QueueOrder::delist(const core::ObjectKey& key, const Waiting& waiting) {
  ready_.erase(place_of(key, waiting));
  delayed_.erase({waiting.ready_at, key});
}

bool QueueOrder::add(const core::ObjectKey& key, Priority priority, base::Monotonic ready_at, base::Monotonic now) {
  const auto [found, is_new] = waiting_.try_emplace(key, Waiting{priority, ready_at, next_number_});
  auto& waiting = found->second;
  const bool is_busy = processing_.contains(key);
  if (is_new) {
    ++next_number_;
  } else {
    if (!is_busy) delist(key, waiting);
    waiting.priority = std::max(waiting.priority, priority);
    waiting.ready_at = std::min(waiting.ready_at, ready_at);
  }
  if (!is_busy) enlist(key, waiting, now);
  return is_new;
}

std::optional<QueueOrder::Taken> QueueOrder::take(base::Monotonic now) {
  // What has become ready takes its place in the order in which it became so.
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto key = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    auto& waiting = waiting_.at(key);
    waiting.number = next_number_++;
    ready_.insert(place_of(key, waiting));
  }
  if (ready_.empty()) return std::nullopt;
  const auto key = std::get<2>(*ready_.begin());
  ready_.erase(ready_.begin());
  const auto waiting = waiting_.extract(key).mapped();
  processing_[key] = now;
  return Taken{key, waiting.priority, waiting.ready_at};
}

void QueueOrder::done(const core::ObjectKey& key, base::Monotonic now) {
  processing_.erase(key);
  const auto again = waiting_.find(key);
  if (again != waiting_.end()) enlist(key, again->second, now);
}

std::optional<base::Monotonic> QueueOrder::next_ready() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

}  // namespace cadence::kube::control
