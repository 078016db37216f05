// Bytes of request bodies held in memory by all requests together. Promises: never more than the limit; a share returns
// what it took.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace cadence::ingest {

class Budget {
 public:
  explicit Budget(std::uint64_t limit) : limit_(limit) {}
  [[nodiscard]] std::uint64_t used() const { return used_.load(); }

 private:
  friend class BudgetShare;
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

class BudgetShare {
 public:
  explicit BudgetShare(Budget& budget) : budget_(budget) {}
  ~BudgetShare() { give_back(); }
  BudgetShare(BudgetShare&& other) noexcept : budget_(other.budget_), taken_(std::exchange(other.taken_, 0)) {}
  BudgetShare& operator=(BudgetShare&&) = delete;
  bool take(std::uint64_t bytes);  // false: over the limit, nothing taken
  void give_back();

 private:
  Budget& budget_;
  std::uint64_t taken_ = 0;
};

}  // namespace cadence::ingest
