#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_ratio(const PairFacts& pair, const Rules& rules) {
  const Thresholds& limits = rules.thresholds;
  if (pair.counts.size() <= limits.min_commit_size_ratio) return std::nullopt;
  const auto size = static_cast<double>(pair.counts.size());
  const double added = static_cast<double>(pair.counts.additions) / size;
  const double deleted = static_cast<double>(pair.counts.deletions) / size;
  if (limits.max_addition_ratio > 0 && added > limits.max_addition_ratio) {
    return fixed(added * 100, 1) + " % of the changed lines are additions, limit " +
           fixed(limits.max_addition_ratio * 100, 1) + " %";
  }
  if (limits.min_deletion_ratio > 0 && deleted > limits.min_deletion_ratio) {
    return fixed(deleted * 100, 1) + " % of the changed lines are deletions, limit " +
           fixed(limits.min_deletion_ratio * 100, 1) + " %";
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::git
