#include <gtest/gtest.h>

#include "report/figures.hpp"
#include "sample.hpp"

namespace cadence::report {
namespace {

TEST(Figures, Words) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(decimal(20, 1), "20");
  EXPECT_EQ(decimal(6.6666, 1), "6.7");
  EXPECT_EQ(day_of(0), "1970-01-01");
  EXPECT_EQ(minute_of(-60), "1969-12-31 23:59");
  EXPECT_EQ(day_of(INT64_MAX), "no date");
  EXPECT_EQ(minute_of(INT64_MIN), "no date");
  EXPECT_EQ(took_of(850), "850 ms");
  EXPECT_EQ(took_of(2400), "2.4 s");
  EXPECT_EQ(took_of(185000), "3 min 5 s");
}

std::vector<analysis::git::CommitSize> dated(std::initializer_list<std::int64_t> times) {
  std::vector<analysis::git::CommitSize> sizes;
  for (const auto time : times) sizes.push_back({0, false, time, 1, 0});
  return sizes;
}

TEST(Figures, StretchLeavesOutSingleDatesFarOff) {
  std::vector<analysis::git::CommitSize> sizes;
  for (int i = 0; i < 300; ++i) sizes.push_back({0, false, 1'700'000'000 + i * 3600, 1, 0});
  sizes.push_back({0, true, 0, 1, 0});
  sizes.push_back({0, true, INT64_MAX, 1, 0});
  const auto stretch = stretch_of(sizes);
  EXPECT_GE(stretch.begin, 1'700'000'000);
  EXPECT_LE(stretch.end, 1'700'000'000 + 300 * 3600);
  EXPECT_GE(stretch.outside, 2U);
  EXPECT_EQ(stretch.place_of(INT64_MIN), 0);
  EXPECT_EQ(stretch.place_of(INT64_MAX), 1);
  std::size_t commits = 0, flagged = 0;
  for (const auto& step : steps_of(sizes, stretch, 7)) {
    commits += step.commits;
    flagged += step.flagged;
  }
  EXPECT_EQ(commits, sizes.size());  // those outside stand at the edges
  EXPECT_EQ(flagged, 2U);
}

TEST(Figures, StretchOfFewAndOfNone) {
  EXPECT_LT(stretch_of({}).begin, stretch_of({}).end);
  const auto one = stretch_of(dated({5}));
  EXPECT_LT(one.begin, one.end);
  const auto far = stretch_of(dated({INT64_MIN, INT64_MAX}));
  EXPECT_LT(far.begin, far.end);
}

// git-detection 7: high 0.4, medium 0.2, low 0.1, times confidence or 0.5
TEST(Verdict, WeighsBySeverityAndConfidence) {
  Report report = git_sample();
  auto verdict = verdict_of(report);
  EXPECT_NEAR(verdict.weighted_score, 0.6 * (0.4 + 2 * 0.2 + 8 * 0.1), 1e-12);
  EXPECT_EQ(verdict.high, 1U);
  EXPECT_EQ(verdict.medium, 2U);
  EXPECT_EQ(verdict.low, 8U);
  EXPECT_EQ(verdict.assessment, "Low suspicion of generated commits");
  auto& list = std::get<analysis::git::AnalysisResult>(report.found).suspicions;
  list.assign(175, {std::string(40, 'c'), 0, "m", analysis::git::Severity::High, {}, {}, 80, 0.6, ""});
  EXPECT_EQ(verdict_of(report).assessment, "Moderate suspicion of generated commits");  // 175 x 0.24 = 42
  list.assign(1000, {std::string(40, 'c'), 0, "m", analysis::git::Severity::High, {}, {}, 80, 0, ""});
  EXPECT_EQ(verdict_of(report).weighted_score, 100);  // at most
  EXPECT_EQ(verdict_of(report).assessment, "Strong suspicion of generated commits");
}

}  // namespace
}  // namespace cadence::report
