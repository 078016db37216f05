// Section 4.6, the number formats, and what a user may configure.
#include <gtest/gtest.h>

#include <limits>

#include "analysis/git/options.hpp"
#include "analysis/git/result.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

TEST(Text, LowerCaseOfEverythingThatCanBecomeAscii) {
  EXPECT_EQ(lower_for_search("TryCatch \xc3\x84"), "trycatch \xc3\x84");
  EXPECT_EQ(lower_for_search("\xe2\x84\xaa\xc4\xb0\xc4\xe2\x84X"), "ki\xc4\xe2\x84x");
}

TEST(Text, WordsSplitAtUnicodeWhiteSpace) {
  const std::string text =
      "\xc2\xa0 a\tb\xe3\x80\x80"
      "c\xe2\x80\xaf\xe2\x81\x9f"
      "d\xe1\x9a\x80"
      "e\xc2\x85"
      "f\xe2\x80\x8b"
      "g\n";
  EXPECT_EQ(count_words(text), 6U);  // a zero-width space is none
  std::string all;
  Words words(text);
  while (const auto word = words.next()) all += "[" + std::string(*word) + "]";
  EXPECT_EQ(all, "[a][b][c][d][e][f\xe2\x80\x8bg]");
  EXPECT_FALSE(words.next());
  EXPECT_FALSE(Words(" \n ").next());
  EXPECT_EQ(count_words(" \n "), 0U);
  EXPECT_EQ(count_words("\xe2\x80"), 1U);
}

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trim_white_space("\t\xe3\x80\x80 a b \xc2\xa0\xe2\x80\xa8\r\n"), "a b");
  EXPECT_EQ(trim_white_space("  "), "");
  EXPECT_EQ(trim_white_space("\x85"), "\x85");
}

TEST(Text, CountsWithoutOverlaps) {
  EXPECT_EQ(count_occurrences("aaaaa", "aa"), 2U);
  EXPECT_EQ(count_occurrences("", "aa"), 0U);
}

TEST(Text, NumbersDoNotDependOnTheLocale) {
  EXPECT_EQ(fixed(1234.56, 1), "1234.6");
  EXPECT_EQ(fixed(0.5, 0), "0");  // to even, like everywhere else
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 2), "inf");
  EXPECT_EQ(fixed(std::numeric_limits<double>::max(), 2).size(), 312U);
}

TEST(TimeSpan, WordsAndBoundaries) {  // section 8.1
  constexpr std::int64_t kHour = 3600;
  EXPECT_EQ(describe_span(-900 * kHour), "< 1 hour");
  EXPECT_EQ(describe_span(2 * kHour - 1), "< 1 hour");
  EXPECT_EQ(describe_span(2 * kHour), "2 hours");
  EXPECT_EQ(describe_span(24 * kHour - 1), "23 hours");
  EXPECT_EQ(describe_span(24 * kHour), "1 days");
  EXPECT_EQ(describe_span(720 * kHour - 1), "29 days");
  EXPECT_EQ(describe_span(720 * kHour), "4 weeks");
}

TEST(Velocity, DecimalsBelowOne) {
  EXPECT_EQ(describe_velocity(120, 600), "12 additions/min");
  EXPECT_EQ(describe_velocity(4, 600), "0.4 additions/min");
  EXPECT_FALSE(describe_velocity(4, 0));
  EXPECT_FALSE(describe_velocity(4, -5));
}

std::string problem(void (*change)(Thresholds&)) {
  Thresholds thresholds;
  change(thresholds);
  const auto valid = validate(thresholds);
  return valid ? "" : valid.error().message;
}

TEST(Thresholds, DefaultsAreValidAndBadOnesAreNamed) {
  EXPECT_EQ(problem([](Thresholds&) {}), "");
  EXPECT_EQ(problem([](Thresholds& t) { t.suspicious_additions = -1; }),
            "thresholds.suspicious_additions must not be negative");
  EXPECT_EQ(problem([](Thresholds& t) { t.max_addition_ratio = 1.01; }),
            "thresholds.max_addition_ratio must lie between 0 and 1");
  EXPECT_EQ(problem([](Thresholds& t) { t.min_deletion_ratio = std::numeric_limits<double>::quiet_NaN(); }),
            "thresholds.min_deletion_ratio must be a finite number");
  EXPECT_EQ(problem([](Thresholds& t) { t = {0, 0, 0, 0, 0, 0, 0, 0.5, 0, false}; }), "");
  EXPECT_EQ(problem([](Thresholds& t) { t = {0, 0, 0, 0, 0, 0, 0, 0, 100, true}; }),
            "thresholds: at least one of suspicious_additions to min_deletion_ratio must not be 0");
}

TEST(Options, NamesAndTheDefaultQuartilesOfEachProfile) {
  EXPECT_EQ(profile_from("upstream"), Profile::Upstream);
  EXPECT_FALSE(profile_from("Upstream"));
  EXPECT_EQ(quartiles_from("unsorted"), Quartiles::Unsorted);
  EXPECT_FALSE(quartiles_from(""));
  AnalysisOptions options;
  EXPECT_EQ(options.effective_quartiles(), Quartiles::Sorted);
  options.profile = Profile::Upstream;
  EXPECT_EQ(options.effective_quartiles(), Quartiles::Unsorted);
  options.quartiles = Quartiles::Sorted;
  EXPECT_EQ(options.effective_quartiles(), Quartiles::Sorted);
}

}  // namespace
}  // namespace cadence::analysis::git
