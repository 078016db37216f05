// A spool in memory for tests of what stands on the port; can be full, or take for ever.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "queue/spool.hpp"

namespace cadence::queue {

class FakeSpool final : public Spool {
 public:
  std::atomic<bool> is_full{false}, is_hanging{false};

  base::Result<std::size_t> keep(std::span<const Delivery> deliveries) override {
    while (is_hanging) std::this_thread::yield();
    if (is_full) return base::Error{base::ErrorKind::Transient, "The spool is full"};
    std::lock_guard lock(mutex_);
    batches_.push_back({std::to_string(++names_), {deliveries.begin(), deliveries.end()}});
    return deliveries.size();
  }
  base::Result<std::optional<SpoolBatch>> oldest() override {
    std::lock_guard lock(mutex_);
    if (batches_.empty()) return std::optional<SpoolBatch>();
    return std::optional(batches_.front());
  }
  void drop(const SpoolBatch&) override {
    std::lock_guard lock(mutex_);
    batches_.pop_front();
  }
  base::Result<void> set_aside(const SpoolBatch&, std::span<const Delivery> refused) override {
    std::lock_guard lock(mutex_);
    for (const auto& each : refused) aside_.push_back(each.job_id);
    batches_.pop_front();
    return base::ok();
  }
  [[nodiscard]] SpoolState state() const override {
    std::lock_guard lock(mutex_);
    SpoolState state;
    for (const auto& batch : batches_) state.entries += static_cast<std::int64_t>(batch.deliveries.size());
    state.set_aside = static_cast<std::int64_t>(aside_.size());
    return state;
  }
  std::vector<std::string> ids() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (const auto& batch : batches_)
      for (const auto& each : batch.deliveries) ids.push_back(each.job_id);
    return ids;
  }
  std::vector<std::string> aside() const {
    std::lock_guard lock(mutex_);
    return aside_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<SpoolBatch> batches_;
  std::vector<std::string> aside_;
  int names_ = 0;
};

}  // namespace cadence::queue
