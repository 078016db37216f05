#include "kube/control/queue.hpp"

#include <algorithm>

namespace cadence::kube::control {
namespace {

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

// 10 ns to 1000 s, as the dashboards for these names expect.
const std::vector<double> kBounds = exponential_bounds(1e-8, 10, 12);

constexpr const char* kDepth = "workqueue_depth";
constexpr const char* kUnfinished = "workqueue_unfinished_work_seconds";
constexpr const char* kLongest = "workqueue_longest_running_processor_seconds";

Labels labels_of(const std::string& name) { return {{"name", name}, {"controller", name}}; }

}  // namespace

Queue::~Queue() {
  for (const auto* name : {kDepth, kUnfinished, kLongest}) registry_.forget(name, labels_of(name_));
}

Queue::Queue(const std::string& name, LimiterOptions limits, Registry& registry, const base::Clock& clock)
    : name_(name),
      registry_(registry),
      clock_(clock),
      limiter_(limits),
      adds_(registry.counter("workqueue_adds_total", "Total number of adds handled by workqueue", labels_of(name))),
      retries_(
          registry.counter("workqueue_retries_total", "Total number of retries handled by workqueue", labels_of(name))),
      waited_(registry.histogram("workqueue_queue_duration_seconds",
                                 "How long in seconds an item stays in workqueue before being requested", kBounds,
                                 labels_of(name))),
      worked_(registry.histogram("workqueue_work_duration_seconds",
                                 "How long in seconds processing an item from workqueue takes", kBounds,
                                 labels_of(name))) {
  const auto labels = labels_of(name);
  registry.gauge(kDepth, "Current depth of workqueue", labels, [this] { return static_cast<double>(depth()); });
  registry.gauge(kUnfinished, "Seconds of work in progress that work_duration has not observed yet", labels,
                 [this] { return unfinished_seconds(); });
  registry.gauge(kLongest, "How long the longest running processor has been running", labels,
                 [this] { return seconds(longest_running()); });
}

void Queue::insert(const core::ObjectKey& key, std::chrono::nanoseconds delay, Priority priority) {
  if (is_shut_down_) return;
  const auto now = clock_.monotonic();
  if (order_.add(key, priority, now + delay, now)) adds_.add();
  changed_.notify_all();
}

void Queue::add(const core::ObjectKey& key, Priority priority) {
  const std::lock_guard lock(mutex_);
  insert(key, {}, priority);
}

void Queue::add_after(const core::ObjectKey& key, std::chrono::nanoseconds delay, Priority priority) {
  const std::lock_guard lock(mutex_);
  insert(key, delay, priority);
}

void Queue::add_rate_limited(const core::ObjectKey& key, Priority priority) {
  const std::lock_guard lock(mutex_);
  retries_.add();
  insert(key, limiter_.next_delay(key, clock_.monotonic()), priority);
}

void Queue::forget(const core::ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  limiter_.forget(key);
}

std::optional<QueueOrder::Taken> Queue::take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!is_shut_down_ && !stop.stop_requested()) {
    const auto now = clock_.monotonic();
    if (auto taken = order_.take(now)) {
      waited_.observe(seconds(now - taken->ready_since));
      return taken;
    }
    // Woken by any change, a stop, or the next delayed key; then everything is looked at again.
    const auto next = order_.next_ready();
    const auto has_changed = [&] { return is_shut_down_ || order_.ready() > 0 || order_.next_ready() != next; };
    if (next) changed_.wait_until(lock, stop, *next, has_changed);
    else changed_.wait(lock, stop, has_changed);
  }
  return std::nullopt;
}

std::optional<QueueOrder::Taken> Queue::try_take() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.monotonic();
  auto taken = is_shut_down_ ? std::nullopt : order_.take(now);
  if (taken) waited_.observe(seconds(now - taken->ready_since));
  return taken;
}

void Queue::done(const core::ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.monotonic();
  if (const auto since = order_.processing().find(key); since != order_.processing().end())
    worked_.observe(seconds(now - since->second));
  order_.done(key, now);
  changed_.notify_all();
}

void Queue::shut_down() {
  const std::lock_guard lock(mutex_);
  is_shut_down_ = true;
  changed_.notify_all();
}

bool Queue::wait_until_idle(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return order_.processing().empty(); });
}

std::size_t Queue::depth() const {
  const std::lock_guard lock(mutex_);
  return order_.ready();
}

std::chrono::nanoseconds Queue::longest_running() const {
  const std::lock_guard lock(mutex_);
  std::chrono::nanoseconds longest{0};
  for (const auto& [key, since] : order_.processing())
    longest = std::max<std::chrono::nanoseconds>(longest, clock_.monotonic() - since);
  return longest;
}

std::optional<base::Monotonic> Queue::next_ready() const {
  const std::lock_guard lock(mutex_);
  return order_.next_ready();
}

double Queue::unfinished_seconds() const {
  const std::lock_guard lock(mutex_);
  double sum = 0;
  for (const auto& [key, since] : order_.processing()) sum += seconds(clock_.monotonic() - since);
  return sum;
}

}  // namespace cadence::kube::control
