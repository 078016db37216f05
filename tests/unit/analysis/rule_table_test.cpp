// Section 6 of the specification at its edges: for each strategy S1 to S15 pairs that just fire and pairs that just do
// not, in both profiles.
#include <gtest/gtest.h>

#include <map>

#include "analysis/git/judge.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

enum class Fires { Never, Always, Upstream };

struct Row {
  int strategy;
  Fires fires;
  LineCounts counts;
  std::int64_t seconds = 40000;
  std::string message = "x";
  std::string line = "alpha";  // every added line
  std::int64_t lines = -1;     // how many there are; as many as additions
};

const Row kRows[] = {
    {1, Fires::Always, {501, 0, 1}},
    {1, Fires::Never, {500, 0, 1}},
    {1, Fires::Always, {0, 1001, 1}},
    {1, Fires::Never, {0, 1000, 1}},
    {2, Fires::Always, {101, 0, 1}, 60},
    {2, Fires::Never, {100, 0, 1}, 60},
    {2, Fires::Always, {51, 0, 1}, 1},  // counted as half a minute
    {2, Fires::Never, {50, 0, 1}, 1},
    {2, Fires::Always, {0, 501, 1}, 60},
    {2, Fires::Never, {0, 500, 1}, 60},
    {3, Fires::Always, {1, 0, 1}, 59},
    {3, Fires::Never, {1, 0, 1}, 60},
    {4, Fires::Always, {1, 0, 51}},
    {4, Fires::Never, {1, 0, 50}},
    {5, Fires::Always, {101, 5, 1}},
    {5, Fires::Never, {96, 4, 1}},    // 100 lines are not more than 100
    {5, Fires::Never, {190, 10, 1}},  // 0.95 is not more than 0.95
    {5, Fires::Always, {9, 190, 1}},
    {6, Fires::Always, {52, 51, 9}},
    {6, Fires::Never, {52, 50, 9}},
    {6, Fires::Never, {105, 95, 20}},  // a difference of exactly 0.05
    {6, Fires::Upstream, {60, 70, 9}},
    {6, Fires::Always, {101, 0, 1}},
    {6, Fires::Never, {100, 0, 1}},
    {6, Fires::Always, {149, 0, 1}},
    {6, Fires::Never, {150, 0, 1}},
    {6, Fires::Never, {202, 0, 0}},
    {7, Fires::Always, {1, 0, 1}, 40000, "Fix issues, add support for goats"},
    {7, Fires::Always, {1, 0, 1}, 40000, "Update implementation"},  // two phrases in one
    {7, Fires::Always, {1, 0, 1}, 40000, "minor fixes, updates, changes"},
    {7, Fires::Never, {1, 0, 1}, 40000, "updates, changes"},
    {7, Fires::Always, {1, 0, 1}, 40000, "implement updates, changes"},
    {7, Fires::Never, {1, 0, 1}, 40000, "implement updates"},
    {7, Fires::Always, {1, 0, 1}, 40000, "a b c d e f g h i j functionality"},
    {7, Fires::Never, {1, 0, 1}, 40000, "a b c d e f g h i functionality"},
    {8, Fires::Always, {1, 0, 1}, 40000, "x", "data value"},
    {8, Fires::Never, {1, 0, 1}, 40000, "x", "data"},
    {8, Fires::Always, {1, 0, 1}, 40000, "x", "DATA catch"},
    {8, Fires::Never, {1, 0, 1}, 40000, "x", "DATA CATCH"},
    {8, Fires::Always, {3, 0, 1}, 40000, "x", "todo item"},
    {8, Fires::Never, {2, 0, 1}, 40000, "x", "todo item"},
    {8, Fires::Always, {11, 0, 1}, 40000, "x", "itemName"},
    {8, Fires::Never, {10, 0, 1}, 40000, "x", "itemName"},
    {8, Fires::Never, {11, 0, 1}, 40000, "x", "itemNameOf"},
    {8, Fires::Never, {1, 0, 1}, 40000, "data value", "data value", 0},
    {9, Fires::Always, {111, 101, 1}},
    {9, Fires::Never, {111, 100, 1}},
    {9, Fires::Never, {100, 101, 1}},
    {9, Fires::Always, {203, 101, 1}},
    {9, Fires::Never, {151, 101, 1}},
    {9, Fires::Always, {101, 2121, 1}},  // 21 times as many deletions
    {10, Fires::Always, {51, 0, 1}, 299},
    {10, Fires::Never, {51, 0, 1}, 300},
    {10, Fires::Never, {50, 0, 1}, 299},
    {11, Fires::Always, {101, 0, 1}},
    {11, Fires::Never, {100, 0, 1}},
    {11, Fires::Never, {101, 0, 1}, 40000, "x", "alpha", 19},
    {11, Fires::Never, {101, 0, 1}, 40000, "x", "alpha", 29},  // 29/30 is 0
    {11, Fires::Always, {51, 0, 1}, 40000, "x", "catch"},
    {11, Fires::Never, {50, 0, 1}, 40000, "x", "catch"},
    {12, Fires::Always, {51, 0, 1}, 40000, "x", "todo"},  // and all indents are equal
    {12, Fires::Never, {50, 0, 1}, 40000, "x", "todo"},
    {12, Fires::Never, {51, 0, 1}, 40000, "x", "alpha"},
    {12, Fires::Always, {51, 0, 1}, 40000, "x", "alpha beta gamma delta"},
    {12, Fires::Never, {51, 0, 1}, 40000, "x", "alpha beta gamma"},
    {12, Fires::Never, {51, 0, 1}, 40000, "x", "a b c d"},
    {12, Fires::Always, {51, 0, 1}, 40000, "x", "IMPORT"},
    {12, Fires::Never, {51, 0, 1}, 40000, "x", "todo", 9},
    {12, Fires::Always, {101, 0, 1}, 40000, "add stub"},
    {12, Fires::Never, {100, 0, 1}, 40000, "add stub"},
    {13, Fires::Always, {1100, 0, 11}},
    {13, Fires::Never, {1100, 0, 10}},
    {13, Fires::Never, {1000, 0, 20}},
    {13, Fires::Never, {1105, 0, 11}},
    {13, Fires::Never, {2200, 0, 11}},
    {15, Fires::Always, {51, 0, 1}, 59},
    {15, Fires::Always, {0, 51, 1}, 59},
    {15, Fires::Never, {50, 50, 1}, 59},
    {15, Fires::Never, {51, 51, 1}, 60},
    {15, Fires::Always, {501, 0, 1}, 86401},
    {15, Fires::Always, {0, 501, 1}, 86401},
    {15, Fires::Never, {500, 500, 1}, 86401},
    {15, Fires::Never, {501, 501, 1}, 86400},
};

bool fires(const Row& row, Profile profile) {
  AddedText added;
  for (std::int64_t i = 0; i < (row.lines < 0 ? row.counts.additions : row.lines); ++i) added.add(row.line);
  AnalysisOptions options;
  options.profile = profile;
  const std::string code = lower_for_search(added.code());
  const std::string message = lower_for_search(row.message);
  for (const Reason& reason : judge_facts({row.counts, row.seconds, true, &added, code, message}, options)) {
    if (static_cast<int>(reason.strategy) + 1 == row.strategy) return true;
  }
  return false;
}

TEST(RuleTable, EachStrategyAtItsEdgesInBothProfiles) {
  for (const Row& row : kRows) {
    const std::string what = "S" + std::to_string(row.strategy) + " row " + std::to_string(&row - kRows) + ": " +
                             row.message + ", " + row.line;
    EXPECT_EQ(fires(row, Profile::Corrected), row.fires == Fires::Always) << what;
    EXPECT_EQ(fires(row, Profile::Upstream), row.fires != Fires::Never) << what;
  }
}

// S14 takes no text and no profile: both differ in the quartiles of its baseline only.
TEST(RuleTable, S14EachCandidateAtItsEdges) {
  const Baseline usual{100, 20, 50, 10, 2, 0.5, 100, 150, 200};  // fence 350, far fence 650, extreme above 500
  const auto says = [&](const LineCounts& counts) { return judge_statistical_anomaly(counts, usual).value_or(""); };
  EXPECT_EQ(says({140, 70, 1}), "") << "exactly two deviations";
  EXPECT_EQ(says({141, 70, 1}), "Unusual number of added lines, score 2.05");
  EXPECT_EQ(says({161, 70, 1}), "Unusual number of added lines, score 3.05: 161 where 100 is usual");
  EXPECT_EQ(says({140, 71, 1}), "Unusual number of deleted lines, score 2.10");
  EXPECT_EQ(says({140, 29, 1}), "Unusual number of deleted lines, score -2.10");
  const auto calm = [](Baseline base, const LineCounts& counts) {
    base.deviation_additions = 1e9;  // no deviation speaks
    base.deviation_deletions = 0;
    return judge_statistical_anomaly(counts, base).value_or("");
  };
  EXPECT_EQ(calm(usual, {150, 200, 1}), "");
  EXPECT_EQ(calm(usual, {150, 201, 1}), "Size far outside the quartiles, score 0.01");
  EXPECT_EQ(calm(usual, {250, 250, 1}), "Size far outside the quartiles, score 1.50");
  EXPECT_EQ(calm(usual, {250, 251, 1}), "Extreme size, score 3.34: 501 where 150 is usual");
  EXPECT_EQ(calm(usual, {250, 401, 1}), "Size far outside the quartiles, score 3.01: 651 where 150 is usual");
  EXPECT_EQ(calm(usual, {201, 0, 1}), "Unusual share of added lines, score 1.00: 1 where 0 is usual");
  EXPECT_EQ(calm(usual, {200, 0, 1}), "");
  EXPECT_EQ(calm(usual, {75, 76, 7}), "Unusual number of files, score 3.50");
  EXPECT_EQ(calm(usual, {75, 76, 6}), "");
  EXPECT_EQ(calm(usual, {75, 75, 7}), "") << "not larger than the median";
  EXPECT_EQ(calm(usual, {75, 76, 11}), "Unusual number of files, score 5.50: 11 where 2 is usual");
  EXPECT_EQ(judge_statistical_anomaly({9999, 9999, 99}, {100, 0, 50, 0, 2, 0.5, 100, 150, 200}), std::nullopt)
      << "no deviation at all";
}

TEST(RuleTable, NoStrategyIsLeftOut) {
  std::map<int, std::pair<bool, bool>> seen;
  for (const Row& row : kRows)
    (row.fires == Fires::Never ? seen[row.strategy].first : seen[row.strategy].second) = true;
  for (int strategy = 1; strategy <= 15; ++strategy) {
    if (strategy != 14) {
      EXPECT_EQ(seen[strategy], std::pair(true, true)) << "S" << strategy;
    }
  }
}

}  // namespace
}  // namespace cadence::analysis::git
