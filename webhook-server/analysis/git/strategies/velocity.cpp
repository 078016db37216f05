#include <algorithm>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_velocity(const PairFacts& pair, const Rules& rules) {
  const Thresholds& limits = rules.thresholds;
  // Shorter than half a minute counts as half a minute: nobody's clock is that exact.
  const double minutes = static_cast<double>(std::max<std::int64_t>(pair.seconds, 30)) / 60;
  const double added = static_cast<double>(pair.counts.additions) / minutes;
  const double deleted = static_cast<double>(pair.counts.deletions) / minutes;
  if (limits.max_additions_per_min > 0 && added > limits.max_additions_per_min) {
    return fixed(added, 1) + " lines added per minute, limit " + fixed(limits.max_additions_per_min, 1);
  }
  if (limits.max_deletions_per_min > 0 && deleted > limits.max_deletions_per_min) {
    return fixed(deleted, 1) + " lines deleted per minute, limit " + fixed(limits.max_deletions_per_min, 1);
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::git
