#include <cmath>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_precision(const PairFacts& pair, const Rules& rules) {
  const auto& [additions, deletions, files] = pair.counts;
  const auto size = static_cast<double>(pair.counts.size());
  if (additions > 50 && deletions > 50) {
    double difference = static_cast<double>(additions - deletions) / size;
    // Upstream forgets the sign, so that any surplus of deletions counts as balance.
    if (rules.profile == Profile::Corrected) difference = std::abs(difference);
    if (difference < 0.05) return "Additions and deletions differ by only " + fixed(difference * 100, 1) + " %";
  }
  const double per_file = files > 0 ? size / static_cast<double>(files) : 0;
  if (pair.counts.size() > 100 && per_file > 100 && per_file < 150)
    return fixed(per_file, 0) + " changed lines per file";
  return std::nullopt;
}

}  // namespace cadence::analysis::git
