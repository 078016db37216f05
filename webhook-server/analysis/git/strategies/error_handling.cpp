#include <algorithm>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::string_view kHandling[] = {"try",       "catch",  "except",        "throw",   "throws", "error",
                                          "exception", "handle", "if err != nil", ".catch(", "rescue"};
constexpr std::string_view kInMessage[] = {"error", "exception", "try", "catch", "handle"};

Judgement judge_code(const PairFacts& pair) {
  const std::size_t lines = pair.added->line_count();
  if (lines < 20) return std::nullopt;
  std::size_t handling = 0;
  for (const std::string_view word : kHandling) handling += count_occurrences(pair.lower_code, word);
  const std::string found = std::to_string(pair.counts.additions) + " lines added with " + std::to_string(handling);
  if (pair.counts.additions > 100 && handling < lines / 30)
    return found + " signs of error handling: few for " + std::to_string(lines) + " lines";
  if (handling > lines / 5) return found + " signs of error handling: many for " + std::to_string(lines) + " lines";
  return std::nullopt;
}

}  // namespace

Judgement judge_error_handling(const PairFacts& pair, const Rules&) {
  if (pair.has_diff && pair.counts.additions > 50) return judge_code(pair);
  const bool is_mentioned = std::any_of(std::begin(kInMessage), std::end(kInMessage),
                                        [&](std::string_view word) { return contains(pair.lower_message, word); });
  if (pair.counts.additions <= 300 || is_mentioned) return std::nullopt;
  return std::to_string(pair.counts.additions) + " lines added and 0 mentions of error handling in the message";
}

}  // namespace cadence::analysis::git
