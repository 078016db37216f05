// The whole life of an agent in a world that may stand still for a minute before any call of a port, while another
// instance claims the Lease: no right to write survives, and no other's Lease is written.
#include "agent/postgres/agent.hpp"
#include "unit/agent_postgres/fake_world_parts.hpp"

namespace cadence::agent::postgres {
namespace {

// Whoever writes is under the fence, or will be with the next call; with a Lease that ran out it does not write.
void hold_to_the_promise(FakeWorld& world) {
  auto& s = world.s;
  if (!s.is_running || !s.can_write) return;
  const bool has_just_started = s.calls.back() == "arm" || s.calls.back() == "start";
  if (has_just_started) return;
  EXPECT_EQ(s.armed, s.pid) << "no fence, after " << s.calls.back();
  EXPECT_TRUE(s.is_fresh()) << "writes with a Lease that ran out, after " << s.calls.back();
}

struct Story {
  std::function<void(FakeWorld&)> begin;
  std::size_t rounds;  // of waiting; then the agent is told to stop
};

// Gives how many calls there were.
std::size_t live(const Story& story, std::size_t stall_at, bool is_claimed) {
  FakeWorld world;
  auto& s = world.s;
  story.begin(world);
  s.stall_at = stall_at;
  s.is_claimed_in_stall = is_claimed;
  std::size_t rounds = 0;
  s.after_call = [&] { hold_to_the_promise(world); };
  s.on_wait = [&] { s.is_stop_requested = ++rounds >= story.rounds; };
  Board board;
  Agent agent(world.ports, board);
  EXPECT_EQ(agent.run(), 0);
  EXPECT_FALSE(s.is_running);
  if (is_claimed && stall_at > 0 && stall_at < s.calls.size()) {
    EXPECT_EQ(s.lease.holder, "b") << s.calls[stall_at - 1];
  }
  return s.calls.size();
}

void stall_everywhere(const Story& story) {
  const auto calls = live(story, 0, false);
  ASSERT_GT(calls, 60U);
  for (std::size_t at = 1; at <= calls; ++at) {
    SCOPED_TRACE("stands still before call " + std::to_string(at));
    live(story, at, true);
    live(story, at, false);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(AgentPauses, OfAPrimaryThatResumes) {
  stall_everywhere({[](FakeWorld& world) {
                      world.s.hold();
                      world.s.data.is_cleanly_stopped = true;
                    },
                    40});
}

TEST(AgentPauses, OfAStandbyThatIsElected) {
  stall_everywhere({[](FakeWorld& world) {
                      auto& s = world.s;
                      s.data.is_standby = true;
                      s.lease.last_holder = "c";
                      s.lease.synchronous.names = {"a", "b"};
                      s.lease.shutdown = rules::LogPoint{0x100, 1};
                      s.log_end.received = s.log_end.replayed = 0x200;
                    },
                    60});
}

// No standby is needed for the fence: without a renewal it stops whoever writes, and whoever comes back waits.
TEST(AgentLife, TheFenceStopsALonePrimaryWhoseLeaseIsNotRenewed) {
  FakeWorld world;
  auto& s = world.s;
  s.instances = {"a"};
  s.lease.synchronous = {rules::SynchronousMode::Off, 0, {}};
  s.hold();
  s.data.is_cleanly_stopped = true;
  std::size_t rounds = 0, ran = 0;
  s.after_call = [&] { hold_to_the_promise(world); };
  s.on_wait = [&] {
    ++rounds;
    if (rounds == 40) s.is_api_up = false;
    if (s.is_running) ran = rounds;
    s.is_stop_requested = rounds == 200;
  };
  Board board;
  Agent agent(world.ports, board);
  EXPECT_EQ(agent.run(), 0);
  EXPECT_GT(ran, 40U);  // the API server's absence alone stops nobody at once
  EXPECT_LT(ran, 70U);  // 5 s in rounds of 200 ms
  EXPECT_FALSE(s.can_write);
}

TEST(AgentLife, ANewDatabaseIsCreatedByWhoeverClaimedTheLease) {
  FakeWorld world;
  auto& s = world.s;
  s.options.may_initialize = true;
  s.data = {};
  s.lease = {};
  s.lease.is_present = true;
  s.lease.resource_version = "1";
  std::size_t rounds = 0;
  s.on_wait = [&] { s.is_stop_requested = ++rounds == 20; };
  Board board;
  Agent agent(world.ports, board);
  EXPECT_EQ(agent.run(), 0);
  EXPECT_TRUE(s.was_called("initialise"));
  EXPECT_LT(s.position_of("claim"), s.position_of("initialise"));
}

TEST(AgentLife, AFencedInstanceStaysStopped) {
  FakeWorld world;
  auto& s = world.s;
  s.hold();
  s.data.is_cleanly_stopped = true;
  std::size_t rounds = 0;
  s.on_wait = [&] {
    ++rounds;
    if (rounds == 20) s.lease.fenced = {"a"};
    EXPECT_FALSE(rounds > 30 && s.is_running);
    s.is_stop_requested = rounds == 60;
  };
  Board board;
  Agent agent(world.ports, board);
  EXPECT_EQ(agent.run(), 0);
  ASSERT_EQ(s.releases.size(), 1U);
  EXPECT_TRUE(s.releases[0].shutdown);
}

}  // namespace
}  // namespace cadence::agent::postgres
