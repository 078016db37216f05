// Which job a delivery has that was taken or spooled lately, so that its repeat is told the same while the store cannot
// be asked. Promises: never more than `most` keys; the latest stay. Not safe for several threads at once.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "queue/job.hpp"

namespace cadence::queue {

class RecentJobs {
 public:
  explicit RecentJobs(std::size_t most) : most_(most) {}

  void note(const Delivery& delivery, const std::string& job_id) {
    add(delivery.key, job_id);
    if (!delivery.body_key.empty()) add(delivery.body_key, job_id);
  }
  // Empty: not known.
  [[nodiscard]] std::string find(const Delivery& delivery) const {
    auto known = jobs_.find(delivery.key);
    if (known == jobs_.end() && !delivery.body_key.empty()) known = jobs_.find(delivery.body_key);
    return known == jobs_.end() ? std::string() : known->second;
  }

 private:
  void add(const std::string& key, const std::string& job_id) {
    if (!jobs_.emplace(key, job_id).second) return;
    order_.push_back(key);
    if (order_.size() <= most_) return;
    jobs_.erase(order_.front());
    order_.pop_front();
  }

  std::size_t most_;
  std::unordered_map<std::string, std::string> jobs_;
  std::deque<std::string> order_;
};

}  // namespace cadence::queue
