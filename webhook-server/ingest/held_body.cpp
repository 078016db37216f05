#include "ingest/held_body.hpp"

namespace cadence::ingest {

bool HeldBody::add(std::string_view piece) {
  if (is_over_budget_) return false;
  if (share_.take(piece.size())) {
    text_.append(piece);
    return true;
  }
  is_over_budget_ = true;
  give_back();
  return false;
}

void HeldBody::give_back() {
  text_ = std::string();
  share_.give_back();
}

}  // namespace cadence::ingest
