#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {

Judgement judge_file_dispersion(const PairFacts& pair, const Rules& rules) {
  const std::int64_t limit = rules.thresholds.max_files_per_commit;
  if (limit <= 0 || pair.counts.files <= limit) return std::nullopt;
  return std::to_string(pair.counts.files) + " files changed, limit " + std::to_string(limit);
}

}  // namespace cadence::analysis::git
