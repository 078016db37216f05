// What is usual in one repository, computed from the counts of all its pairs. Pure arithmetic; sums run over sorted
// integers, so the result does not depend on how the work was shared out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/git/measure.hpp"
#include "analysis/git/options.hpp"

namespace cadence::analysis::git {

struct Baseline {
  double mean_additions = 0;  // 10 % trimmed at each end, like the deviations
  double deviation_additions = 0;
  double mean_deletions = 0;
  double deviation_deletions = 0;
  double mean_files = 0;
  double mean_ratio = 0;  // additions of all changed lines
  std::int64_t quartile_1 = 0;
  std::int64_t median = 0;
  std::int64_t quartile_3 = 0;
};

// `counts` in pair order; those without lines are left out. None when there is no pair at all.
std::optional<Baseline> baseline_of(const std::vector<LineCounts>& counts, Quartiles quartiles);

}  // namespace cadence::analysis::git
