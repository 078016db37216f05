// A request's body, held in memory while it arrives. Promises: never more than the byte budget has room for; over it
// nothing is kept and nothing counted. Moves with its share of the budget.
#pragma once

#include <string>
#include <string_view>

#include "ingest/budget.hpp"

namespace cadence::ingest {

class HeldBody {
 public:
  explicit HeldBody(Budget& budget) : share_(budget) {}
  bool add(std::string_view piece);  // false: over the budget, now and from now on
  [[nodiscard]] bool is_over_budget() const { return is_over_budget_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  void give_back();  // nobody needs it any more

 private:
  BudgetShare share_;
  std::string text_;
  bool is_over_budget_ = false;
};

}  // namespace cadence::ingest
