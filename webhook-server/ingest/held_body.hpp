// A request's body, held in memory while it arrives. Promises: never more than the byte budget has room for; over it
// nothing is kept and nothing counted. Moves with its share of the budget.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/budget.hpp"

namespace cadence::ingest {

class HeldBody {
 public:
  // `expected`: how long it says it is; 0 where it says nothing.
  explicit HeldBody(Budget& budget, std::uint64_t expected = 0) : share_(budget), expected_(expected) {}
  bool add(std::string_view piece);  // false: over the budget, now and from now on
  [[nodiscard]] bool is_over_budget() const { return is_over_budget_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  void give_back();  // nobody needs it any more

 private:
  BudgetShare share_;
  std::uint64_t expected_;
  std::string text_;
  bool is_over_budget_ = false;
};

}  // namespace cadence::ingest
