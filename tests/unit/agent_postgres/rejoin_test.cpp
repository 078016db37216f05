// When a copy of the data may go, and how often a rewind is tried.
#include "agent/postgres/boot/rejoin.hpp"
#include "unit/agent_postgres/fake_world_parts.hpp"

namespace cadence::agent::postgres {
namespace {

struct RejoinTest : ::testing::Test, FakeWorld {
  RejoinTest() {
    s.lease.holder = "b";
    s.peers["b"].role = "primary";
    s.peers["b"].is_writable = true;
    s.peers["c"].volume = rules::kVolumeDatabase;
    situation.report.status.volume = rules::kVolumeDatabase;
    s.can_hold_both = false;
  }
  Situation situation;
  Board board;
  Display display{ports, situation, board};
  Rejoin rejoin{ports, situation, display, [] {}};
  const rules::Clone again{"b", true};
};

TEST_F(RejoinTest, ACopyGoesWhenAnotherIsKnownGoodAndReachable) {
  ASSERT_TRUE(rejoin.clone(again).is_ok());
  EXPECT_LT(s.position_of("prove"), s.position_of("clone"));
  EXPECT_FALSE(situation.report.status.is_replacing);
}

TEST_F(RejoinTest, TheLastCopyBesideThePrimarysStays) {
  s.instances = {"a", "b"};
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, ACopyStaysWhileAnotherDoesNotAnswer) {
  s.peers.erase("c");
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, ACopyStaysWhileAnotherHasNone) {
  s.peers["c"].volume = rules::kVolumeStale;
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, OneStandbyAtATimeReplacesItsCopy) {
  s.can_hold_both = true;
  s.peers["c"].is_replacing = true;
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, ItIsSaidBeforeTheOthersAreLookedAtForTheLastTime) {
  bool was_said = false;
  int looks = 0;
  s.after_call = [&] {
    if (s.calls.back() != "status of c") return;
    ++looks;
    was_said = board.get().status.is_replacing;
  };
  ASSERT_TRUE(rejoin.clone(again).is_ok());
  EXPECT_EQ(looks, 2);
  EXPECT_TRUE(was_said);
}

TEST_F(RejoinTest, ACopyStaysWhereNoneIsToBeHad) {
  s.is_copy_proven = false;
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
  EXPECT_FALSE(situation.report.status.is_replacing);
}

TEST_F(RejoinTest, ACopyStaysWhenThePrimaryLostTheLeaseMeanwhile) {
  s.after_call = [&] {
    if (s.calls.back() == "prove") s.lease.holder = "c";
  };
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, NobodyIsCopiedFromWhoDoesNotAcceptWrites) {
  s.peers["b"].is_writable = false;
  EXPECT_FALSE(rejoin.clone(again).is_ok());
  EXPECT_FALSE(s.was_called("clone"));
}

TEST_F(RejoinTest, ThreeRewindsThatFailEndInACopy) {
  s.can_rewind = false;
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(rejoin.rewind("b").is_ok());
  EXPECT_EQ(situation.repair, rules::Repair::None);
  EXPECT_FALSE(rejoin.rewind("b").is_ok());
  EXPECT_EQ(situation.repair, rules::Repair::Clone);
}

TEST_F(RejoinTest, AConnectionThatBreaksSaysNothingAboutTheData) {
  s.can_rewind = false;
  s.after_call = [&] {
    if (s.calls.back() == "rewind") s.is_reachable = false;
    if (s.calls.back() == "status of b") s.is_reachable = true;
  };
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(rejoin.rewind("b").is_ok());
  EXPECT_EQ(situation.rewinds, 0);
  EXPECT_EQ(situation.repair, rules::Repair::None);
}

TEST_F(RejoinTest, WhatWasComparedIsRememberedByTheReign) {
  s.lease.reserved_timeline = 4;
  ASSERT_TRUE(rejoin.rewind("b").is_ok());
  EXPECT_EQ(situation.compared_with, 4);
}

}  // namespace
}  // namespace cadence::agent::postgres
