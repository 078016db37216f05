#include <cmath>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

bool is_near_whole(double x) {
  const double fraction = x - std::floor(x);
  return fraction < 0.05 || fraction > 0.95;
}

}  // namespace

Judgement judge_structural_consistency(const PairFacts& pair, const Rules&) {
  if (pair.counts.additions <= 100 || pair.counts.deletions <= 100) return std::nullopt;
  const double ratio = static_cast<double>(pair.counts.additions) / static_cast<double>(pair.counts.deletions);
  if (ratio >= 0.9 && ratio <= 1.1) return "Additions and deletions nearly equal, ratio " + fixed(ratio, 2);
  if (is_near_whole(ratio) || is_near_whole(1 / ratio))
    return "Additions to deletions in a round ratio, " + fixed(ratio, 2);
  return std::nullopt;
}

}  // namespace cadence::analysis::git
