#include "postgres/rules/replacement.hpp"

#include <gtest/gtest.h>

namespace cadence::postgres {
namespace {

OtherStandby standby(std::string name, std::string_view volume = kVolumeDatabase, bool is_replacing = false) {
  InstanceStatus status;
  status.instance = name;
  status.volume = std::string(volume);
  status.is_replacing = is_replacing;
  return {std::move(name), std::move(status)};
}

TEST(Replacement, ACopyGoesFirstOnlyBesideAnotherWholeOne) {
  EXPECT_EQ(judge_replacement("db-2", {standby("db-3")}, true).objection, "");
  EXPECT_NE(judge_replacement("db-2", {}, true).objection.find("the last copy"), std::string::npos);
  EXPECT_NE(judge_replacement("db-2", {{"db-3", std::nullopt}}, true).objection.find("db-3 does not answer"),
            std::string::npos);
  for (const auto volume : {kVolumeEmpty, kVolumeStale, kVolumeUnusable, std::string_view()}) {
    EXPECT_NE(judge_replacement("db-2", {standby("db-3", volume), standby("db-4")}, true)
                  .objection.find("db-3 has no whole copy"),
              std::string::npos)
        << volume;
  }
}

TEST(Replacement, WhereBothFitNothingIsLost) {
  EXPECT_EQ(judge_replacement("db-2", {}, false).objection, "");
  EXPECT_EQ(judge_replacement("db-2", {{"db-3", std::nullopt}, standby("db-4", kVolumeEmpty)}, false).objection, "");
}

TEST(Replacement, OneAtATime) {
  for (const bool must_remove_first : {false, true}) {
    const auto first = judge_replacement("db-2", {standby("db-3", kVolumeDatabase, true)}, must_remove_first);
    const auto second = judge_replacement("db-3", {standby("db-2", kVolumeDatabase, true)}, must_remove_first);
    EXPECT_FALSE(first.objection.empty() || second.objection.empty());
    EXPECT_TRUE(first.keeps_turn);
    EXPECT_FALSE(second.keeps_turn);  // of two, one steps back
  }
}

// Two standbys that both say first and look then, in every order of their steps: never may both, and one may in the
// end.
TEST(Replacement, NoOrderOfStepsLetsTwoReplaceAtOnce) {
  for (unsigned order = 0; order < (1U << 12); ++order) {
    bool is_saying[2] = {false, false}, may[2] = {false, false};
    const char* names[2] = {"db-2", "db-3"};
    for (int step = 0; step < 12; ++step) {
      const int self = (order >> step) & 1U, other = 1 - self;
      if (may[self]) continue;  // stands still with its turn
      const auto judgement =
          judge_replacement(names[self], {standby(names[other], kVolumeDatabase, is_saying[other])}, true);
      if (!is_saying[self]) is_saying[self] = judgement.objection.empty();
      else if (judgement.objection.empty()) may[self] = true;
      else is_saying[self] = judgement.keeps_turn;
      ASSERT_FALSE(may[0] && may[1]) << order;
    }
  }
}

}  // namespace
}  // namespace cadence::postgres
