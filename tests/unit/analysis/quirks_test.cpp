// the quirks Q-01 to Q-16 (webhook-server/analysis/README.md), each in both profiles: what the corrected one mends, and
// what both reproduce.
#include <gtest/gtest.h>

#include <tuple>

#include "analysis/git/judge.hpp"
#include "analysis/source/git/repository.hpp"
#include "memory_objects.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::int64_t kDay = 86400;

bool is_upstream(Profile profile) { return profile == Profile::Upstream; }

// A history of which each commit replaces the whole tree, and what becomes of it.
struct Story {
  explicit Story(Profile profile) { options.profile = profile; }

  Oid then(const std::vector<Oid>& parents, const std::vector<MemoryObjects::File>& files, std::int64_t seconds = kDay,
           const std::string& message = "x\n") {
    tip = objects.commit(parents, time += seconds, message, "Ada", objects.tree(files));
    return tip;
  }
  Oid then(const std::vector<MemoryObjects::File>& files, std::int64_t seconds = kDay,
           const std::string& message = "x\n") {
    return then(tip == Oid{} ? std::vector<Oid>{} : std::vector<Oid>{tip}, files, seconds, message);
  }
  void measure() {
    const auto listed = list_history(objects, tip, {});
    ASSERT_TRUE(listed.is_ok());
    history = *listed;
    pairs = plan_pairs(history, options.profile);
    verdicts.clear();
    for (const PairPlan& pair : pairs) verdicts.push_back(judge_pair(objects, history, pair, options, {}));
  }
  AnalysisResult analyse() {
    measure();
    return conclude(objects, history, pairs, verdicts, options).value();
  }
  // The counts of the newest pair.
  LineCounts counts() {
    measure();
    return verdicts.at(0).counts;
  }
  // Whether the newest pair has a reason of this strategy's.
  bool has_reason(std::string_view name) {
    measure();
    for (const Reason& reason : verdicts.at(0).reasons) {
      if (strategies()[reason.strategy].name == name) return true;
    }
    return false;
  }

  MemoryObjects objects;
  AnalysisOptions options;
  Oid tip;
  std::int64_t time = 1'700'000'000;
  History history;
  std::vector<PairPlan> pairs;
  std::vector<Verdict> verdicts;
};

// Sizes in pair order 10, 200, 30, 40, 50: of the list as it stands Q1 is 200, of the sorted one 30.
void q01_quartiles_of_the_list_as_it_stands(Profile profile) {
  const std::vector<LineCounts> counts = {{10, 0, 1}, {200, 0, 1}, {30, 0, 1}, {40, 0, 1}, {50, 0, 1}};
  AnalysisOptions options;
  options.profile = profile;
  const auto first_quartile = [&] { return baseline_of(counts, options.effective_quartiles())->quartile_1; };
  EXPECT_EQ(first_quartile(), is_upstream(profile) ? 200 : 30);
  options.quartiles = Quartiles::Sorted;
  EXPECT_EQ(first_quartile(), 30);
  options.quartiles = Quartiles::Unsorted;
  EXPECT_EQ(first_quartile(), 200);
}

void q02_other_branches_are_the_default_one(Profile profile) {
  const source::ScratchFolder folder;
  source::ScratchRepository repository(folder.path() / "a");
  const std::string trunk = repository.commit("trunk");
  repository.git("checkout -q -b side");
  const std::string side = repository.commit("side");
  repository.git("checkout -q trunk");
  source::AnalyseOptions options;
  options.rules.profile = profile;
  EXPECT_EQ(source::analyse(repository.path(), {"side", ""}, options, {}).value().tip,
            is_upstream(profile) ? trunk : side);
}

// The side branch's first commit S stands last in the list; A, its parent's parent, is no neighbour of the merge's
// other parent.
void q03_neighbours_of_the_list_are_compared(Profile profile) {
  Story story(profile);
  const Oid a = story.then({{"f", numbered(0, 10)}});
  const Oid side = story.then({a}, {{"f", numbered(0, 10)}, {"s", numbered(0, 5)}});
  const Oid b = story.then({a}, {{"f", numbered(0, 13)}});
  story.then({b, side}, {{"f", numbered(0, 13)}, {"s", numbered(0, 5)}});
  story.measure();
  std::string compared;
  for (const PairPlan& pair : story.pairs)
    compared += std::to_string(pair.current) + "-" + std::to_string(pair.previous) + " ";
  EXPECT_EQ(compared, is_upstream(profile) ? "1-2 " : "1-2 3-2 ");  // the list: merge, b, a, side
}

void q04_commits_that_are_not_younger_make_no_pair(Profile profile) {
  for (const std::int64_t seconds : {0, -5}) {
    Story story(profile);
    story.then({{"f", ""}});
    story.then({{"f", lines(900)}}, seconds);
    story.measure();
    EXPECT_TRUE(story.pairs.empty()) << seconds;
  }
}

void q05_patterns_count_only_when_they_are_configured(Profile profile) {
  for (const bool is_configured : {false, true}) {
    Story story(profile);
    if (is_configured) story.options.exclude_files = {"*.lock"};
    story.then({{"f", ""}});
    story.then({{"f", ""}, {"x.lock", lines(7)}});
    EXPECT_EQ(story.counts(), is_configured ? LineCounts{} : (LineCounts{7, 0, 1})) << is_configured;
  }
}

void q06_two_stars_at_the_end_stand_for_everything_below(Profile profile) {
  Story story(profile);
  story.options.exclude_files = {"dist/**", "**/deep"};
  story.then({{"f", ""}});
  story.then({{"f", ""}, {"dist/a/b/c.js", lines(7)}, {"a/b/deep", lines(3)}, {"x/dist/c.js", lines(2)}});
  EXPECT_EQ(story.counts(), (LineCounts{5, 0, 2}));
}

// One add of the content of two deletes, none of which has a name like its own.
void q07_an_ambiguous_rename_loses_its_add(Profile profile) {
  Story story(profile);
  story.then({{"aa", lines(9)}, {"bb", lines(9)}});
  story.then({{"q/zz", lines(9)}});
  EXPECT_EQ(story.counts(), (LineCounts{0, 18, 2}));
}

void q08_the_span_runs_backwards(Profile profile) {
  Story story(profile);
  for (int i = 0; i < 4; ++i) story.then({{"f", lines(static_cast<std::size_t>(i) * 4000)}}, 2 * kDay);
  const AnalysisResult result = story.analyse();
  EXPECT_EQ(result.time_span, is_upstream(profile) ? "< 1 hour" : "4 days");
  EXPECT_EQ(result.velocity.value_or("none"), is_upstream(profile) ? "none" : "2 additions/min");
}

void q09_lines_that_begin_with_two_plus_signs_are_no_text(Profile profile) {
  for (const std::string mark : {"+", "++"}) {
    Story story(profile);
    story.then({{"f", ""}});
    story.then({{"f", mark + "data value\n"}});
    EXPECT_EQ(story.has_reason("naming_pattern_analysis"), mark == "+") << mark;
    EXPECT_EQ(story.verdicts.at(0).counts.additions, 1) << "it is counted";
  }
}

void q10_one_set_of_thresholds(Profile profile) {
  Story story(profile);  // the second set of streams would have 1000 and 10 s
  story.then({{"f", ""}});
  story.then({{"f", numbered(0, 501)}}, 59);
  EXPECT_TRUE(story.has_reason("size_analysis"));
  EXPECT_TRUE(story.has_reason("timing_analysis"));
}

void q11_the_balance_has_a_sign(Profile profile) {
  for (const auto& [additions, deletions, is_seen] :
       {std::tuple{60, 70, is_upstream(profile)}, {60, 63, true}, {70, 60, false}}) {
    Story story(profile);
    story.then({{"f", numbered(0, static_cast<std::size_t>(deletions), "old")}, {"g", ""}});
    story.then({{"f", ""}, {"g", numbered(0, static_cast<std::size_t>(additions), "new")}});
    EXPECT_EQ(story.has_reason("precision_analysis"), is_seen) << additions << " " << deletions;
  }
}

void q12_suspicions_are_dropped(Profile profile) {
  Story story(profile);
  story.then({{"f", ""}});
  story.then({{"f", numbered(0, 600)}});
  const AnalysisResult result = story.analyse();
  EXPECT_EQ(result.items_flagged, 1);
  EXPECT_EQ(result.suspicious_commits(), is_upstream(profile) ? 0 : 1);
  EXPECT_EQ(result.overall_suspicion, is_upstream(profile) ? 0 : 50);
}

void q13_empty_lines_are_not_counted(Profile profile) {
  Story story(profile);
  story.then({{"f", ""}});
  story.then({{"f", "\n\n  \n\r\nx\n"}});
  EXPECT_EQ(story.counts(), (LineCounts{3, 0, 1}));
}

void q14_fifteen_strategies(Profile profile) {
  Story story(profile);
  EXPECT_EQ(active_strategies(story.options).size(), 15U);
  story.then({{"f", ""}});
  story.then({{"f", "x\n"}}, kDay, "\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80 --- *** --- ***\n");
  story.measure();
  EXPECT_TRUE(story.verdicts.at(0).reasons.empty()) << "neither emoji nor special characters";
}

void q15_a_difference_is_computed_once(Profile profile) {
  Story story(profile);
  story.then({{"a/f", lines(3)}, {"b", lines(4)}});
  story.then({{"a/f", lines(5)}, {"b", lines(4)}});
  const auto history = list_history(story.objects, story.tip, {});
  story.objects.reads = 0;
  judge_pair(story.objects, *history, plan_pairs(*history, profile).at(0), story.options, {});
  EXPECT_LE(story.objects.reads, 7U) << "four trees, two files, one commit";
}

// Upstream's outcome is random: a tie goes to what fired first, and to the first path.
void q16_ties_have_an_order(Profile profile) {
  EXPECT_EQ(weigh_reasons({{0, "structural"}, {1, "velocity"}}, 15).category, "structural");
  EXPECT_EQ(weigh_reasons({{1, "velocity"}, {3, "structural"}}, 15).category, "velocity");
  Story story(profile);  // a and b score alike; a is renamed, so that b is what goes, and goes unseen
  story.options.exclude_files = {"b"};
  story.then({{"a", lines(9)}, {"b", lines(9)}});
  story.then({{"c", lines(9)}});
  EXPECT_EQ(story.counts(), (LineCounts{0, 0, 2}));
}

struct Quirk {
  std::string id;
  void (*check)(Profile);
};
void PrintTo(const Quirk& quirk, std::ostream* out) { *out << quirk.id; }

const Quirk kQuirks[] = {
    {"Q-01", q01_quartiles_of_the_list_as_it_stands},
    {"Q-02", q02_other_branches_are_the_default_one},
    {"Q-03", q03_neighbours_of_the_list_are_compared},
    {"Q-04", q04_commits_that_are_not_younger_make_no_pair},
    {"Q-05", q05_patterns_count_only_when_they_are_configured},
    {"Q-06", q06_two_stars_at_the_end_stand_for_everything_below},
    {"Q-07", q07_an_ambiguous_rename_loses_its_add},
    {"Q-08", q08_the_span_runs_backwards},
    {"Q-09", q09_lines_that_begin_with_two_plus_signs_are_no_text},
    {"Q-10", q10_one_set_of_thresholds},
    {"Q-11", q11_the_balance_has_a_sign},
    {"Q-12", q12_suspicions_are_dropped},
    {"Q-13", q13_empty_lines_are_not_counted},
    {"Q-14", q14_fifteen_strategies},
    {"Q-15", q15_a_difference_is_computed_once},
    {"Q-16", q16_ties_have_an_order},
};

using QuirkInProfile = ::testing::TestWithParam<std::tuple<Quirk, Profile>>;

TEST_P(QuirkInProfile, IsAsTheSpecificationSays) {
  const auto& [quirk, profile] = GetParam();
  SCOPED_TRACE(quirk.id);
  quirk.check(profile);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Quirk, Profile>>& tested) {
  const auto& [quirk, profile] = tested.param;
  return quirk.id.substr(0, 1) + quirk.id.substr(2) + (is_upstream(profile) ? "Upstream" : "Corrected");
}
INSTANTIATE_TEST_SUITE_P(Git, QuirkInProfile,
                         ::testing::Combine(::testing::ValuesIn(kQuirks),
                                            ::testing::Values(Profile::Corrected, Profile::Upstream)),
                         name_of);

TEST(Quirks, NoneIsLeftOut) {
  int number = 0;
  for (const Quirk& quirk : kQuirks) {
    ++number;
    EXPECT_EQ(quirk.id, (number < 10 ? "Q-0" : "Q-") + std::to_string(number));
  }
  EXPECT_EQ(number, 16);
}

}  // namespace
}  // namespace cadence::analysis::git
