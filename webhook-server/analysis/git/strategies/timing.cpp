// Two strategies on the time between commits: too short for any change, and out of proportion to a large one.
#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_timing(const PairFacts& pair, const Rules& rules) {
  const std::int64_t least = rules.thresholds.min_time_delta_seconds;
  if (least <= 0 || pair.seconds >= least) return std::nullopt;
  return fixed(static_cast<double>(pair.seconds), 1) + " s after the commit before it, limit " + std::to_string(least) +
         " s";
}

Judgement judge_timing_anomaly(const PairFacts& pair, const Rules&) {
  constexpr std::int64_t kDay = 86400;
  const auto exceeds = [&](std::int64_t lines) {
    return pair.counts.additions > lines || pair.counts.deletions > lines;
  };
  if (pair.seconds < 60 && exceeds(50)) {
    return "Large change only " + fixed(static_cast<double>(pair.seconds), 1) + " s after the commit before it";
  }
  if (pair.seconds > kDay && exceeds(500)) {
    return "Very large change after a pause of " + fixed(static_cast<double>(pair.seconds) / 3600, 1) + " h";
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::git
