// What the renderings have in common: numbers as people read them, findings in order of weight, commits over time in
// few steps. Pure; bounded by the number of steps asked for, not by the history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/report.hpp"

namespace cadence::report {

std::string grouped(std::int64_t number);         // 1,234,567
std::string decimal(double value, int decimals);  // without a tail of zeros
std::string day_of(std::int64_t seconds);         // 2026-03-04, or "no date" outside the years 1 to 9999
std::string minute_of(std::int64_t seconds);      // 2026-03-04 10:00
std::string took_of(std::int64_t milliseconds);   // 850 ms, 2.4 s, 3 min 5 s
std::string short_hash(const std::string& hash);

// The weightiest first, at most `rows`: by score, then the newest.
std::vector<const analysis::git::Suspicion*> weightiest(const analysis::git::AnalysisResult& found, std::size_t rows);

// The stretch of time that holds all but the outermost hundredth of the commits where single dates lie far off: authors
// claim 1970.
struct Stretch {
  std::int64_t begin = 0, end = 0;  // inclusive; end > begin always
  std::size_t outside = 0;          // commits before or after it
  // 0 to 1, clamped.
  [[nodiscard]] double place_of(std::int64_t time) const;
};
Stretch stretch_of(const std::vector<analysis::git::CommitSize>& sizes);

struct Step {
  std::size_t commits = 0, flagged = 0;
};
std::vector<Step> steps_of(const std::vector<analysis::git::CommitSize>& sizes, const Stretch& stretch,
                           std::size_t steps);

// How often each strategy fired, the most frequent first.
struct StrategyCount {
  std::string name;
  std::size_t times = 0;
};
std::vector<StrategyCount> strategies_of(const analysis::git::AnalysisResult& found);

}  // namespace cadence::report
