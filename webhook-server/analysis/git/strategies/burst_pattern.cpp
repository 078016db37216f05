#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_burst_pattern(const PairFacts& pair, const Rules&) {
  if (pair.seconds >= 300 || pair.counts.additions <= 50) return std::nullopt;
  return "Large commit only " + fixed(static_cast<double>(pair.seconds), 1) + " s after the one before it";
}

}  // namespace cadence::analysis::git
