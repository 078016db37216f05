#include "postgres/rules/boot.hpp"

#include <gtest/gtest.h>

#include "boot_facts.hpp"

namespace cadence::postgres {
namespace {

TEST(Boot, InitialisesOnlyWhereNothingIs) {
  EXPECT_EQ(decide_boot(facts({}, {})), BootDecision(Initialize{}));
  EXPECT_EQ(decide_boot(facts({}, lease("", ""))), BootDecision(Initialize{}));
  EXPECT_EQ(decide_boot(facts({}, lease("db-1", ""))), BootDecision(Initialize{}));  // our own unfinished attempt
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, {}, false))));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, lease("db-2", "")))));
}

TEST(Boot, ClonesFromTheHolder) {
  EXPECT_EQ(decide_boot(facts({}, lease("db-2"))), BootDecision(Clone{"db-2", false}));
  EXPECT_EQ(decide_boot(facts({}, lease("db-2"), false)), BootDecision(Clone{"db-2", false}));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, lease("")))));
}

// Its server tells where its log ends, which nothing on the volume does.
TEST(Boot, AStandbyOfAnEarlierTimelineReadsItsLogBeforeItFollows) {
  auto view = lease("db-2", "77", "pod-2", 4);
  view.reserved_timeline = 4;
  EXPECT_EQ(decide_boot(facts(database(true, "77", 15, 3), view)), BootDecision(Follow{"db-2"}))
      << "elected before the Lease said where";
  view.elected_at = LogPoint{500, 3};
  EXPECT_EQ(decide_boot(facts(database(true, "77", 15, 3), view)), BootDecision(Follow{""}));
  EXPECT_EQ(decide_boot(facts(database(true, "77", 15, 4), view)), BootDecision(Follow{"db-2"}));
}

// Two promotions from one timeline get the same number where neither saw the other: following or rewinding would mix
// them.
TEST(Boot, TwoHistoriesOfOneNumberAreNotMixed) {
  auto known = facts(database(false, "77", 15, 2), lease("db-2", "77", "pod-2", 2));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
  known.holder_timeline = 2;
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true}));
  known.holder_timeline = 3;  // its first checkpoint is awaited
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
}

LeaseView with_standbys(LeaseView view, std::string last_holder = "") {
  view.synchronous = {SynchronousMode::Required, 1, {"db-2", "db-3"}};
  view.last_holder = std::move(last_holder);
  return view;
}

TEST(Boot, AnEmptyVolumeOfThePrimaryIsNotInitialisedAgain) {
  EXPECT_TRUE(std::holds_alternative<Refuse>(decide_boot(facts({}, lease("db-1")))));
  EXPECT_TRUE(std::holds_alternative<GiveUpLease>(decide_boot(facts({}, with_standbys(lease("db-1"))))));
}

// An earlier pod of ours may still be acknowledging, and without a quorum only time ends that.
TEST(Boot, ALeaseThatAnotherPodOfOursHoldsIsWatchedBeforeItIsGivenUp) {
  const auto must_watch = [](const char* holder_pod, int number) {
    auto view = with_standbys(lease("db-1", "77", holder_pod));
    view.synchronous.number = number;
    const auto decision = decide_boot(facts({}, view));
    return std::get<GiveUpLease>(decision).must_watch_first;
  };
  EXPECT_TRUE(must_watch("pod-of-before", 0));
  EXPECT_FALSE(must_watch("pod-of-before", 1)) << "nobody acknowledges without a standby, which follows another";
  EXPECT_FALSE(must_watch("pod-1", 0)) << "it is this one";
}

// Named by an edit, or by a record that is older than the database.
TEST(Boot, AFormerPrimaryThatIsNamedAgainDoesNotResumeOnOlderData) {
  auto known = facts(database(false, "77", 15, 2), with_standbys(lease("db-1", "77", "pod-1", 3)));
  known.data.is_cleanly_stopped = true;
  const auto decision = decide_boot(known);
  ASSERT_TRUE(std::holds_alternative<GiveUpLease>(decision)) << to_string(decision);
  EXPECT_EQ(std::get<GiveUpLease>(decision).because,
            "the Lease names db-1, whose data is of timeline 2, and the database is at timeline 3");
  known.data.timeline = 3;
  EXPECT_TRUE(std::holds_alternative<ResumeAsPrimary>(decide_boot(known)));
  known = facts(database(false, "77", 15, 2), lease("db-1", "77", "pod-1", 3));
  known.data.is_cleanly_stopped = true;
  EXPECT_TRUE(std::holds_alternative<ResumeAsPrimary>(decide_boot(known)))
      << "a restored volume, and nobody else has any";
}

TEST(Boot, StandbysFollow) {
  EXPECT_EQ(decide_boot(facts(database(true), lease("db-2"))), BootDecision(Follow{"db-2"}));
  EXPECT_EQ(decide_boot(facts(database(true), lease(""))), BootDecision(Follow{""}));
  EXPECT_EQ(decide_boot(facts(database(true), {})), BootDecision(Follow{""}));
  // elected, and promotes itself once it runs
  EXPECT_EQ(decide_boot(facts(database(true), lease("db-1"))), BootDecision(Follow{""}));
}

TEST(Boot, ThePrimaryResumes) {
  EXPECT_EQ(decide_boot(facts(database(false), lease("db-1"))), BootDecision(ResumeAsPrimary{false}));
  EXPECT_EQ(decide_boot(facts(database(false), lease("db-1", "77", "pod-0"))), BootDecision(ResumeAsPrimary{true}));
  EXPECT_EQ(decide_boot(facts(database(false), lease(""))), BootDecision(ResumeAsPrimary{false}));  // cleanly released
  // deleted by somebody
  EXPECT_EQ(decide_boot(facts(database(false), {})), BootDecision(ResumeAsPrimary{true}));
  // between initdb and the annotation
  EXPECT_EQ(decide_boot(facts(database(false), lease("db-1", ""))), BootDecision(ResumeAsPrimary{false}));
}

TEST(Boot, ADeposedPrimaryComparesItsDataFirst) {
  EXPECT_EQ(decide_boot(facts(database(false), lease("db-2", "77", "pod-2", 2))), BootDecision(Rewind{"db-2"}));
  // Its successor's first checkpoint is what a rewind goes by.
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts(database(false), lease("db-2")))));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts(database(false), lease("", "77", "", 2)))));
  EXPECT_TRUE(
      std::holds_alternative<WaitForPrimary>(decide_boot(facts(database(false), with_standbys(lease(""), "db-2")))));
}

// The first primary, db-1, before it was compared with its successor db-2, whose reign is the second timeline.
BootFacts succeeded(std::string holder) {
  auto out = facts(database(false), lease(std::move(holder), "77", "pod-2", 2));
  out.data.reign = 1;
  out.lease.synchronous = {SynchronousMode::Required, 1, {"db-1", "db-3"}};
  out.lease.last_holder = out.lease.holder.empty() ? "db-2" : "";
  out.lease.reserved_timeline = 2;
  out.is_successor_lost = true;
  return out;
}

TEST(Boot, AFormerPrimaryVotesWhenItsSuccessorIsLost) {
  EXPECT_EQ(decide_boot(succeeded("db-2")), BootDecision(StandForElection{}));
  EXPECT_EQ(decide_boot(succeeded("")), BootDecision(StandForElection{}));
  auto known = succeeded("db-2");
  known.repair = Repair::Clone;  // put off: its data is whole
  EXPECT_EQ(decide_boot(known), BootDecision(StandForElection{}));
  known.data.is_standby = true;  // it has stood before, and restarts
  EXPECT_EQ(decide_boot(known), BootDecision(StandForElection{}));
  known = succeeded("db-2");
  known.is_successor_lost = false;
  EXPECT_EQ(decide_boot(known), BootDecision(Rewind{"db-2"}));
  known.data.is_standby = true;
  EXPECT_EQ(decide_boot(known), BootDecision(Rewind{"db-2"})) << "having stood for election is no comparison";
  known.data.timeline = 2;  // it has followed since
  EXPECT_EQ(decide_boot(known), BootDecision(Follow{"db-2"}));
}

TEST(Boot, AFormerPrimaryThatProvesNothingDoesNotVote) {
  const auto stands = [](auto change) {
    auto known = succeeded("db-2");
    change(known);
    return std::holds_alternative<StandForElection>(decide_boot(known));
  };
  EXPECT_TRUE(stands([](BootFacts&) {}));
  EXPECT_FALSE(stands([](BootFacts& known) { known.data.reign = 0; })) << "nobody wrote down whose log it is";
  EXPECT_FALSE(stands([](BootFacts& known) { known.data.timeline = 2; })) << "promoted by hand since its reign";
  EXPECT_FALSE(stands([](BootFacts& known) { known.data.timeline = known.data.reign = 2; }))
      << "two reigns of one number";
  EXPECT_FALSE(stands([](BootFacts& known) { known.lease.reserved_timeline = 0; }))
      << "of before numbers were reserved";
  EXPECT_FALSE(stands([](BootFacts& known) { known.is_rewind_unfinished = true; }))
      << "neither its own log nor the successor's";
  EXPECT_FALSE(stands([](BootFacts& known) { known.data.is_wal_lost = true; }));
  EXPECT_FALSE(stands([](BootFacts& known) { known.lease.synchronous.names = {"db-3"}; }))
      << "nobody asks for its vote";
  EXPECT_FALSE(stands([](BootFacts& known) {
    known.lease.synchronous = {SynchronousMode::Off, 0, {"db-1", "db-3"}};
  })) << "no quorum tells who has what";
  EXPECT_FALSE(stands([](BootFacts& known) { known.lease.fenced = {"db-1"}; }));
}

// Promoted by hand, or started without the file that makes it a standby.
TEST(Boot, AStrayedStandbyIsBroughtBack) {
  auto known = facts(database(false, "77", 15, 2), with_standbys(lease("db-2")));
  known.data.is_strayed = true;
  known.is_successor_lost = true;
  EXPECT_EQ(decide_boot(known), BootDecision(Rewind{"db-2"}));
  EXPECT_EQ(volume_of(known), "stale") << "no database is brought back from it";
  known.lease.holder.clear();
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known))) << "it neither votes nor resumes";
  known.lease.last_holder = "db-1";
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
  known.lease = with_standbys(lease("db-2", "77", "pod-2", 2));
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true})) << "a timeline of the same number";
  known.lease = with_standbys(lease("db-2"));
  known.lease.reserved_timeline = 3;
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true}));
}

TEST(Boot, AStandbyWithoutItsFileIsOneAllTheSame) {
  auto known = facts(database(false), lease("db-2"));
  known.holder_timeline = 1;
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true}));
  known.data.was_in_recovery = true;
  EXPECT_EQ(decide_boot(known), BootDecision(Follow{"db-2"}));
  known.lease = with_standbys(lease(""), "db-2");
  EXPECT_EQ(decide_boot(known), BootDecision(Follow{""}));
  known.lease = with_standbys(lease(""), "db-1");
  EXPECT_FALSE(std::holds_alternative<Follow>(decide_boot(known)))
      << "its own election, cut in the midst of the promotion";
  known.lease = lease("db-2");
  known.data.reign = 1;
  EXPECT_FALSE(std::holds_alternative<Follow>(decide_boot(known))) << "stood for election, and was not compared yet";
}

TEST(Boot, ACrashedPrimaryLetsTheStandbysGoFirst) {
  auto known = facts(database(false), with_standbys(lease("db-1")));
  EXPECT_TRUE(std::holds_alternative<GiveUpLease>(decide_boot(known)));
  known.data.is_cleanly_stopped = true;  // restarted in place
  EXPECT_EQ(decide_boot(known), BootDecision(ResumeAsPrimary{false}));
  known = facts(database(false), with_standbys(lease(""), "db-1"));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
  known.since_release = kElectionHeadStart;
  EXPECT_EQ(decide_boot(known), BootDecision(ResumeAsPrimary{false}));  // nobody could
}

TEST(Boot, WhatCannotFollowIsMended) {
  auto known = facts(database(true), lease("db-2"));
  known.repair = Repair::Rewind;
  EXPECT_EQ(decide_boot(known), BootDecision(Rewind{"db-2"}));
  known.repair = Repair::Clone;
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true}));
  known.lease = lease("");
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
  known = facts(database(false), with_standbys(lease("db-1")));
  known.is_rewind_unfinished = true;  // neither the old data nor the new: it never serves
  EXPECT_TRUE(std::holds_alternative<GiveUpLease>(decide_boot(known)));
  known.lease = lease("db-2");
  EXPECT_EQ(decide_boot(known), BootDecision(Rewind{"db-2"}));
}

TEST(Boot, ALostLogIsALostCopy) {
  auto known = facts(database(true), lease("db-2"));
  known.data.is_wal_lost = true;
  EXPECT_EQ(decide_boot(known), BootDecision(Clone{"db-2", true}));
  known = facts(database(false), with_standbys(lease("db-1")));
  known.data.is_wal_lost = true;
  EXPECT_TRUE(std::holds_alternative<GiveUpLease>(decide_boot(known)));  // others have the data
  known.lease = lease("db-1");
  EXPECT_TRUE(std::holds_alternative<Refuse>(decide_boot(known)));  // nobody has
  known.lease = lease("");
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known)));
}

TEST(Boot, AFencedInstanceStaysStopped) {
  auto known = facts(database(false), with_standbys(lease("db-1")));
  known.lease.fenced = {"db-1"};
  EXPECT_TRUE(std::holds_alternative<GiveUpLease>(decide_boot(known)));
  known.lease.holder = "db-2";
  EXPECT_EQ(decide_boot(known), BootDecision(StayFenced{}));
}

TEST(Boot, OtherDatabasesAndVersionsAreRefusedWithTheReason) {
  const auto text = [](const BootDecision& decision) { return to_string(decision); };
  EXPECT_NE(text(decide_boot(facts(database(true, "78"), lease("db-2"))))
                .find("system identifier is 78, annotation cadence.noslop.tech/system-identifier of the "
                      "Lease says 77"),
            std::string::npos);
  EXPECT_NE(text(decide_boot(facts(database(true, "77", 14), lease("db-2")))).find("PostgreSQL 14"), std::string::npos);
  DataDirectory foreign;
  foreign.state = State::Foreign;
  foreign.problem = "PG_VERSION is missing";
  EXPECT_EQ(text(decide_boot(facts(foreign, {}))),
            "Refuse: the data directory is not empty and holds no database: PG_VERSION is missing");
}

LeaseView looked_for(std::string recover_from, std::string holder = "", std::string uid = "pod-1") {
  auto out = lease(std::move(holder), "", std::move(uid));
  out.recover_from = std::move(recover_from);
  return out;
}

TEST(Boot, WhileTheDatabaseIsLookedForNobodyOpensOrCreatesOne) {
  for (const std::string recover_from : {"undecided", "db-2"}) {
    EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, looked_for(recover_from)))));
    EXPECT_EQ(decide_boot(facts(database(true), looked_for(recover_from))), BootDecision(Recover{}));
    EXPECT_EQ(decide_boot(facts(database(false), looked_for(recover_from))), BootDecision(Recover{}))
        << "a former primary may be behind";
  }
  auto known = facts(database(true), looked_for("undecided"));
  known.is_rewind_unfinished = true;
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(known))) << "neither the old data nor the new";
  known = facts(database(false), looked_for("undecided"));
  known.data.is_wal_lost = true;
  EXPECT_TRUE(std::holds_alternative<Refuse>(decide_boot(known)));
}

TEST(Boot, TheChosenVolumeBringsTheDatabaseBack) {
  EXPECT_EQ(decide_boot(facts({}, looked_for("db-1"), false)), BootDecision(Initialize{})) << "all were empty";
  EXPECT_EQ(decide_boot(facts(database(true), looked_for("db-1"))), BootDecision(Recover{}))
      << "it promotes itself once it runs";
  // Cut between its promotion, or initdb, and the first word in the Lease.
  EXPECT_EQ(decide_boot(facts(database(false), looked_for("db-1", "db-1"))), BootDecision(ResumeAsPrimary{false}));
  EXPECT_EQ(decide_boot(facts(database(false), looked_for("db-1", "db-1", "pod-0"))),
            BootDecision(ResumeAsPrimary{true}));
  // Somebody else was chosen and has begun.
  EXPECT_EQ(decide_boot(facts(database(true), looked_for("db-2", "db-2"))), BootDecision(Follow{"db-2"}));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts(database(false), looked_for("db-2", "db-2")))));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, looked_for("db-2", "db-2")))));
}

TEST(Boot, OnceTheLeaseTellsOfTheDatabaseTheChoiceIsHistory) {
  auto view = lease("");
  view.recover_from = "db-1";
  view.last_holder = "db-2";
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts(database(false), view))));
  EXPECT_TRUE(std::holds_alternative<WaitForPrimary>(decide_boot(facts({}, view))));
}

TEST(Boot, AnInstanceTellsWhatItsVolumeHolds) {
  EXPECT_EQ(volume_of(facts({}, {})), "empty");
  EXPECT_EQ(volume_of(facts(database(true), {})), "database");
  EXPECT_EQ(volume_of(facts(database(true, "77", 14), {})), "unusable");
  auto known = facts(database(true), {});
  known.is_rewind_unfinished = true;
  EXPECT_EQ(volume_of(known), "stale");
  known.data.is_wal_lost = true;
  EXPECT_EQ(volume_of(known), "unusable");
  known.data = {};
  EXPECT_EQ(volume_of(known), "stale") << "a copy was cut as it took the old data's place";
}

TEST(Boot, APromotionBeforeItsFirstCheckpointCounts) {
  const auto data = parse_control_data(
      "Database system identifier: 77\nDatabase cluster state: in production\nLatest checkpoint's TimeLineID: 4\nMin "
      "recovery ending loc's timeline: 6\n");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->timeline, 6);
  // The Lease tells of the timeline before, for its first checkpoint was to come: nobody else has been primary since.
  auto known = facts(*data, with_standbys(lease("", "77", "", 5), "db-1"));
  known.data.major_version = 15;
  known.since_release = kElectionHeadStart;
  EXPECT_EQ(decide_boot(known), BootDecision(ResumeAsPrimary{false}));
}

}  // namespace
}  // namespace cadence::postgres
