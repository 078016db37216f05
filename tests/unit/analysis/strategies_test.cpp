// Section 6 of the specification, rule by rule, and the worked examples E1 to E12 of section 12.
#include <gtest/gtest.h>

#include "analysis/git/judge.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

// A pair as a test describes it. Unless told otherwise every added line holds the same text.
struct Case {
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  std::int64_t files = 1;
  std::int64_t seconds = 86400;
  std::string message = "x";
  std::string line = "alpha";
  std::vector<std::string> text = {};  // instead of `line`
  bool has_diff = true;
};

AnalysisOptions upstream() {
  AnalysisOptions options;
  options.profile = Profile::Upstream;
  return options;
}

std::vector<Reason> reasons_of(const Case& c, const AnalysisOptions& options = upstream()) {
  AddedText added;
  if (c.has_diff && c.text.empty()) {
    for (std::int64_t i = 0; i < c.additions; ++i) added.add(c.line);
  }
  for (const std::string& line : c.text) added.add(line);
  const std::string code = lower_for_search(added.code());
  const std::string message = lower_for_search(c.message);
  return judge_facts({{c.additions, c.deletions, c.files}, c.seconds, c.has_diff, &added, code, message}, options);
}

std::vector<std::string> names_of(const std::vector<Reason>& reasons) {
  std::vector<std::string> names;
  for (const Reason& reason : reasons) names.emplace_back(strategies()[reason.strategy].name);
  return names;
}

std::vector<std::string> triggered(const Case& c, const AnalysisOptions& options = upstream()) {
  return names_of(reasons_of(c, options));
}

// What one strategy says of a case; "" when it is silent.
std::string reason_of(std::string_view name, const Case& c, const AnalysisOptions& options = upstream()) {
  for (const Reason& reason : reasons_of(c, options)) {
    if (strategies()[reason.strategy].name == name) return reason.text;
  }
  return "";
}

bool fires(std::string_view name, const Case& c, const AnalysisOptions& options = upstream()) {
  return !reason_of(name, c, options).empty();
}

struct Example {
  std::string id;
  Case pair;
  std::vector<std::string> triggered;
  double score = 0;
};

const Example kExamples[] = {
    {"E1",
     {120, 0, 1, 3600, "fix typo", "alpha beta"},
     {"ratio_analysis", "precision_analysis", "error_handling_analysis"},
     20},
    {"E2",
     {600, 0, 3, 120, "Add importer", "alpha beta gamma"},
     {"size_analysis", "velocity_analysis", "ratio_analysis", "burst_pattern_analysis", "error_handling_analysis"},
     33.33333333333333},
    {"E3", {60, 70, 2, 400, "tidy", "alpha beta"}, {"precision_analysis"}, 6.666666666666667},
    {"E4", {10, 0, 1, 45, "wip", "alpha"}, {"timing_analysis"}, 6.666666666666667},
    {"E5",
     {5, 0, 1, 86400, "Update implementation of parser", "alpha"},
     {"commit_message_analysis"},
     6.666666666666667},
    {"E6",
     {5, 5, 1, 86400, "Bug fixes, improvements and other changes", "alpha"},
     {"commit_message_analysis"},
     6.666666666666667},
    {"E7", {5, 5, 1, 86400, "Bug fixes and improvements", "alpha"}, {}, 0},
    {"E8", {250, 120, 4, 7200, "rework", "alpha"}, {"error_handling_analysis"}, 6.666666666666667},
    {"E9", {8, 0, 1, 86400, "x", "the data value"}, {"naming_pattern_analysis"}, 6.666666666666667},
    {"E10",
     {1200, 0, 12, 200000, "import docs", "alpha"},
     {"size_analysis", "ratio_analysis", "error_handling_analysis", "file_extension_analysis", "TimingAnomaly"},
     33.33333333333333},
    {"E11", {100, 1, 1, 60, "x", "alpha"}, {"ratio_analysis", "precision_analysis", "burst_pattern_analysis"}, 20},
    {"E12", {51, 0, 1, 299, "x", "alpha"}, {"burst_pattern_analysis"}, 6.666666666666667},
};

TEST(WorkedExamples, TriggerAndScoreAsTheSpecificationSays) {
  for (const Example& example : kExamples) {
    const auto reasons = reasons_of(example.pair);
    EXPECT_EQ(names_of(reasons), example.triggered) << example.id;
    if (!reasons.empty()) {
      EXPECT_EQ(weigh_reasons(reasons, active_strategies(upstream()).size()).score * 100, example.score) << example.id;
    }
  }
}

TEST(WorkedExamples, CorrectedProfileDiffersInTheSignedBalanceOnly) {
  const AnalysisOptions corrected;
  for (const Example& example : kExamples) {
    const auto expected = example.id == "E3" ? std::vector<std::string>{} : example.triggered;
    EXPECT_EQ(triggered(example.pair, corrected), expected) << example.id;
  }
}

TEST(Strategies, FifteenAreActiveWithDefaultThresholds) {
  EXPECT_EQ(strategies().size(), 15U);
  EXPECT_EQ(active_strategies({}).size(), 15U);
}

TEST(Strategies, ThresholdsOfZeroAndSwitchesRemoveThem) {
  AnalysisOptions options;
  options.thresholds.min_time_delta_seconds = 0;
  options.thresholds.max_files_per_commit = 0;
  options.thresholds.enable_precision_analysis = false;
  options.thresholds.suspicious_additions = 0;  // deletions still count
  EXPECT_EQ(active_strategies(options).size(), 12U);
  options.thresholds.suspicious_deletions = 0;
  EXPECT_EQ(active_strategies(options).size(), 11U);
  EXPECT_TRUE(options.strategies.set("burst_pattern", false));  // configuration name
  EXPECT_TRUE(options.strategies.set("TimingAnomaly", false));  // registered name
  EXPECT_FALSE(options.strategies.set("no_such_strategy", false));
  EXPECT_EQ(active_strategies(options).size(), 9U);
  EXPECT_TRUE(options.strategies.set("burst_pattern_analysis", true));
  EXPECT_EQ(active_strategies(options).size(), 10U);
  EXPECT_FALSE(fires("TimingAnomaly", {.additions = 60, .seconds = 10}, options));
}

TEST(Strategies, PairsWithoutChangedLinesAreNotJudged) {
  EXPECT_TRUE(triggered({.files = 200, .seconds = 1, .message = "implement, update implementation"}).empty());
}

TEST(Size, AdditionsThenDeletions) {
  EXPECT_EQ(reason_of("size_analysis", {.additions = 612}), "612 lines added, limit 500");
  EXPECT_EQ(reason_of("size_analysis", {.additions = 500, .deletions = 1001}), "1001 lines deleted, limit 1000");
  EXPECT_FALSE(fires("size_analysis", {.additions = 500, .deletions = 1000}));
  AnalysisOptions options;
  options.thresholds.suspicious_additions = 0;
  EXPECT_FALSE(fires("size_analysis", {.additions = 5000}, options));
}

TEST(Velocity, LinesPerMinuteWithHalfAMinuteAtLeast) {
  EXPECT_EQ(reason_of("velocity_analysis", {.additions = 202, .seconds = 120}),
            "101.0 lines added per minute, limit 100.0");
  EXPECT_FALSE(fires("velocity_analysis", {.additions = 200, .seconds = 120}));
  EXPECT_FALSE(fires("velocity_analysis", {.additions = 50, .seconds = 1}));  // 50 in 30 s is 100 a minute
  EXPECT_TRUE(fires("velocity_analysis", {.additions = 51, .seconds = 1}));
  EXPECT_EQ(reason_of("velocity_analysis", {.deletions = 501, .seconds = 60}),
            "501.0 lines deleted per minute, limit 500.0");
}

TEST(Timing, ShorterThanTheLimit) {
  EXPECT_EQ(reason_of("timing_analysis", {.additions = 1, .seconds = 59}),
            "59.0 s after the commit before it, limit 60 s");
  EXPECT_FALSE(fires("timing_analysis", {.additions = 1, .seconds = 60}));
}

TEST(FileDispersion, MoreFilesThanTheLimit) {
  EXPECT_EQ(reason_of("file_dispersion_analysis", {.additions = 1, .files = 51}), "51 files changed, limit 50");
  EXPECT_FALSE(fires("file_dispersion_analysis", {.additions = 1, .files = 50}));
}

TEST(Ratio, OneKindOfLinesOnlyInLargeCommits) {
  EXPECT_EQ(reason_of("ratio_analysis", {.additions = 97, .deletions = 4}),
            "96.0 % of the changed lines are additions, limit 95.0 %");
  EXPECT_FALSE(fires("ratio_analysis", {.additions = 100}));
  EXPECT_TRUE(fires("ratio_analysis", {.additions = 101}));
  EXPECT_FALSE(fires("ratio_analysis", {.additions = 190, .deletions = 10}));  // exactly 0.95
  EXPECT_TRUE(fires("ratio_analysis", {.deletions = 101}));
}

TEST(Precision, BalanceIsSignedUpstreamAndAbsoluteWhenCorrected) {
  const AnalysisOptions corrected;
  EXPECT_TRUE(fires("precision_analysis", {.additions = 51, .deletions = 400, .files = 9}));
  EXPECT_FALSE(fires("precision_analysis", {.additions = 51, .deletions = 400, .files = 9}, corrected));
  EXPECT_TRUE(fires("precision_analysis", {.additions = 400, .deletions = 420, .files = 9}, corrected));
  EXPECT_FALSE(fires("precision_analysis", {.additions = 50, .deletions = 50, .files = 9}, corrected));
}

TEST(Precision, LinesPerFileBetween100And150) {
  EXPECT_EQ(reason_of("precision_analysis", {.additions = 240, .deletions = 0, .files = 2}),
            "120 changed lines per file");
  EXPECT_FALSE(fires("precision_analysis", {.additions = 200, .files = 2}));
  EXPECT_FALSE(fires("precision_analysis", {.additions = 300, .files = 2}));
  EXPECT_FALSE(fires("precision_analysis", {.additions = 120, .files = 0}));
}

TEST(CommitMessage, CountsPhrases) {
  const auto said = [](std::string message) {
    return fires("commit_message_analysis", {.additions = 1, .message = std::move(message)});
  };
  EXPECT_TRUE(said("Implement and fix issues"));            // two of G
  EXPECT_TRUE(said("changes, updates and modifications"));  // three of H
  EXPECT_TRUE(said("Refactor code: changes and updates"));  // one and two
  EXPECT_FALSE(said("Refactor code: updates"));
  EXPECT_FALSE(said("implement the parser"));
  EXPECT_TRUE(said("a b c d e f g h i j functionality"));  // eleven words
  EXPECT_FALSE(said("a b c d e f g h i functionality"));
  EXPECT_EQ(reason_of("commit_message_analysis", {.additions = 1, .message = "update implementation"}),
            "Commit message with 2 stock phrases and 0 hollow ones");
  EXPECT_TRUE(said("\xff\xfe Implement, FIX ISSUES"));  // broken encoding does not hide the rest
}

TEST(NamingPattern, CountsGenericNamesInTheAddedText) {
  const auto said = [](std::vector<std::string> text) {
    return fires("naming_pattern_analysis", {.additions = 1, .text = std::move(text)});
  };
  EXPECT_TRUE(said({"int temp = Helper();"}));
  EXPECT_FALSE(said({"int temp = temp;"}));
  EXPECT_TRUE(said({"temp todo", "todo", "todo"}));
  EXPECT_FALSE(said({"temp todo", "todo"}));
  EXPECT_TRUE(said({"temp FIXME", "fixme"}));
  EXPECT_TRUE(said({"temp x x x x x x x x", "myName yourName theirName ourNames"}));   // 4 camel words of 13
  EXPECT_FALSE(said({"temp x x x x x x x x", "myName yourName theirNAme ourNames"}));  // 3 of 13
  EXPECT_TRUE(said({"temp try catch"}));                                               // 2 > 1/20
  EXPECT_FALSE(said({"temp Try Catch"}));                                              // letter case counts here
  EXPECT_FALSE(said({"temp try"}));
}

TEST(NamingPattern, WithoutAddedLinesSilentWithoutDiffByTheMessage) {
  EXPECT_FALSE(fires("naming_pattern_analysis", {.deletions = 1, .message = "function class"}));
  EXPECT_TRUE(
      fires("naming_pattern_analysis", {.deletions = 1, .message = "Function of a service", .has_diff = false}));
  EXPECT_FALSE(fires("naming_pattern_analysis", {.deletions = 1, .message = "Function", .has_diff = false}));
}

TEST(StructuralConsistency, RoundRatios) {
  const auto said = [](std::int64_t a, std::int64_t d) {
    return fires("structural_consistency_analysis", {.additions = a, .deletions = d});
  };
  EXPECT_EQ(reason_of("structural_consistency_analysis", {.additions = 110, .deletions = 101}),
            "Additions and deletions nearly equal, ratio 1.09");
  EXPECT_FALSE(said(100, 100));
  EXPECT_TRUE(said(404, 202));
  EXPECT_TRUE(said(202, 404));
  EXPECT_FALSE(said(250, 120));
  EXPECT_TRUE(said(110, 3000));  // r < 0.05
}

TEST(BurstPattern, LargeAndSoon) {
  EXPECT_TRUE(fires("burst_pattern_analysis", {.additions = 51, .seconds = 299}));
  EXPECT_FALSE(fires("burst_pattern_analysis", {.additions = 50, .seconds = 299}));
  EXPECT_FALSE(fires("burst_pattern_analysis", {.additions = 51, .seconds = 300}));
}

std::vector<std::string> padded(std::vector<std::string> text, std::size_t count) {
  text.resize(count, "alpha");
  return text;
}

TEST(ErrorHandling, TooFewOrTooMany) {
  const auto said = [](std::int64_t a, std::vector<std::string> text) {
    return fires("error_handling_analysis", {.additions = a, .text = std::move(text)});
  };
  EXPECT_TRUE(said(101, padded({"catch"}, 60)));  // 1 < 2
  EXPECT_FALSE(said(101, padded({"catch", "rescue"}, 60)));
  EXPECT_FALSE(said(100, padded({}, 60)));                     // needs A > 100
  EXPECT_FALSE(said(51, padded({"throws exception"}, 20)));    // throw, throws, exception, except: 4 is not more than 4
  EXPECT_FALSE(said(101, padded({"error error error"}, 19)));  // fewer than 20 lines
}

TEST(ErrorHandling, CountsOverlapsOnceForEachWord) {
  // throw, throws, except, exception and, in entry, try: 5 of 20 lines is more than 4.
  EXPECT_TRUE(fires("error_handling_analysis", {.additions = 51, .text = padded({"throws exception entry"}, 20)}));
}

TEST(ErrorHandling, WithoutDiffByTheMessage) {
  EXPECT_TRUE(fires("error_handling_analysis", {.additions = 301, .message = "import", .has_diff = false}));
  EXPECT_FALSE(fires("error_handling_analysis", {.additions = 301, .message = "Handle import", .has_diff = false}));
  EXPECT_FALSE(fires("error_handling_analysis", {.additions = 300, .message = "import", .has_diff = false}));
}

TEST(TemplatePattern, TwoIndicators) {
  const auto said = [](std::vector<std::string> text) {
    return fires("template_pattern_analysis", {.additions = 51, .text = std::move(text)});
  };
  EXPECT_TRUE(said(padded({"TODO", "an Example"}, 10)));
  EXPECT_FALSE(said(padded({"TODO", "an Example"}, 9)));
  EXPECT_FALSE(said(padded({"TODO"}, 10)));
}

TEST(TemplatePattern, SimilarNeighbours) {
  const std::vector<std::string> similar = {"todo", "set the first name", "set the second name", "set the third word"};
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 51, .text = padded(similar, 12)}));  // 2 > 1
  // 2 > 2 does not hold
  EXPECT_FALSE(fires("template_pattern_analysis", {.additions = 51, .text = padded(similar, 16)}));
  const std::vector<std::string> different = {"todo", "set the first name", "get a second thing", "put an other wordy"};
  EXPECT_FALSE(fires("template_pattern_analysis", {.additions = 51, .text = padded(different, 12)}));
}

TEST(TemplatePattern, UniformIndents) {
  std::vector<std::string> text(21, "    same");
  text.front() = "todo";
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 51, .text = text}));
  for (std::size_t i = 0; i < 3; ++i) text[i + 1] = std::string(i + 1, ' ') + "other";
  EXPECT_FALSE(fires("template_pattern_analysis", {.additions = 51, .text = text}));  // 17 of 21
  text.assign(21, "\tsame");
  text[0] = "    same todo";  // a tab counts four
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 51, .text = text}));
}

TEST(TemplatePattern, ManyImports) {
  std::vector<std::string> text = padded(std::vector<std::string>(6, "Import x import"), 19);
  text.push_back("todo");
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 51, .text = text}));
  text[0] = "alpha";
  EXPECT_FALSE(fires("template_pattern_analysis", {.additions = 51, .text = text}));
}

TEST(TemplatePattern, ByTheMessageOfALargeCommit) {
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 101, .message = "Add Skeleton"}));
  EXPECT_FALSE(fires("template_pattern_analysis", {.additions = 100, .message = "Add Skeleton"}));
  // Kelvin sign
  EXPECT_TRUE(fires("template_pattern_analysis", {.additions = 101,
                                                  .message = "s\xe2\x84\xaa"
                                                             "eleton"}));
}

TEST(FileExtension, EvenlySpreadLines) {
  EXPECT_EQ(reason_of("file_extension_analysis", {.additions = 1200, .files = 12}),
            "12 files with 100 added lines each");
  EXPECT_FALSE(fires("file_extension_analysis", {.additions = 1000, .files = 11}));
  EXPECT_FALSE(fires("file_extension_analysis", {.additions = 1200, .files = 10}));
  EXPECT_FALSE(fires("file_extension_analysis", {.additions = 1206, .files = 12}));  // 100.5
  EXPECT_FALSE(fires("file_extension_analysis", {.additions = 2400, .files = 12}));  // 200
}

TEST(TimingAnomaly, LargeTooSoonOrVeryLargeAfterAPause) {
  EXPECT_EQ(reason_of("TimingAnomaly", {.deletions = 51, .seconds = 59}),
            "Large change only 59.0 s after the commit before it");
  EXPECT_EQ(reason_of("TimingAnomaly", {.deletions = 501, .seconds = 90000}),
            "Very large change after a pause of 25.0 h");
  EXPECT_FALSE(fires("TimingAnomaly", {.additions = 50, .seconds = 59}));
  EXPECT_FALSE(fires("TimingAnomaly", {.additions = 501, .seconds = 86400}));
}

TEST(Severity, BoundariesAndScores) {
  std::vector<Reason> reasons;
  for (std::uint32_t i = 0; i < 15; ++i) {
    reasons.push_back({i, ""});
    const Severity expected = i + 1 >= 11 ? Severity::High : i + 1 >= 6 ? Severity::Medium : Severity::Low;
    EXPECT_EQ(weigh_reasons(reasons, 15).severity, expected) << i + 1;
  }
  reasons.resize(2);
  EXPECT_EQ(weigh_reasons(reasons, 15).score * 100, 13.333333333333334);
  reasons.push_back({2, ""});
  reasons.push_back({3, ""});
  EXPECT_EQ(weigh_reasons(reasons, 15).score * 100, 26.666666666666668);
}

TEST(Category, TheOneWithMostReasonsOfEqualsTheFirst) {
  EXPECT_EQ(weigh_reasons({{0, ""}, {1, ""}}, 15).category, "structural");
  EXPECT_EQ(weigh_reasons({{0, ""}, {1, ""}, {4, ""}, {5, ""}}, 15).category, "statistical");
  EXPECT_DOUBLE_EQ(weigh_reasons({{0, ""}, {1, ""}}, 15).confidence, 0.65);
}

}  // namespace
}  // namespace cadence::analysis::git
