// What a standby follows, when it lets go, votes and stands, and when its data is at fault.
#include "agent/postgres/standby/standby.hpp"
#include "unit/agent_postgres/fake_world_parts.hpp"

namespace cadence::agent::postgres {
namespace {

struct StandbyTest : ::testing::Test, FakeWorld {
  StandbyTest() {
    s.run_as(false);
    s.lease.holder = "b";
    situation.postmaster = s.pid;
    situation.report.is_accepting = true;
    situation.report.status.system_identifier = "7";
    situation.started = situation.streamed = s.now;
    s.peers["b"].role = "primary";
    s.peers["b"].is_writable = true;
    s.peers["b"].timeline = 1;
  }
  std::optional<Ending> round() { return standby.stand_by(s.lease); }
  void lose_the_primary() {
    s.receiver = 0;
    s.silence = 1min;
  }
  // Rounds until the peers' votes are in; the thread that asks them is a real one.
  std::optional<Ending> elect() {
    std::optional<Ending> ending;
    for (int i = 0; i < 500 && !ending && !situation.is_primary; ++i) {
      ending = round();
      s.now += 20ms;
      base::wait_for({}, 1ms);
    }
    return ending;
  }
  rules::MemberReport vote_of(const std::string& name, rules::Lsn end) { return {name, true, "", 1, end, end}; }

  Situation situation;
  Board board;
  Display display{ports, situation, board};
  Server running{ports, situation, display, [] {}};
  Promotion promotion{ports, situation, display, running, [] {}};
  Candidate candidate{ports, situation, display, running, promotion};
  Standby standby{ports, situation, display, running, candidate, [] {}};
};

TEST_F(StandbyTest, FollowsWhoeverHoldsTheLease) {
  EXPECT_EQ(round(), std::nullopt);
  EXPECT_EQ(files.following, "b");
  s.lease.holder = "c";
  EXPECT_EQ(round(), std::nullopt);
  EXPECT_EQ(files.following, "c");
}

// A crash cut the log short that lies here, and only the primary can give it more.
TEST_F(StandbyTest, AServerThatLacksLogToBeConsistentAsksTheElectedOne) {
  s.receiver = 0;
  s.refusal = "PostgreSQL answered: the database system is not yet accepting connections (SQLSTATE 57P03)";
  s.lease.elected_at = rules::LogPoint{0x500, 2};
  s.lease.reserved_timeline = 3;
  s.lease.timeline = 2;
  s.history = {{0x400, 1}, {0x500, 2}};
  s.data.least_recovery = {0x3ff, 1};
  const auto pass = [&](std::chrono::seconds time) {
    for (std::chrono::seconds passed{}; passed < time; passed += 1s, s.now += 1s) EXPECT_EQ(round(), std::nullopt);
  };
  pass(10s);
  EXPECT_EQ(files.following, "") << "it may not have been promoted yet";
  s.lease.timeline = 3;
  s.is_recovering = true;
  pass(10s);
  EXPECT_EQ(files.following, "") << "it still reads what lies here";
  for (int i = 0; i < 10; ++i) {  // it sleeps now and then
    s.is_recovering = i % 3 != 0;
    pass(1s);
  }
  EXPECT_EQ(files.following, "");
  s.is_recovering = false;
  pass(8s);
  EXPECT_EQ(files.following, "b");
}

TEST_F(StandbyTest, AServerThatLacksLogAndReachesBeyondTheElectedOneIsComparedFirst) {
  s.receiver = 0;
  s.refusal = "PostgreSQL answered: the database system is not yet accepting connections (SQLSTATE 57P03)";
  s.lease.elected_at = rules::LogPoint{0x500, 2};
  s.lease.reserved_timeline = s.lease.timeline = 3;
  s.history = {{0x400, 1}, {0x500, 2}};
  s.data.least_recovery = {0x501, 2};
  std::optional<Ending> ending;
  for (int i = 0; i < 20 && !ending; ++i, s.now += 1s) ending = round();
  EXPECT_EQ(files.following, "");
  EXPECT_EQ(ending, Ending::Again);
  EXPECT_EQ(situation.repair, rules::Repair::Rewind);
}

TEST_F(StandbyTest, AServerThatWasPromotedByHandIsStoppedAndHasNoVote) {
  s.can_write = true;
  EXPECT_EQ(round(), Ending::Again);
  EXPECT_LT(s.position_of("signal 3"), s.position_of("note straying"));
  EXPECT_FALSE(s.is_running);
  EXPECT_FALSE(s.was_called("claim"));
}

TEST_F(StandbyTest, ALogBeyondTheElectedOnesAsksForNoMore) {
  s.lease.elected_at = rules::LogPoint{0x100, 1};  // and ours ends at 0x200
  s.lease.reserved_timeline = s.peers["b"].timeline = 2;
  EXPECT_EQ(round(), std::nullopt);
  EXPECT_EQ(files.following, "");
  EXPECT_TRUE(situation.report.is_uncompared);
  EXPECT_TRUE(situation.is_ahead);
  s.lease.timeline = 2;  // its first checkpoint is done
  s.now += 2s;
  EXPECT_EQ(round(), Ending::Again);
  EXPECT_EQ(situation.repair, rules::Repair::Rewind);
}

TEST_F(StandbyTest, AConnectionThatIsRefusedLeavesTheDataAlone) {
  round();
  s.is_reachable = false;
  for (int i = 0; i < 60; ++i) {
    s.receiver = 0;
    EXPECT_EQ(round(), std::nullopt);
    s.now += 1s;
  }
  EXPECT_EQ(situation.repair, rules::Repair::None);
  EXPECT_EQ(situation.stream_problem, "password authentication failed");
}

TEST_F(StandbyTest, NoStreamFromAPrimaryThatServesIsComparedAfterAWhile) {
  round();
  std::optional<Ending> ending;
  for (int i = 0; i < 60 && !ending; ++i) {
    s.receiver = 0;
    ending = round();
    s.now += 1s;
  }
  EXPECT_EQ(ending, Ending::Again);
  EXPECT_EQ(situation.repair, rules::Repair::Rewind);
}

TEST_F(StandbyTest, ALogThatThePrimaryNoLongerHasIsCopied) {
  round();
  s.peers["b"].oldest_lsn = "0/300";
  std::optional<Ending> ending;
  for (int i = 0; i < 12 && !ending; ++i) {
    s.receiver = 0;
    ending = round();
    s.now += 1s;
  }
  EXPECT_EQ(ending, Ending::Again);
  EXPECT_EQ(situation.repair, rules::Repair::Clone);
}

TEST_F(StandbyTest, LetsGoBeforeItTellsWhereItsLogEnds) {
  lose_the_primary();
  situation.followed = files.following = "b";
  std::optional<rules::MemberReport> told;
  peers.asked = DisarmCall{s.lease.resource_version, [&](const rules::MemberReport& report) { told = report; }};
  candidate.answer_calls();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->is_disarmed) << told->refusal;
  EXPECT_TRUE(commitment.is_disarmed());
  EXPECT_LT(s.position_of("follow "), s.position_of("receiver"));
  EXPECT_LT(s.position_of("receiver"), s.position_of("log end"));
}

TEST_F(StandbyTest, APrimaryLetsGoOfNobody) {
  situation.is_primary = true;
  std::optional<rules::MemberReport> told;
  peers.asked = DisarmCall{s.lease.resource_version, [&](const rules::MemberReport& report) { told = report; }};
  candidate.answer_calls();
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->is_disarmed);
  EXPECT_EQ(told->refusal, "is primary");
}

TEST_F(StandbyTest, IsElectedWithTheVotesOfAQuorum) {
  s.lease.synchronous.names = {"a", "c"};
  peers.votes = {vote_of("c", 0x200)};
  lose_the_primary();
  EXPECT_EQ(elect(), std::nullopt);
  EXPECT_TRUE(situation.is_primary);
  EXPECT_EQ(s.lease.holder, "a");
}

constexpr const char* kNotConsistent =
    "PostgreSQL answered: the database system is not yet accepting connections (SQLSTATE 57P03)";

TEST_F(StandbyTest, AServerThatIsNotConsistentHasNoVote) {
  lose_the_primary();
  s.refusal = kNotConsistent;
  std::optional<rules::MemberReport> told;
  peers.asked = DisarmCall{s.lease.resource_version, [&](const rules::MemberReport& report) { told = report; }};
  candidate.answer_calls();
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->is_disarmed);
  EXPECT_EQ(told->refusal, std::string("its server does not answer: ") + kNotConsistent);
  EXPECT_FALSE(s.was_called("receiver")) << "who asks gives up before one that cannot be seen was waited for";
}

// Every way to the Lease, with the votes that would do; also when the last look at the server was better.
TEST_F(StandbyTest, AServerThatIsNotConsistentIsNotElected) {
  const std::pair<const char*, std::function<void()>> ways[] = {
      {"the primary is silent", [&] { lose_the_primary(); }},
      {"it was released", [&] { s.lease.holder = ""; }},
      {"it stopped cleanly",
       [&] {
         s.lease.holder = "";
         s.lease.shutdown = rules::LogPoint{0x100, 1};
       }},
      {"it stopped cleanly and handed over",
       [&] {
         s.lease.holder = "";
         s.lease.shutdown = rules::LogPoint{0x100, 1};
         s.lease.handover_to = "a";
       }},
      {"elected before it was restarted", [&] { s.lease.holder = s.lease.promoting = "a"; }},
      {"the operator found it the newest of all volumes", [&] {
         s.lease.holder = s.lease.system_identifier = "";
         s.lease.recover_from = "a";
       }}};
  const auto before = s.lease;
  for (const bool was_accepting : {false, true}) {
    for (const auto& [what, make] : ways) {
      SCOPED_TRACE(what);
      s.lease = before;
      s.lease.synchronous.names = {"a", "c"};
      peers.votes = {vote_of("c", 0x200)};
      make();
      s.refusal = kNotConsistent;
      situation.report.is_accepting = was_accepting;
      static_cast<void>(elect());
      EXPECT_FALSE(s.was_called("claim"));
      EXPECT_FALSE(s.was_called("promote"));
      EXPECT_FALSE(situation.is_primary);
    }
  }
}

TEST_F(StandbyTest, ElectedBeforeItWasRestartedItGoesOn) {
  s.receiver = 0;
  s.lease.synchronous.names = {"a", "c"};
  s.lease.holder = s.lease.promoting = "a";
  EXPECT_EQ(elect(), std::nullopt);
  EXPECT_TRUE(situation.is_primary);
}

// An edit by hand, or a record from a backup; also in the moment in which another one is being promoted.
TEST_F(StandbyTest, NamedAndNotElectedItGivesTheLeaseBack) {
  for (const char* promoting : {"", "c"}) {
    SCOPED_TRACE(promoting);
    s.calls.clear();
    s.releases.clear();
    s.lease.synchronous.names = {"a", "c"};
    s.lease.holder = "a";
    s.lease.promoting = promoting;
    standby.stand_by(s.lease);
    EXPECT_FALSE(s.was_called("claim"));
    EXPECT_FALSE(s.was_called("promote"));
    ASSERT_EQ(s.releases.size(), 1u);
    EXPECT_EQ(s.releases[0].because, "a was named in the Lease, and had not been elected");
    EXPECT_FALSE(s.releases[0].shutdown) << "nobody has stopped cleanly";
  }
}

TEST_F(StandbyTest, WithoutASynchronousSetOnlyTimeEndsAnEarlierHolder) {
  s.lease.synchronous = {};
  s.lease.holder = "a";
  standby.stand_by(s.lease);
  EXPECT_FALSE(s.was_called("release"));
  s.silence = rules::LeaseTiming{}.duration;
  standby.stand_by(s.lease);
  EXPECT_TRUE(s.was_called("release"));
}

TEST_F(StandbyTest, WaitsWithoutAQuorum) {
  s.lease.synchronous.names = {"a", "c"};
  lose_the_primary();
  EXPECT_EQ(elect(), std::nullopt);
  EXPECT_FALSE(s.was_called("claim"));
  EXPECT_NE(situation.report.status.blocked, "");
}

TEST_F(StandbyTest, YieldsToWhoeverHasMoreOfTheLog) {
  s.lease.synchronous.names = {"a", "c"};
  peers.votes = {vote_of("c", 0x300)};
  lose_the_primary();
  EXPECT_EQ(elect(), std::nullopt);
  EXPECT_FALSE(s.was_called("claim"));
}

TEST_F(StandbyTest, GoesBackToAPrimaryThatRenewsMeanwhile) {
  s.lease.synchronous.names = {"a", "c"};
  peers.votes = {vote_of("c", 0x200)};
  lose_the_primary();
  lease.seen = s.lease;  // what we judge by
  s.after_call = [&] {
    if (s.calls.back() == "claim") s.change();  // renewed, and not seen yet
  };
  for (int i = 0; i < 50; ++i) {
    standby.stand_by(*lease.seen);
    base::wait_for({}, 1ms);
  }
  EXPECT_TRUE(s.was_called("claim"));
  EXPECT_FALSE(s.was_called("promote"));
  EXPECT_EQ(s.lease.holder, "b");
}

}  // namespace
}  // namespace cadence::agent::postgres
