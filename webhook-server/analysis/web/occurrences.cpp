#include "analysis/web/occurrences.hpp"

#include <algorithm>
#include <deque>

#include "analysis/text/text.hpp"

namespace cadence::analysis::web {

PhraseFinder::PhraseFinder(std::vector<std::string> phrases) : phrases_(std::move(phrases)) {
  for (const std::string& phrase : phrases_) {
    for (const char c : phrase) {
      std::uint8_t& group = classes_[static_cast<unsigned char>(c)];
      if (group == 0) group = static_cast<std::uint8_t>(class_count_++);
    }
  }
  next_.resize(class_count_);
  ends_.resize(1);
  for (std::uint32_t phrase = 0; phrase < phrases_.size(); ++phrase) add(phrase);
  connect();
  for (std::uint32_t& edge : next_)
    edge = static_cast<std::uint32_t>(edge * class_count_ << 1U) | (ends_[edge].empty() ? 0U : 1U);
}

void PhraseFinder::add(std::uint32_t phrase) {
  if (!places_.emplace(phrases_[phrase], phrase).second) return;
  std::size_t state = 0;
  for (const char c : phrases_[phrase]) {
    const std::size_t edge = state * class_count_ + classes_[static_cast<unsigned char>(c)];
    if (next_[edge] == 0) {
      next_[edge] = static_cast<std::uint32_t>(ends_.size());
      ends_.emplace_back();
      next_.resize(next_.size() + class_count_);
    }
    state = next_[edge];
  }
  ends_[state].push_back(phrase);
}

// Breadth first, so that the state to fall back to is complete before it is copied from.
void PhraseFinder::connect() {
  std::vector<std::uint32_t> fallback(ends_.size());
  std::deque<std::uint32_t> waiting{0};
  while (!waiting.empty()) {
    const std::size_t state = waiting.front();
    waiting.pop_front();
    for (std::size_t group = 0; group < class_count_; ++group) {
      std::uint32_t& edge = next_[state * class_count_ + group];
      const std::uint32_t other = state == 0 ? 0U : next_[fallback[state] * class_count_ + group];
      if (edge == 0) {
        edge = other;
        continue;
      }
      fallback[edge] = other;
      ends_[edge].insert(ends_[edge].end(), ends_[other].begin(), ends_[other].end());
      waiting.push_back(edge);
    }
  }
}

std::vector<std::uint32_t> PhraseFinder::count(std::string_view text) const {
  std::vector<std::uint32_t> counts(phrases_.size());
  std::vector<std::size_t> free_from(phrases_.size());
  std::uint32_t edge = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    edge = next_[(edge >> 1U) + classes_[static_cast<unsigned char>(text[at])]];
    if ((edge & 1U) == 0) continue;
    for (const std::uint32_t phrase : ends_[(edge >> 1U) / class_count_]) {
      if (at + 1 - phrases_[phrase].size() < free_from[phrase]) continue;
      ++counts[phrase];
      free_from[phrase] = at + 1;
    }
  }
  return counts;
}

std::ptrdiff_t PhraseFinder::place_of(std::string_view phrase) const {
  const auto found = places_.find(phrase);
  return found == places_.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
}

std::size_t Occurrences::of(std::string_view phrase) const {
  const std::ptrdiff_t place = finder_.place_of(phrase);
  return place < 0 ? count_occurrences(text_, phrase) : counts_[static_cast<std::size_t>(place)];
}

std::size_t Occurrences::total(std::span<const std::string_view> phrases) const {
  std::size_t sum = 0;
  for (const std::string_view phrase : phrases) sum += of(phrase);
  return sum;
}

std::size_t Occurrences::distinct(std::span<const std::string_view> phrases) const {
  return static_cast<std::size_t>(
      std::count_if(phrases.begin(), phrases.end(), [&](std::string_view phrase) { return has(phrase); }));
}

std::vector<std::string> Occurrences::first(std::span<const std::string_view> phrases, std::size_t most) const {
  std::vector<std::string> found;
  for (const std::string_view phrase : phrases) {
    if (found.size() == most) break;
    if (has(phrase)) found.emplace_back(phrase);
  }
  return found;
}

}  // namespace cadence::analysis::web
