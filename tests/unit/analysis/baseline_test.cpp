// Sections 5 and 6.5, and the baseline example of section 12.
#include <gtest/gtest.h>

#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {
namespace {

const std::vector<LineCounts> kExample = {{12, 3, 1},  {40, 10, 2}, {8, 0, 1},  {25, 5, 2},  {300, 20, 9}, {18, 6, 1},
                                          {30, 12, 3}, {22, 2, 1},  {15, 9, 2}, {10, 10, 1}, {35, 1, 2}};

TEST(Baseline, ExampleOfTheSpecification) {
  const auto baseline = baseline_of(kExample, Quartiles::Unsorted);
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->mean_additions, 23);
  EXPECT_DOUBLE_EQ(baseline->deviation_additions, 9.809292646374775);
  EXPECT_DOUBLE_EQ(baseline->mean_deletions, 6.444444444444445);
  EXPECT_DOUBLE_EQ(baseline->deviation_deletions, 3.7449554547450483);
  EXPECT_DOUBLE_EQ(baseline->mean_files, 2.272727272727273);
  EXPECT_DOUBLE_EQ(baseline->mean_ratio, 0.8044552669552669);
  EXPECT_EQ(baseline->quartile_1, 19);
  EXPECT_EQ(baseline->median, 24);
  EXPECT_EQ(baseline->quartile_3, 24);
}

TEST(Baseline, SmallExampleAndSortedQuartiles) {
  const std::vector<LineCounts> counts = {{10, 0, 1}, {200, 0, 1}, {30, 0, 1}, {40, 0, 1}, {50, 0, 1}};
  const auto unsorted = baseline_of(counts, Quartiles::Unsorted);
  EXPECT_EQ(unsorted->mean_additions, 66);
  EXPECT_DOUBLE_EQ(unsorted->deviation_additions, 68.2934843158555);
  EXPECT_EQ(unsorted->deviation_deletions, 0);
  EXPECT_EQ(unsorted->quartile_1, 200);
  EXPECT_EQ(unsorted->median, 30);
  EXPECT_EQ(unsorted->quartile_3, 40);
  const auto sorted = baseline_of(counts, Quartiles::Sorted);
  EXPECT_EQ(sorted->quartile_1, 30);
  EXPECT_EQ(sorted->median, 40);
  EXPECT_EQ(sorted->quartile_3, 50);
}

TEST(Baseline, InterpolatesAndCutsFractions) {
  const auto baseline = baseline_of({{1, 0, 1}, {4, 0, 1}}, Quartiles::Sorted);
  EXPECT_EQ(baseline->quartile_1, 1);  // 1.75
  EXPECT_EQ(baseline->median, 2);      // 2.5
  EXPECT_EQ(baseline->quartile_3, 3);  // 3.25
  const auto single = baseline_of({{7, 0, 1}}, Quartiles::Sorted);
  EXPECT_EQ(single->quartile_1, 7);
  EXPECT_EQ(single->quartile_3, 7);
}

TEST(Baseline, NoneWithoutPairsAndEmptyPairsLeftOut) {
  EXPECT_FALSE(baseline_of({}, Quartiles::Sorted));
  EXPECT_EQ(baseline_of({{5, 0, 1}, {0, 0, 3}}, Quartiles::Sorted)->mean_files, 1);
}

std::string judged(const LineCounts& counts) {
  return judge_statistical_anomaly(counts, *baseline_of(kExample, Quartiles::Unsorted)).value_or("");
}

TEST(StatisticalAnomaly, ExampleOfTheSpecification) {
  EXPECT_EQ(judged({40, 10, 2}), "Size far outside the quartiles, score 3.80: 50 where 24 is usual");
  EXPECT_EQ(judged({300, 20, 9}), "Unusual number of added lines, score 28.24: 300 where 23 is usual");
  EXPECT_EQ(judged({30, 12, 3}), "Extreme size, score 1.75: 42 where 24 is usual");
  EXPECT_EQ(judged({35, 1, 2}), "Size far outside the quartiles, score 1.00");
  for (const std::size_t place : {0U, 2U, 3U, 5U, 7U, 8U, 9U}) EXPECT_EQ(judged(kExample[place]), "") << place;
}

TEST(StatisticalAnomaly, SilentWithoutDeviation) {
  const auto baseline = baseline_of({{5, 1, 1}, {5, 1, 1}}, Quartiles::Sorted);
  EXPECT_FALSE(judge_statistical_anomaly({5000, 1, 1}, *baseline));
}

TEST(StatisticalAnomaly, ShareOfAdditionsAndFiles) {
  Baseline usual;
  usual.deviation_additions = 1000;
  usual.mean_additions = 10;
  usual.mean_files = 2;
  usual.median = 5;
  EXPECT_EQ(judge_statistical_anomaly({21, 0, 1}, usual),
            "Unusual share of added lines, score 1.00: 1 where 0 is usual");
  EXPECT_FALSE(judge_statistical_anomaly({20, 0, 1}, usual));
  EXPECT_EQ(judge_statistical_anomaly({10, 5, 8}, usual), "Unusual number of files, score 4.00");
  EXPECT_EQ(judge_statistical_anomaly({10, 5, 11}, usual), "Unusual number of files, score 5.50: 11 where 2 is usual");
  EXPECT_FALSE(judge_statistical_anomaly({2, 3, 11}, usual));  // not larger than the median
}

TEST(StatisticalAnomaly, ZeroRangeScoresInfinity) {
  Baseline usual;
  usual.deviation_additions = 1e9;
  usual.quartile_1 = usual.median = usual.quartile_3 = 10;
  EXPECT_EQ(judge_statistical_anomaly({6, 5, 1}, usual),
            "Size far outside the quartiles, score inf: 11 where 10 is usual");
}

}  // namespace
}  // namespace cadence::analysis::git
