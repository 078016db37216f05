// How a server starts, stops and is promoted, and what is left behind of each.
#include "agent/postgres/standby/promotion.hpp"
#include "unit/agent_postgres/fake_world_parts.hpp"

namespace cadence::agent::postgres {
namespace {

struct ServerTest : ::testing::Test, FakeWorld {
  Situation situation;
  Board board;
  Display display{ports, situation, board};
  Server running{ports, situation, display, [] {}};
  Promotion promotion{ports, situation, display, running, [] {}};

  void run_as(bool is_primary) {
    s.run_as(is_primary);
    situation.postmaster = s.pid;
    situation.is_primary = is_primary;
  }
};

TEST_F(ServerTest, NoPrimaryStartsWithoutTheLease) {
  EXPECT_FALSE(running.start(true).is_ok());
  EXPECT_FALSE(s.was_called("start"));
}

TEST_F(ServerTest, NoPrimaryStartsWithALeaseThatWasNotRenewedInTime) {
  s.hold();
  s.is_api_up = false;
  s.now += s.options.timing.soft;
  EXPECT_FALSE(running.start(true).is_ok());
  EXPECT_FALSE(s.was_called("start"));
}

TEST_F(ServerTest, APrimaryIsUnderTheFenceAsSoonAsItRuns) {
  s.hold();
  ASSERT_TRUE(running.start(true).is_ok());
  EXPECT_EQ(s.position_of("arm"), s.position_of("start") + 1);
  EXPECT_EQ(s.armed, s.pid);
  EXPECT_TRUE(storage.is_on);
}

TEST_F(ServerTest, TheLeaseIsFreeOnlyWhenNothingRunsAnyMore) {
  run_as(true);
  s.hold();
  EXPECT_EQ(running.leave(SIGINT, {"test", {}, "b"}), Ending::Again);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_LT(s.position_of("kill rest"), s.position_of("release"));
  ASSERT_TRUE(s.releases[0].shutdown);
  EXPECT_EQ(s.releases[0].shutdown->lsn, s.data.checkpoint);
  EXPECT_EQ(s.releases[0].handover_to, "b");
}

TEST_F(ServerTest, WhatHadToBeKilledLeavesNoEndOfTheLogAndNoHeir) {
  run_as(true);
  s.hold();
  s.is_deaf = true;
  running.leave(SIGINT, {"test", {}, "b"});
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_FALSE(s.releases[0].shutdown);
  EXPECT_EQ(s.releases[0].handover_to, "");
  const auto fast = s.position_of("signal 2"), immediate = s.position_of("signal 3"), kill = s.position_of("signal 9");
  EXPECT_TRUE(fast < immediate && immediate < kill && kill < s.calls.size());
}

TEST_F(ServerTest, AStandbyThatStopsCleanlyTellsNoEndOfTheLog) {
  run_as(false);
  s.hold();
  s.data.is_cleanly_stopped = true;  // as an old control file may have it
  running.leave(SIGINT, {"test", {}, ""});
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_FALSE(s.releases[0].shutdown);
  EXPECT_TRUE(s.releases[0].was_never_promoted);
}

TEST_F(ServerTest, ThreeServersThatEndAtOnceHaveTheirSettingsLaidAside) {
  s.hold();
  situation.failed_starts = 2;
  ASSERT_TRUE(running.start(true).is_ok());
  EXPECT_TRUE(s.was_called("lay aside"));
  situation.failed_starts = 3;
  ASSERT_TRUE(running.start(true).is_ok());
  EXPECT_TRUE(s.was_called("put back"));
}

TEST_F(ServerTest, AServerThatEndsIsFollowedByItsBackendsBeforeTheLeaseIsFree) {
  run_as(true);
  s.hold();
  s.end(SIGKILL);
  running.ended(SIGKILL);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_LT(s.position_of("kill rest"), s.position_of("release"));
  EXPECT_FALSE(s.releases[0].shutdown);
}

TEST_F(ServerTest, WhoeverHasNoSuccessorsKeepsTheLease) {
  run_as(true);
  s.hold();
  s.lease.synchronous.names.clear();
  s.end(SIGKILL);
  running.ended(SIGKILL);
  EXPECT_TRUE(s.releases.empty());
}

TEST_F(ServerTest, AClaimRestsOnTheRecordThatWasJudged) {
  run_as(false);
  const auto judged = s.lease;
  s.lease.holder = "b";  // renewed meanwhile, or claimed by another
  s.change();
  EXPECT_EQ(promotion.take_over(judged, "test"), std::nullopt);
  EXPECT_FALSE(s.was_called("promote"));
  EXPECT_TRUE(s.is_running);
  EXPECT_FALSE(s.is_holding);
}

TEST_F(ServerTest, APromotionIsUnderTheFenceBeforeItIsAskedFor) {
  run_as(false);
  EXPECT_EQ(promotion.take_over(s.lease, "test"), std::nullopt);
  EXPECT_TRUE(situation.is_primary);
  EXPECT_TRUE(s.can_write);
  EXPECT_LT(s.position_of("claim"), s.position_of("arm"));
  EXPECT_LT(s.position_of("arm"), s.position_of("promote"));
  ASSERT_TRUE(situation.untold);
  EXPECT_EQ(situation.untold->to, "a");
}

TEST_F(ServerTest, NobodyIsPromotedWhoseLeaseRanOutSinceTheClaim) {
  run_as(false);
  s.after_call = [&] {
    if (s.calls.back() == "promote") s.now += 1min;  // and the fence comes a moment later
  };
  EXPECT_EQ(promotion.take_over(s.lease, "test"), Ending::Again);
  EXPECT_FALSE(s.was_called("promoted?"));
  EXPECT_FALSE(situation.is_primary);
}

TEST_F(ServerTest, APromotionThatIsGivenUpIsNoCleanEndOfTheLog) {
  run_as(false);
  s.never_promotes = true;
  s.data.is_cleanly_stopped = true;
  EXPECT_EQ(promotion.take_over(s.lease, "test"), Ending::Again);
  EXPECT_FALSE(situation.is_primary);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_FALSE(s.releases[0].shutdown);
  EXPECT_TRUE(s.releases[0].was_never_promoted);
  EXPECT_FALSE(situation.untold);
  EXPECT_TRUE(s.was_called("end sessions"));  // a reader might have held it up
}

TEST_F(ServerTest, APromotionEndsWithTheLease) {
  run_as(false);
  s.never_promotes = true;
  s.on_wait = [&] { s.is_lost = true; };
  promotion.take_over(s.lease, "test");
  EXPECT_FALSE(s.can_write);
  EXPECT_EQ(situation.postmaster, 0);
}

}  // namespace
}  // namespace cadence::agent::postgres
