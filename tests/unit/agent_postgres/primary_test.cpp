// When a primary goes, and when it stays.
#include "agent/postgres/primary/primary.hpp"
#include "unit/agent_postgres/fake_world_parts.hpp"

namespace cadence::agent::postgres {
namespace {

struct PrimaryTest : ::testing::Test, FakeWorld {
  PrimaryTest() {
    s.run_as(true);
    s.hold();
    situation.postmaster = s.pid;
    situation.is_primary = true;
    situation.report.is_accepting = true;
    situation.report.status.role = "primary";
  }
  std::optional<Ending> reign() { return primary.reign(s.lease); }
  void stream_to(const std::string& name, std::int64_t lag = 0) {
    situation.report.status.replication.push_back({name, "streaming", "quorum", "0/100", lag, "0/100"});
    s.peers[name].is_streaming = true;
  }

  Situation situation;
  Board board;
  Display display{ports, situation, board};
  Server running{ports, situation, display, [] {}};
  Commits commits{ports, situation, running};
  Primary primary{ports, situation, display, running, commits};
};

TEST_F(PrimaryTest, StaysWhileAllIsWell) {
  EXPECT_EQ(reign(), std::nullopt);
  EXPECT_TRUE(s.was_called("roles"));
  EXPECT_TRUE(s.was_called("describe"));
  EXPECT_TRUE(storage.is_on && door.is_on);
}

TEST_F(PrimaryTest, IsStoppedAtOnceWhenTheLeaseNamesAnother) {
  s.is_lost = true;
  s.lease.holder = "b";
  EXPECT_EQ(reign(), Ending::Again);
  EXPECT_LT(s.position_of("signal 3"), s.calls.size());
  EXPECT_FALSE(s.was_called("signal 2"));
  EXPECT_FALSE(s.was_called("release"));
}

TEST_F(PrimaryTest, HandsOverWhenNobodyCouldConnectFor35Seconds) {
  reign();
  door.found = {35s, "connection timed out"};
  EXPECT_EQ(reign(), std::nullopt);
  door.found.silence = 35s + 1ms;
  EXPECT_EQ(reign(), Ending::Again);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_EQ(s.releases[0].because, "nobody could connect to a any more");
  EXPECT_TRUE(s.was_called("signal 9"));
}

TEST_F(PrimaryTest, StaysWhileAllConnectionsAreTaken) {
  reign();
  door.found = {10min, "too many clients already (53300)"};
  EXPECT_EQ(reign(), std::nullopt);
}

TEST_F(PrimaryTest, HandsOverWhenTheDiskTookNoWritesFor10Seconds) {
  reign();
  storage.found.silence = 10s;
  EXPECT_EQ(reign(), std::nullopt);
  storage.found.silence = 10s + 1ms;
  EXPECT_EQ(reign(), Ending::Again);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_FALSE(s.releases[0].shutdown);
}

TEST_F(PrimaryTest, WhoeverHasNobodyToHandOverToWaitsForItsRecovery) {
  s.lease.synchronous.names.clear();
  situation.report.is_accepting = false;
  storage.start();
  storage.found.silence = 1min;
  EXPECT_EQ(reign(), std::nullopt);
}

TEST_F(PrimaryTest, ASetThatGrowsIsPublishedBeforeItIsApplied) {
  s.applied = s.lease.synchronous = {rules::SynchronousMode::Required, 1, {"b"}};
  stream_to("b");
  stream_to("c");
  reign();
  EXPECT_EQ(s.lease.synchronous.names, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(s.applied.names, std::vector<std::string>{"b"});
  reign();
  EXPECT_EQ(s.applied.names, (std::vector<std::string>{"b", "c"}));
}

TEST_F(PrimaryTest, SwitchesOverToWhoeverConfirmsTheLog) {
  stream_to("b");
  s.lease.switchover_to = "b";
  EXPECT_EQ(reign(), Ending::Again);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_EQ(s.releases[0].handover_to, "b");
  EXPECT_TRUE(s.releases[0].shutdown);
  EXPECT_LT(s.position_of("checkpoint"), s.position_of("signal 2"));
}

TEST_F(PrimaryTest, DoesNotSwitchOverToWhoeverIsAwayBehindOrFenced) {
  s.lease.switchover_to = "b";
  EXPECT_EQ(reign(), std::nullopt);
  stream_to("b", 17 << 20);
  EXPECT_EQ(reign(), std::nullopt);
  situation.report.status.replication[0].replay_lag_bytes = 0;
  s.lease.fenced = {"b"};
  EXPECT_EQ(reign(), std::nullopt);
  s.lease.fenced.clear();
  s.peers.clear();
  s.now += 10s;
  EXPECT_EQ(reign(), std::nullopt);
  EXPECT_TRUE(s.is_running);
}

TEST_F(PrimaryTest, ASettingOfOursThatIsStrangeTwiceIsWrittenAgain) {
  Answer answer;
  auto& status = situation.report.status;
  status.synchronous_standby_names = "";
  commits.measure(answer);
  EXPECT_FALSE(s.was_called("write again"));
  commits.measure(answer);
  EXPECT_TRUE(s.was_called("write again"));
  EXPECT_NE(status.unprotected, "");
}

TEST_F(PrimaryTest, SaysWhyACommitWaits) {
  reign();
  storage.found.silence = 6s;
  commits.measure({});
  EXPECT_EQ(situation.report.status.unacknowledged, "a commit waits for the disk, which takes no writes");
}

}  // namespace
}  // namespace cadence::agent::postgres
