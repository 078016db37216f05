#include "ingest/budget.hpp"

namespace cadence::ingest {

bool BudgetShare::take(std::uint64_t bytes) {
  if (budget_.used_.fetch_add(bytes) + bytes > budget_.limit_) {
    budget_.used_.fetch_sub(bytes);
    return false;
  }
  taken_ += bytes;
  return true;
}

void BudgetShare::give_back() {
  budget_.used_.fetch_sub(taken_);
  taken_ = 0;
}

}  // namespace cadence::ingest
