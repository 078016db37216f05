#include "kube/control/queue.hpp"

#include <algorithm>
#include <cmath>

namespace cadence::kube::control {

Queue::Queue(QueueOptions options, const base::Clock& clock) : options_(options), clock_(clock), tokens_(options.burst), tokens_at_(clock.monotonic()) {}

void Queue::add(const Key& key, Priority priority) {
  const std::lock_guard lock(mutex_);
  add_locked(key, priority);
}

void Queue::add_locked(const Key& key, Priority priority) {
  if (is_shut_down_) return;
  const auto [found, is_new] = queued_.emplace(key, priority);
  const bool is_raised = !is_new && found->second == Priority::Low && priority == Priority::Normal;
  if (!is_new && !is_raised) return;
  found->second = priority;
  if (in_work_.contains(key)) return;  // done() will put it into its line
  if (is_raised) low_.erase(std::remove(low_.begin(), low_.end(), key), low_.end());
  (priority == Priority::Normal ? normal_ : low_).push_back(key);
  changed_.notify_one();
}

void Queue::add_after(const Key& key, std::chrono::milliseconds delay) {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_) return;
  const auto when = clock_.monotonic() + delay;
  const auto known = due_.find(key);
  if (known != due_.end() && known->second <= when) return;
  due_[key] = when;
  later_.emplace(when, key);
  changed_.notify_one();
}

std::chrono::milliseconds Queue::take_token_locked() {
  const auto now = clock_.monotonic();
  tokens_ = std::min<double>(options_.burst, tokens_ + std::chrono::duration<double>(now - tokens_at_).count() * options_.per_second);
  tokens_at_ = now;
  tokens_ -= 1;
  return tokens_ >= 0 ? std::chrono::milliseconds(0) : std::chrono::milliseconds(static_cast<std::int64_t>(-tokens_ / options_.per_second * 1000));
}

std::chrono::milliseconds Queue::delay_of_next_failure(const Key& key) const {
  const auto found = failures_.find(key);
  const int count = found == failures_.end() ? 0 : found->second;
  const double delay = static_cast<double>(options_.first_delay.count()) * std::pow(2.0, std::min(count, 40));
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(delay, static_cast<double>(options_.longest_delay.count()))));
}

void Queue::add_failed(const Key& key) {
  std::chrono::milliseconds delay;
  {
    const std::lock_guard lock(mutex_);
    delay = std::max(delay_of_next_failure(key), std::min(take_token_locked(), options_.longest_delay));
    ++failures_[key];
  }
  add_after(key, delay);
}

void Queue::forget(const Key& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

void Queue::release_due_locked() {
  const auto now = clock_.monotonic();
  while (!later_.empty() && later_.begin()->first <= now) {
    const auto [when, key] = *later_.begin();
    later_.erase(later_.begin());
    const auto due = due_.find(key);
    if (due == due_.end() || due->second != when) continue;  // an earlier time has replaced it
    due_.erase(due);
    add_locked(key, Priority::Normal);
  }
}

std::optional<Queue::Key> Queue::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    release_due_locked();
    auto& line = normal_.empty() ? low_ : normal_;
    if (!line.empty()) {
      auto key = line.front();
      line.pop_front();
      queued_.erase(key);
      in_work_.insert(key);
      return key;
    }
    if (stop.stop_requested() || is_shut_down_) return std::nullopt;
    const auto has_work = [&] { return !normal_.empty() || !low_.empty() || is_shut_down_; };
    if (later_.empty()) {
      const auto planned = later_.size();
      changed_.wait(lock, stop, [&] { return has_work() || later_.size() != planned; });
    } else {
      const auto first = later_.begin()->first;
      changed_.wait_until(lock, stop, first, [&] { return has_work() || (!later_.empty() && later_.begin()->first < first); });
    }
  }
}

void Queue::done(const Key& key) {
  const std::lock_guard lock(mutex_);
  in_work_.erase(key);
  const auto wanted = queued_.find(key);
  if (wanted != queued_.end()) {
    (wanted->second == Priority::Normal ? normal_ : low_).push_back(key);
  }
  changed_.notify_all();
}

void Queue::shut_down() {
  const std::lock_guard lock(mutex_);
  is_shut_down_ = true;
  later_.clear();
  due_.clear();
  normal_.clear();
  low_.clear();
  changed_.notify_all();
}

std::size_t Queue::depth() const {
  const std::lock_guard lock(mutex_);
  return normal_.size() + low_.size();
}

std::size_t Queue::in_work() const {
  const std::lock_guard lock(mutex_);
  return in_work_.size();
}

}  // namespace cadence::kube::control
