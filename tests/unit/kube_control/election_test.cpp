#include "kube/control/election.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <random>

#include "kube/control/leader_election.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;

// A Lease as the API server keeps it; one view per candidate, so that each can be cut off by itself.
struct Server {
  std::optional<types::Lease> lease;
  int version = 0;
  std::mutex mutex;
};

class View final : public LeaseClient {
 public:
  explicit View(Server& server) : server_(server) {}
  base::Result<types::Lease> get(const core::ObjectKey&, std::stop_token) override {
    const std::lock_guard lock(server_.mutex);
    ++calls;
    if (is_cut) return cut();
    if (!server_.lease) return base::Error{ErrorKind::NotFound, "none"};
    return *server_.lease;
  }
  base::Result<types::Lease> create(const types::Lease& lease, std::stop_token) override {
    const std::lock_guard lock(server_.mutex);
    ++calls;
    if (is_cut) return cut();
    if (server_.lease) return base::Error{ErrorKind::Conflict, "there"};
    return store(lease);
  }
  base::Result<types::Lease> replace(const types::Lease& lease, std::stop_token) override {
    const std::lock_guard lock(server_.mutex);
    ++calls;
    if (is_cut) return cut();
    if (!server_.lease || server_.lease->metadata.resource_version != lease.metadata.resource_version)
      return base::Error{ErrorKind::Conflict, "changed"};
    auto stored = store(lease);
    if (loses_answers) return cut();
    return stored;
  }
  bool is_cut = false, loses_answers = false;
  int calls = 0;

 private:
  static base::Error cut() { return {ErrorKind::Transient, "cut"}; }
  types::Lease store(types::Lease lease) {
    lease.metadata.uid = "u";
    lease.metadata.resource_version = std::to_string(++server_.version);
    server_.lease = lease;
    return lease;
  }
  Server& server_;
};

struct Candidate {
  Candidate(const std::string& name, Server& server, const base::Clock& clock)
      : view(server), election({.lease = {"demo", "operator"}, .identity = name}, view, registry, clock) {}
  bool try_once() { return election.try_once({}); }
  View view;
  Registry registry;
  Election election;
};

struct ElectionTest : ::testing::Test {
  std::string holder() { return server.lease->spec.holder_identity.value_or(""); }
  Server server;
  base::ManualClock clock;
  Candidate a{"a", server, clock}, b{"b", server, clock};
};

TEST_F(ElectionTest, TheFirstLeadsAndRenewsWithOneCall) {
  EXPECT_FALSE(a.election.may_write());
  EXPECT_TRUE(a.try_once());
  EXPECT_FALSE(b.try_once());
  EXPECT_EQ(server.lease->spec.lease_duration_seconds, 15);
  EXPECT_EQ(server.lease->spec.lease_transitions, 0);
  a.view.calls = 0;
  clock.advance(2s);
  EXPECT_TRUE(a.try_once());
  EXPECT_EQ(a.view.calls, 1);
  EXPECT_EQ(server.lease->spec.renew_time, base::format_rfc3339_micro(clock.wall()));
  EXPECT_NE(a.registry.text().find("leader_election_master_status{name=\"operator\"} 1"), std::string::npos);
}

TEST_F(ElectionTest, ALeaderThatDiedIsFollowedAfterTheDurationSinceItsLastChange) {
  a.try_once();
  clock.advance(10s);
  EXPECT_FALSE(b.try_once());  // b sees the record for the first time now
  clock.advance(14s);
  EXPECT_FALSE(b.try_once());
  clock.advance(2s);
  EXPECT_TRUE(b.try_once());
  EXPECT_EQ(holder(), "b");
  EXPECT_EQ(server.lease->spec.lease_transitions, 1);
}

TEST_F(ElectionTest, TimeStampsAreNotBelieved) {
  a.try_once();
  server.lease->spec.renew_time = "1999-01-01T00:00:00.000000Z";
  EXPECT_FALSE(b.try_once());
  clock.advance(14s);
  EXPECT_FALSE(b.try_once());
}

TEST_F(ElectionTest, StopsWritingBeforeTheDeadlineWhenCutOff) {
  a.try_once();
  a.view.is_cut = true;
  clock.advance(9s);
  EXPECT_TRUE(a.election.may_write());
  EXPECT_TRUE(a.try_once());  // still believed
  clock.advance(500ms);
  EXPECT_FALSE(a.election.may_write());
  EXPECT_FALSE(a.try_once());
  EXPECT_NE(a.registry.text().find("leader_election_slowpath_total{name=\"operator\"} 1"), std::string::npos);
}

TEST_F(ElectionTest, ALostAnswerIsRepairedByTheSlowPath) {
  a.try_once();
  a.view.loses_answers = true;
  clock.advance(2s);
  a.try_once();
  a.view.loses_answers = false;
  clock.advance(2s);
  EXPECT_TRUE(a.try_once());
  clock.advance(9s);
  EXPECT_TRUE(a.election.may_write());
}

TEST_F(ElectionTest, SeesAtOnceThatAnotherLeads) {
  a.try_once();
  server.lease->spec.holder_identity = "b";
  server.lease->metadata.resource_version = "99";
  EXPECT_FALSE(a.try_once());
  EXPECT_FALSE(a.election.may_write());
}

TEST_F(ElectionTest, AReleaseLetsTheNextFollowAtOnce) {
  a.try_once();
  b.try_once();
  a.election.release({});
  EXPECT_FALSE(a.election.may_write());
  EXPECT_EQ(holder(), "");
  EXPECT_TRUE(b.try_once());
}

TEST_F(ElectionTest, AReleaseSurvivesALostAnswerAndNeverTakesAnothersLease) {
  a.try_once();
  a.view.loses_answers = true;
  a.try_once();
  a.view.loses_answers = false;
  a.election.release({});
  EXPECT_EQ(holder(), "");
  b.try_once();
  a.election.release({});
  EXPECT_EQ(holder(), "b");
}

// Whatever is cut or lost, and whenever each one tries: never two that may write.
TEST(ElectionProperty, AtMostOneMayWrite) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    Server server;
    base::ManualClock clock;
    Candidate candidates[] = {{"a", server, clock}, {"b", server, clock}, {"c", server, clock}};
    for (int i = 0; i < 200; ++i) {
      auto& one = candidates[random() % 3];
      one.view.is_cut = random() % 4 == 0;
      one.view.loses_answers = random() % 4 == 0;
      if (random() % 20 == 0) one.election.release({});
      else one.try_once();
      clock.advance(std::chrono::milliseconds(random() % 4000));
      int writers = 0;
      for (const auto& candidate : candidates) writers += candidate.election.may_write();
      ASSERT_LE(writers, 1) << "seed " << seed << " step " << i;
    }
  }
}

TEST(ElectionOptionsTest, NonsenseIsRefused) {
  ElectionOptions good{{"demo", "operator"}, "me"};
  EXPECT_TRUE(validate(good));
  for (const auto& spoil : std::initializer_list<std::function<void(ElectionOptions&)>>{
           [](auto& o) { o.identity = ""; }, [](auto& o) { o.lease.name = ""; },
           [](auto& o) { o.duration = o.renew_deadline; }, [](auto& o) { o.retry = 9s; },
           [](auto& o) { o.stop_margin = 10s; }}) {
    auto bad = good;
    spoil(bad);
    EXPECT_FALSE(validate(bad));
  }
  EXPECT_NE(make_identity(), make_identity());
}

TEST(LeaderElectorTest, CallsBackAndGivesTheLeaseBack) {
  Server server;
  View view(server);
  Registry registry;
  LeaderElector elector(
      {.lease = {"demo", "operator"}, .identity = "a", .duration = 3s, .renew_deadline = 2s, .retry = 20ms}, view,
      registry);
  std::atomic<bool> acquired{false}, lost{false};
  elector.start({[&] { acquired = true; }, [&] { lost = true; }});
  while (!acquired) std::this_thread::yield();
  EXPECT_TRUE(elector.may_write());
  elector.stop();
  EXPECT_FALSE(lost);
  EXPECT_EQ(server.lease->spec.holder_identity, "");
}

TEST(LeaderElectorTest, TellsWhenTheLeadIsLost) {
  Server server;
  View view(server);
  Registry registry;
  LeaderElector elector({.lease = {"demo", "operator"},
                         .identity = "a",
                         .duration = 3s,
                         .renew_deadline = 300ms,
                         .retry = 20ms,
                         .stop_margin = 100ms},
                        view, registry);
  std::atomic<bool> lost{false};
  elector.start({[&] {
                   const std::lock_guard lock(server.mutex);
                   view.is_cut = true;
                 },
                 [&] { lost = true; }});
  for (int i = 0; i < 1000 && !lost; ++i) base::wait_for({}, 10ms);
  EXPECT_TRUE(lost);
  EXPECT_FALSE(elector.may_write());
}

TEST(LeaderElectorTest, LeadsAgainAfterAnOutage) {
  Server server;
  View view(server);
  Registry registry;
  LeaderElector elector({.lease = {"demo", "operator"},
                         .identity = "a",
                         .duration = 30s,
                         .renew_deadline = 2s,
                         .retry = 20ms,
                         .stop_margin = 100ms},
                        view, registry);
  std::atomic<int> acquired{0};
  const auto cut = [&](bool is_cut) {
    const std::lock_guard lock(server.mutex);
    view.is_cut = is_cut;
  };
  elector.start({[&] { cut(++acquired == 1); }, [&] { cut(false); }});
  for (int i = 0; i < 1000 && acquired < 2; ++i) base::wait_for({}, 10ms);
  EXPECT_GE(acquired, 2);
  EXPECT_TRUE(elector.may_write());
}

}  // namespace
}  // namespace cadence::kube::control
