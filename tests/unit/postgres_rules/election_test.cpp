#include "postgres/rules/election.hpp"

#include <gtest/gtest.h>

#include "postgres/rules/timeline_history.hpp"

namespace cadence::postgres {
namespace {

using namespace std::chrono_literals;
using Kind = ElectionDecision::Kind;
using enum SynchronousMode;

LeaseView lease(std::string holder, SynchronousSet set = {Required, 1, {"db-2", "db-3"}}) {
  LeaseView out;
  out.is_present = true;
  out.holder = std::move(holder);
  out.system_identifier = "77";
  out.last_holder = out.holder.empty() ? "db-1" : "";
  out.synchronous = std::move(set);
  out.resource_version = "100";
  return out;
}

MemberReport member(std::string name, Lsn received, std::int64_t timeline = 1, bool is_disarmed = true) {
  MemberReport out;
  out.name = std::move(name);
  out.is_disarmed = is_disarmed;
  out.timeline = timeline;
  out.received = out.replayed = received;
  return out;
}

ElectionDecision decide(std::string self, LeaseView view, std::vector<MemberReport> reports, bool is_over = true,
                        Milliseconds since = 0ms) {
  return elect({std::move(self), std::move(view), std::move(reports), is_over, since});
}

TEST(Election, ASetThatCannotBeReadIsNamedAndElectsNobody) {
  auto view = lease("", {});
  view.is_synchronous_readable = false;
  view.unreadable = "annotation cadence.noslop.tech/synchronous says 'x', which is not a mode";
  const auto decision = decide("db-2", view, {member("db-2", 100), member("db-3", 100)});
  EXPECT_EQ(decision.kind, Kind::Blocked);
  EXPECT_EQ(decision.why,
            "which standbys have every acknowledged commit is not known: of the Lease annotation "
            "cadence.noslop.tech/synchronous says 'x', which is not a mode. Write there what it said, or bring the "
            "last primary back");
  view = lease("");
  view.unreadable = "annotation cadence.noslop.tech/elected-at says 'x', which is not a position";
  EXPECT_EQ(decide("db-2", view, {member("db-2", 100), member("db-3", 90)}).kind, Kind::Claim)
      << "what is wrong elsewhere in the record keeps nobody from being elected";
}

TEST(Succession, ALogThatMayGoBeyondTheElectedOnesIsNoPartOfIt) {
  auto view = lease("db-2");
  EXPECT_TRUE(is_part_of_elected(view, member("db-3", 900))) << "nobody was elected yet";
  view.elected_at = LogPoint{500, 3};
  view.reserved_timeline = 5;  // 4 was given to a promotion of which nothing came
  EXPECT_TRUE(is_part_of_elected(view, member("db-3", 500, 3)));
  EXPECT_FALSE(is_part_of_elected(view, member("db-3", 501, 3)));
  EXPECT_TRUE(is_part_of_elected(view, member("db-3", 900, 5))) << "it has followed the elected one";
  for (const std::int64_t other : {1, 2, 4, 6})
    EXPECT_FALSE(is_part_of_elected(view, member("db-3", 100, other))) << "where that timeline was left is not known";
  auto read = member("db-3", 0, 3);  // since it started, no receiver ran
  read.replayed = 501;
  EXPECT_FALSE(is_part_of_elected(view, read));
}

TEST(Succession, DataThatNeedsMoreLogThanLiesHereIsJudgedByHowFarItReaches) {
  auto view = lease("db-2");
  const auto left =
      parse_timeline_history("1\t0/190\tno recovery target specified\n\n3\t0/1F4\tno recovery target\n# x\n");
  ASSERT_EQ(left, (std::vector<LogPoint>{{400, 1}, {500, 3}}));
  view.elected_at = LogPoint{500, 3};
  view.timeline = 3;
  view.reserved_timeline = 5;
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{400, 3}, left)) << "it may not have been promoted yet";
  view.timeline = 5;
  EXPECT_TRUE(is_part_of_elected(view, LogPoint{500, 3}, left));
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{501, 3}, left));
  EXPECT_TRUE(is_part_of_elected(view, LogPoint{400, 1}, left));
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{401, 1}, left));
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{100, 2}, left)) << "the elected one never was on that";
  EXPECT_TRUE(is_part_of_elected(view, LogPoint{900, 5}, left)) << "it came from the elected one itself";
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{100, 3}, {})) << "where it was left is not known";
  EXPECT_FALSE(is_part_of_elected(view, LogPoint{}, left)) << "how far it reaches is not known";
}

TEST(Suspicion, NeedsAReason) {
  const LeaseTiming timing;
  SuspicionFacts facts{"db-2", lease("db-1"), 0ms, true, false, Reach::Unknown};
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
  facts.silence = 9000ms;
  EXPECT_EQ(suspect(facts, timing), Suspicion::Silent);  // streaming or not: the holder has not renewed
  facts.has_promised = true;
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
  facts = {"db-2", lease(""), 0ms, false, false, Reach::Unknown};
  EXPECT_EQ(suspect(facts, timing), Suspicion::Released);
  facts.lease.system_identifier.clear();  // there is no database yet
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
}

TEST(Suspicion, AGonePodIsEnoughWhereTheQuorumFences) {
  const LeaseTiming timing;
  SuspicionFacts facts{"db-2", lease("db-1"), 100ms, false, false, Reach::Refused};
  EXPECT_EQ(suspect(facts, timing), Suspicion::Gone);
  facts.is_streaming = true;
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
  facts.is_streaming = false;
  facts.reach = Reach::Silent;  // a cut cable looks the same from both ends
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
  facts.silence = timing.soft;
  EXPECT_EQ(suspect(facts, timing), Suspicion::Gone);
  facts.reach = Reach::Open;
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
  // Without synchronous standbys only the clock keeps the old primary from acknowledging.
  facts = {"db-2", lease("db-1", {Off, 0, {"db-2", "db-3"}}), 8999ms, false, false, Reach::Refused};
  EXPECT_EQ(suspect(facts, timing), Suspicion::None);
}

TEST(Disarm, ObjectsWhileThePrimaryIsSeenToLive) {
  const LeaseTiming timing;
  SuspicionFacts facts{"db-2", lease("db-1"), 100ms, false, false, Reach::Unknown};
  EXPECT_EQ(objection_to_disarm(facts, "100", timing), "");
  EXPECT_EQ(objection_to_disarm(facts, "99", timing), "knows a newer record");
  facts.is_streaming = true;
  EXPECT_EQ(objection_to_disarm(facts, "100", timing), "streams from db-1");
  facts.silence = 9s;
  EXPECT_EQ(objection_to_disarm(facts, "100", timing), "");
  facts = {"db-2", lease("db-1"), 9s, false, true, Reach::Unknown};
  EXPECT_EQ(objection_to_disarm(facts, "100", timing), "has promised db-1 to stay");
  facts.lease = lease("");
  EXPECT_EQ(objection_to_disarm(facts, "100", timing), "");  // a promise to somebody who has let go binds nobody
}

TEST(Election, TheOneWithMoreOfTheLogClaims) {
  const auto reports = std::vector{member("db-2", 50), member("db-3", 60)};
  EXPECT_EQ(decide("db-3", lease("db-1"), reports).kind, Kind::Claim);
  EXPECT_EQ(decide("db-2", lease("db-1"), reports).kind, Kind::Yield);
}

TEST(Election, ANewerTimelineBeatsALongerLog) {
  const auto reports = std::vector{member("db-2", 50, 2), member("db-3", 60, 1)};
  EXPECT_EQ(decide("db-2", lease("db-1"), reports).kind, Kind::Claim);
}

TEST(Election, EqualLogsAreDecidedByName) {
  const auto reports = std::vector{member("db-3", 50), member("db-2", 50)};
  EXPECT_EQ(decide("db-2", lease("db-1"), reports).kind, Kind::Claim);
  EXPECT_EQ(decide("db-3", lease("db-1"), reports).kind, Kind::Yield);
}

TEST(Election, WithoutAQuorumNobodyClaims) {
  EXPECT_EQ(decide("db-2", lease("db-1"), {member("db-2", 50)}, false).kind, Kind::Wait);
  auto refused = member("db-3", 0, 0, false);
  refused.refusal = "streams from db-1";
  const auto blocked = decide("db-2", lease("db-1"), {member("db-2", 50), refused});
  EXPECT_EQ(blocked.kind, Kind::Blocked);
  EXPECT_EQ(blocked.missing, std::vector<std::string>{"db-3 (streams from db-1)"});
  EXPECT_EQ(decide("db-2", lease("db-1"), {member("db-2", 50)}).missing, std::vector<std::string>{"db-3 (no answer)"});
}

TEST(Election, OutsidersNeitherClaimNorCount) {
  EXPECT_EQ(decide("db-4", lease("db-1"), {member("db-4", 90), member("db-2", 50), member("db-3", 50)}).kind,
            Kind::Wait);
  EXPECT_EQ(decide("db-2", lease("db-1"), {member("db-2", 50), member("db-4", 90)}).kind, Kind::Blocked);
}

TEST(Election, DegradedDurabilityElectsNobody) {
  EXPECT_EQ(decide("db-2", lease("", {Preferred, 0, {"db-2"}}), {member("db-2", 50)}).kind, Kind::Blocked);
}

TEST(Election, WithoutSynchronyTheBestOfThoseWhoAnsweredClaims) {
  const SynchronousSet off{Off, 0, {"db-2", "db-3"}};
  EXPECT_EQ(decide("db-2", lease("", off), {member("db-2", 50)}, false).kind, Kind::Wait);
  EXPECT_EQ(decide("db-2", lease("", off), {member("db-2", 50)}).kind, Kind::Claim);
  EXPECT_EQ(decide("db-2", lease("", off), {member("db-2", 50), member("db-3", 51)}).kind, Kind::Yield);
}

TEST(Election, AfterACleanStopWhoeverHasItsEndClaims) {
  auto view = lease("");
  view.shutdown = LogPoint{100, 1};
  EXPECT_EQ(decide("db-2", view, {member("db-2", 101, 1, false)}, false).kind, Kind::Claim);
  // the record itself is not there yet
  EXPECT_EQ(decide("db-2", view, {member("db-2", 100, 1, false)}, false).kind, Kind::Wait);
  EXPECT_EQ(decide("db-2", view, {member("db-2", 101, 2, false)}, false).kind, Kind::Wait);  // another history
  view.handover_to = "db-3";
  EXPECT_EQ(decide("db-2", view, {member("db-2", 101, 1, false)}, false, 4999ms).kind, Kind::Wait);
  EXPECT_EQ(decide("db-2", view, {member("db-2", 101, 1, false)}, false, 5000ms).kind, Kind::Claim);
  EXPECT_EQ(decide("db-3", view, {member("db-3", 101, 1, false)}, false).kind, Kind::Claim);
  // Nobody has its end in time: the quorum decides.
  EXPECT_EQ(decide("db-2", view, {member("db-2", 99), member("db-3", 98)}, true, 5000ms).kind, Kind::Claim);
}

// All small worlds: two candidates never both claim, and whoever claims has at least what any quorum's member has.
TEST(Election, IsUnanimousAndLosesNothing) {
  const SynchronousSet sets[] = {{Required, 1, {"db-2", "db-3"}},
                                 {Required, 2, {"db-2", "db-3", "db-4"}},
                                 {Required, 1, {"db-2", "db-3", "db-4"}}};
  for (const auto& set : sets) {
    for (unsigned world = 0; world < 8 * 27 * 8; ++world) {
      std::vector<MemberReport> reports;
      unsigned rest = world;
      for (std::size_t i = 0; i < set.names.size(); ++i) {
        const bool answers = (rest & 1) != 0;
        rest >>= 1;
        const Lsn lsn = 10 + rest % 3;
        rest /= 3;
        const std::int64_t timeline = 1 + (rest & 1);
        rest >>= 1;
        if (answers) reports.push_back(member(set.names[i], lsn, timeline));
      }
      std::string winner;
      for (const auto& report : reports) {
        if (decide(report.name, lease("db-1", set), reports).kind != Kind::Claim) continue;
        EXPECT_EQ(winner, "");
        winner = report.name;
        EXPECT_GE(reports.size(), set.election_quorum());
        for (const auto& other : reports)
          EXPECT_LE(std::make_pair(other.timeline, other.end()), std::make_pair(report.timeline, report.end()));
      }
      EXPECT_EQ(winner.empty(), reports.size() < set.election_quorum());
    }
  }
}

TEST(Lsn, IsReadAndWrittenAsPostgresDoes) {
  EXPECT_EQ(parse_lsn("16/B374D848"), Lsn{0x16B374D848});
  EXPECT_EQ(format_lsn(0x16B374D848), "16/B374D848");
  for (const char* text : {"", "16", "16/", "/1", "16/XY", "123456789/0"}) EXPECT_FALSE(parse_lsn(text)) << text;
  EXPECT_EQ(parse_segment("00000002000000010000003A")->start, Lsn{0x13A000000});
  EXPECT_EQ(parse_segment("00000002000000010000003A")->timeline, 2);
  EXPECT_FALSE(parse_segment("00000002.history"));
}

// db-1 was primary before db-2, on the first timeline, and has not rejoined; db-3 followed both.
TEST(Election, AFormerPrimaryVotesWithTheLogOfItsReign) {
  const auto view = lease("db-2", {Required, 1, {"db-1", "db-3"}});
  const std::vector followed{member("db-1", 900, 1), member("db-3", 500, 2)};
  EXPECT_EQ(decide("db-3", view, followed).kind, Kind::Claim) << "however long a log of an earlier reign is";
  EXPECT_EQ(decide("db-1", view, followed).kind, Kind::Yield);
  const std::vector missed{member("db-1", 900, 1), member("db-3", 500, 1)};
  EXPECT_EQ(decide("db-3", view, missed).kind, Kind::Yield) << "what db-1 acknowledged may be on db-2 and db-1 only";
  EXPECT_EQ(decide("db-1", view, missed).kind, Kind::Claim);
  EXPECT_EQ(decide("db-1", lease("db-2", {Required, 1, {"db-1"}}), {member("db-1", 900)}).kind, Kind::Claim)
      << "nobody else could acknowledge";
  const auto blocked = decide("db-3", view, {member("db-3", 500, 2)});
  EXPECT_EQ(blocked.why,
            "needs 2 of the 2 synchronous standbys, has 1; missing: db-1 (no answer); it goes on when they answer, or "
            "when the last primary, db-2, is back");
}

}  // namespace
}  // namespace cadence::postgres
