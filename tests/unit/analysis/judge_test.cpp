// Sections 7 and 8: from a whole history to the result, in both profiles.
#include <gtest/gtest.h>

#include "analysis/git/judge.hpp"
#include "memory_objects.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::int64_t kDay = 86400;

// A straight history; each step replaces the whole tree.
struct Line {
  MemoryObjects objects;
  Oid tip;
  std::int64_t time = 1'700'000'000;

  Line& then(const std::vector<MemoryObjects::File>& files, std::int64_t seconds = kDay,
             const std::string& message = "step\n", const std::string& author = "Ada") {
    const bool is_first = tip == Oid{};
    time += seconds;
    tip = objects.commit(is_first ? std::vector<Oid>{} : std::vector<Oid>{tip}, time, message, author,
                         objects.tree(files));
    return *this;
  }
  AnalysisResult analyse(const AnalysisOptions& options = {}) {
    const auto history = list_history(objects, tip, {});
    EXPECT_TRUE(history.is_ok());
    const auto pairs = plan_pairs(*history, options.profile);
    std::vector<Verdict> verdicts;
    for (const PairPlan& pair : pairs) verdicts.push_back(judge_pair(objects, *history, pair, options, {}));
    auto result = conclude(objects, *history, pairs, std::move(verdicts), options);
    EXPECT_TRUE(result.is_ok());
    return std::move(*result);
  }
};

Line example() {
  Line line;
  line.then({{"a.c", numbered(0, 10)}}, 0, "first\n");
  line.then({{"a.c", numbered(0, 12)}}, kDay, "two more\n", "Bob");
  line.then({{"a.c", numbered(0, 624)}}, kDay, "table\n\nof values \xff\n");
  line.then({{"a.c", numbered(0, 624)}}, kDay, "nothing\n");
  return line;
}

TEST(Result, FieldsOfARepository) {
  Line line = example();
  const AnalysisResult result = line.analyse();
  EXPECT_EQ(result.total_commits, 4);
  EXPECT_EQ(result.items_analyzed, 4);
  EXPECT_EQ(result.tip, line.tip.hex());
  EXPECT_EQ(result.unique_authors, 2);
  EXPECT_EQ(result.average_commit_size, 204);  // (2 + 612 + 0) / 3
  EXPECT_EQ(result.time_span, "2 days");
  EXPECT_EQ(result.velocity, "0.2 additions/min");
  ASSERT_EQ(result.suspicions.size(), 1U);
  const Suspicion& found = result.suspicions.front();
  EXPECT_EQ(found.commit_index, 1);
  EXPECT_EQ(found.message, "table\n\nof values \xc3\xbf\n");
  EXPECT_EQ(found.severity, Severity::Low);
  EXPECT_EQ(found.reasons.front(), "612 lines added, limit 500");
  EXPECT_EQ(found.score, static_cast<double>(found.reasons.size()) / 15 * 100);
  EXPECT_EQ(found.commit_hash.size(), 40U);
  EXPECT_EQ(result.suspicious_commits(), 1);
  EXPECT_EQ(result.overall_suspicion, 25);
  EXPECT_EQ(result.items_flagged, 1);
  EXPECT_EQ(result.strategies_used, 1);
  EXPECT_EQ(result.strategies_hit, 1);
  EXPECT_EQ(result.average_score * 100, found.score);
  EXPECT_EQ(result.coverage_rate, 0.25);
}

TEST(Result, MessagesOfAnyLengthTakeABoundedRoom) {
  AnalysisOptions options;
  options.bounds.max_message_bytes = 301;
  options.bounds.max_messages_bytes = 700;
  Line line;
  line.then({{"a.c", ""}}, 0);
  for (int i = 1; i <= 4; ++i)
    line.then({{"a.c", numbered(0, static_cast<std::size_t>(600 * i))}}, kDay,
              std::string(299, 'm') + "\u00e9\u00e9\n");
  const auto result = line.analyse(options);
  ASSERT_EQ(result.suspicions.size(), 4U);
  EXPECT_EQ(result.suspicions[0].message, std::string(299, 'm') + "\u00e9");
  EXPECT_EQ(result.suspicions[1].message.size(), 301U);
  EXPECT_EQ(result.suspicions[2].message, std::string(200, 'm'));
  EXPECT_EQ(result.suspicions[3].message, std::string(200, 'm'));
  EXPECT_EQ(line.analyse().suspicions[0].message.size(), 304U);
}

TEST(Result, CountsTheCommitsOfEachStrategyThatIsOn) {
  for (const Profile profile : {Profile::Corrected, Profile::Upstream}) {
    AnalysisOptions options;
    options.profile = profile;
    options.lists_all = true;
    options.strategies.set("naming_pattern_analysis", false);
    Line line = example();
    const auto result = line.analyse(options);
    EXPECT_EQ(result.strategies.size(), active_strategies(options).size());
    std::int64_t reasons = 0;
    std::int64_t hits = 0;
    for (const Suspicion& one : result.suspicions) reasons += std::ssize(one.reasons);
    for (const StrategyHits& one : result.strategies) {
      hits += one.commits;
      EXPECT_NE(one.name, "naming_pattern_analysis");
    }
    EXPECT_GT(hits, 0);
    EXPECT_EQ(hits, reasons);
  }
}

TEST(Result, AuthorsWithLongNamesAreToldApart) {
  Line line;
  line.then({{"a.c", "1\n"}}, 0);
  for (const char* end : {"a", "b", "a", "ab"}) line.then({{"a.c", end}}, kDay, "step\n", std::string(5000, 'n') + end);
  EXPECT_EQ(line.analyse().unique_authors, 3);
}

TEST(Result, ReasonsStandInTableOrderWithTheStatisticalOneInPlace) {
  Line line;
  line.then({{"a", ""}});
  std::size_t size = 0;
  for (std::size_t i = 0; i < 20; ++i) line.then({{"a", numbered(0, size += 2 + i % 3)}});
  line.then({{"a", numbered(0, size + 600)}}, kDay * 2);
  const AnalysisResult result = line.analyse();
  ASSERT_EQ(result.suspicions.size(), 1U);
  const auto& reasons = result.suspicions.front().reasons;
  EXPECT_EQ(reasons.front(), "600 lines added, limit 500");
  EXPECT_EQ(reasons.back(), "Very large change after a pause of 48.0 h");
  EXPECT_TRUE(reasons.at(reasons.size() - 2).starts_with("Unusual number of added lines"));
}

TEST(Result, UpstreamProfileKeepsNoSuspicionAndTurnsTheSpanRound) {
  Line line = example();
  AnalysisOptions options;
  options.profile = Profile::Upstream;
  const AnalysisResult result = line.analyse(options);
  EXPECT_TRUE(result.suspicions.empty());
  EXPECT_EQ(result.overall_suspicion, 0);
  EXPECT_EQ(result.items_flagged, 2);  // unsorted quartiles flag the small one too
  EXPECT_EQ(result.time_span, "< 1 hour");
  EXPECT_FALSE(result.velocity);
}

TEST(Result, SingleCommitHasNoFiguresAndNoSuspicion) {
  Line line;
  line.then({{"a", lines(5000)}});
  const AnalysisResult result = line.analyse();
  EXPECT_EQ(result.total_commits, 1);
  EXPECT_FALSE(result.unique_authors);
  EXPECT_FALSE(result.average_commit_size);
  EXPECT_FALSE(result.time_span);
  EXPECT_FALSE(result.velocity);
  EXPECT_EQ(result.strategies_used, 0);
  EXPECT_EQ(result.average_score, 0);
  EXPECT_EQ(result.overall_suspicion, 0);
}

TEST(Result, UnreadableTreeDropsItsPairsOnly) {
  Line line = example();
  line.objects.lose(line.objects.tree({{"a.c", numbered(0, 12)}}));
  const AnalysisResult result = line.analyse();
  EXPECT_EQ(result.total_commits, 4);
  EXPECT_EQ(result.unique_authors, 1);
  EXPECT_TRUE(result.suspicions.empty());
}

TEST(Result, DisabledStrategiesRaiseTheScoresOfTheOthers) {
  Line line = example();
  AnalysisOptions options;
  for (const char* name : {"StatisticalAnomaly", "structural_consistency", "ratio_analysis", "velocity_analysis",
                           "error_handling_pattern"}) {
    options.strategies.set(name, false);
  }
  const AnalysisResult result = line.analyse(options);
  ASSERT_EQ(result.suspicions.size(), 1U);
  EXPECT_EQ(result.suspicions.front().reasons, std::vector<std::string>{"612 lines added, limit 500"});
  EXPECT_EQ(result.suspicions.front().score, 10);
  EXPECT_EQ(result.suspicions.front().category, "structural");
  EXPECT_EQ(result.suspicions.front().confidence, 0.6);
}

TEST(Result, IsTheSameTwice) {
  Line line = example();
  const AnalysisResult first = line.analyse();
  EXPECT_EQ(first, line.analyse());
}

}  // namespace
}  // namespace cadence::analysis::git
