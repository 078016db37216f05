#include "ingest/held_body.hpp"

#include <algorithm>

namespace cadence::ingest {

namespace {
constexpr std::uint64_t kBelieved = 1 << 20;  // room for more is made when so much has come
}

// Text that grows by itself takes three times its size for a moment.
bool HeldBody::add(std::string_view piece) {
  if (is_over_budget_) return false;
  if (share_.take(piece.size())) {
    const auto room = text_.size() < kBelieved ? std::min(expected_, kBelieved) : expected_;
    if (text_.size() + piece.size() > text_.capacity() && room > text_.capacity()) text_.reserve(room);
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
