#include "gaps.hpp"

#include <algorithm>
#include <map>

namespace ledger {

std::vector<Gap> gaps_over(Nanoseconds threshold, std::vector<Acknowledgement> acknowledgements, Nanoseconds began,
                           Nanoseconds ended) {
  std::sort(acknowledgements.begin(), acknowledgements.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  std::vector<Gap> out;
  Gap current{.start = began, .end = began, .before = -1, .after = -1, .is_open = false};
  for (const auto& next : acknowledgements) {
    current.end = next.at;
    current.after = next.backend;
    if (current.length() > threshold) out.push_back(current);
    current = {.start = next.at, .end = next.at, .before = next.backend, .after = -1, .is_open = false};
  }
  current.end = ended;
  current.is_open = true;
  if (current.length() > threshold) out.push_back(current);
  return out;
}

std::vector<Stretch> stretches(const std::vector<Acknowledgement>& acknowledgements) {
  std::map<int, Stretch> found;
  for (const auto& a : acknowledgements) {
    auto& stretch = found.try_emplace(a.backend, Stretch{a.backend, a.at, a.at, 0, a.asked}).first->second;
    stretch.first = std::min(stretch.first, a.at);
    stretch.last = std::max(stretch.last, a.at);
    stretch.last_asked = std::max(stretch.last_asked, a.asked);
    ++stretch.count;
  }
  std::vector<Stretch> out;
  for (const auto& [backend, stretch] : found) out.push_back(stretch);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

bool is_interleaved(const std::vector<Stretch>& in_order) {
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t later = i + 1; later < in_order.size(); ++later) {
      if (in_order[i].last_asked > in_order[later].first) return true;
    }
  }
  return false;
}

}  // namespace ledger
