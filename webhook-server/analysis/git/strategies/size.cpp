#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {

Judgement judge_size(const PairFacts& pair, const Rules& rules) {
  const Thresholds& limits = rules.thresholds;
  if (limits.suspicious_additions > 0 && pair.counts.additions > limits.suspicious_additions) {
    return std::to_string(pair.counts.additions) + " lines added, limit " + std::to_string(limits.suspicious_additions);
  }
  if (limits.suspicious_deletions > 0 && pair.counts.deletions > limits.suspicious_deletions) {
    return std::to_string(pair.counts.deletions) + " lines deleted, limit " +
           std::to_string(limits.suspicious_deletions);
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::git
