#include <algorithm>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::string_view kCodeNames[] = {"var1",    "var2", "temp",     "data",   "result",  "value",  "item",
                                           "element", "obj",  "instance", "helper", "utility", "manager"};
constexpr std::string_view kMessageNames[] = {"variable", "function", "method",  "class",   "object",  "instance",
                                              "data",     "result",   "value",   "item",    "element", "component",
                                              "helper",   "utility",  "manager", "handler", "service"};

template <std::size_t N>
std::ptrdiff_t count_contained(std::string_view text, const std::string_view (&names)[N]) {
  return std::count_if(std::begin(names), std::end(names), [&](std::string_view name) { return contains(text, name); });
}

// likeThis: from a small letter on, with exactly one capital.
bool is_camel(std::string_view word) {
  if (word.size() <= 4 || word.front() < 'a' || word.front() > 'z') return false;
  return std::count_if(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) == 1;
}

bool has_many_camel_words(std::string_view code) {
  std::size_t all = 0;
  std::size_t camel = 0;
  Words words(code);
  while (const auto word = words.next()) {
    ++all;
    camel += is_camel(*word) ? 1 : 0;
  }
  return all > 10 && static_cast<double>(camel) / static_cast<double>(all) > 0.3;
}

bool has_many_catches(std::string_view code, std::size_t lines) {
  const std::size_t catches = count_occurrences(code, "catch");
  const std::size_t excepts = count_occurrences(code, "except");
  return catches + excepts > 0 && catches + excepts + count_occurrences(code, "try") > lines / 20;
}

std::ptrdiff_t count_indicators(const PairFacts& pair) {
  const std::string_view lower = pair.lower_code;
  const std::string_view code = pair.added->code();
  std::ptrdiff_t indicators = count_contained(lower, kCodeNames);
  indicators += count_occurrences(lower, "todo") > 2 || count_occurrences(lower, "fixme") > 1 ? 1 : 0;
  indicators += has_many_camel_words(code) ? 1 : 0;
  indicators += has_many_catches(code, pair.added->line_count()) ? 1 : 0;
  return indicators;
}

}  // namespace

Judgement judge_naming_pattern(const PairFacts& pair, const Rules&) {
  if (pair.has_diff && pair.added->line_count() == 0) return std::nullopt;
  const std::ptrdiff_t indicators =
      pair.has_diff ? count_indicators(pair) : count_contained(pair.lower_message, kMessageNames);
  if (indicators < 2) return std::nullopt;
  return std::to_string(indicators) + " signs of generic names";
}

}  // namespace cadence::analysis::git
