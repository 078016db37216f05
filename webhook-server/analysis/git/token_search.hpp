// Searching in sequences of tokens, in linear time. Internal to the line difference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "analysis/git/token_diff.hpp"

namespace cadence::analysis::git {

inline std::size_t common_prefix(std::span<const Token> a, std::span<const Token> b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

inline std::size_t common_suffix(std::span<const Token> a, std::span<const Token> b) {
  return static_cast<std::size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
}

// Calls visit(place) for each place of `wanted` in `text`, overlapping ones too, from the left until visit says false.
// Knuth-Morris-Pratt: sequences of equal lines must not make it quadratic.
template <class Visit>
void for_each_place(std::span<const Token> text, std::span<const Token> wanted, Visit visit) {
  if (wanted.empty() || wanted.size() > text.size()) return;
  std::vector<std::size_t> border(wanted.size(), 0);
  for (std::size_t i = 1, matched = 0; i < wanted.size(); ++i) {
    while (matched > 0 && wanted[i] != wanted[matched]) matched = border[matched - 1];
    if (wanted[i] == wanted[matched]) ++matched;
    border[i] = matched;
  }
  for (std::size_t i = 0, matched = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != wanted[matched]) matched = border[matched - 1];
    if (text[i] == wanted[matched]) ++matched;
    if (matched < wanted.size()) continue;
    if (!visit(i + 1 - matched)) return;
    matched = border[matched - 1];
  }
}

inline std::optional<std::size_t> find_tokens(std::span<const Token> text, std::span<const Token> wanted) {
  std::optional<std::size_t> found;
  for_each_place(text, wanted, [&](std::size_t place) {
    found = place;
    return false;
  });
  return found;
}

// For each place of `text`, how long it goes on like `wanted`; in linear time (Z algorithm).
template <class Range>
std::vector<std::size_t> match_lengths(const Range& text, const Range& wanted) {
  const auto extend = [&](const Range& in, const std::vector<std::size_t>& own, std::vector<std::size_t>& lengths,
                          std::size_t from) {
    std::size_t left = from;
    std::size_t right = from;  // [left, right) is the match that reaches furthest
    for (std::size_t i = from; i < in.size(); ++i) {
      std::size_t length = i < right ? std::min(right - i, own[i - left]) : 0;
      while (length < wanted.size() && i + length < in.size() && in[i + length] == wanted[length]) ++length;
      lengths[i] = length;
      if (i + length > right) {
        left = i;
        right = i + length;
      }
    }
  };
  std::vector<std::size_t> own(wanted.size(), wanted.size());
  extend(wanted, own, own, 1);
  std::vector<std::size_t> lengths(text.size());
  extend(text, own, lengths, 0);
  return lengths;
}

inline bool share_a_token(std::span<const Token> a, std::span<const Token> b) {
  const std::unordered_set<Token> of_a(a.begin(), a.end());
  return std::ranges::any_of(b, [&](Token token) { return of_a.contains(token); });
}

}  // namespace cadence::analysis::git
