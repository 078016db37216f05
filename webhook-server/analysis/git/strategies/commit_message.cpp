#include <algorithm>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::string_view kGeneric[] = {"implement",
                                         "add functionality",
                                         "update code",
                                         "refactor code",
                                         "improve implementation",
                                         "enhance functionality",
                                         "optimize performance",
                                         "fix issues",
                                         "improve code quality",
                                         "add new features",
                                         "update implementation",
                                         "add support for"};
constexpr std::string_view kHollow[] = {"minor fixes", "code cleanup", "bug fixes",    "improvements",
                                        "updates",     "changes",      "modifications"};

template <std::size_t N>
std::ptrdiff_t count_contained(std::string_view text, const std::string_view (&phrases)[N]) {
  return std::count_if(std::begin(phrases), std::end(phrases),
                       [&](std::string_view phrase) { return contains(text, phrase); });
}

}  // namespace

Judgement judge_commit_message(const PairFacts& pair, const Rules&) {
  const std::string_view message = pair.lower_message;
  const std::ptrdiff_t generic = count_contained(message, kGeneric);
  const std::ptrdiff_t hollow = count_contained(message, kHollow);
  if (generic >= 2 || hollow >= 3 || (generic >= 1 && hollow >= 2)) {
    return "Commit message with " + std::to_string(generic) + " stock phrases and " + std::to_string(hollow) +
           " hollow ones";
  }
  if (count_words(message) > 10 && (contains(message, "implement") || contains(message, "functionality"))) {
    return "Long commit message in general terms";
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::git
