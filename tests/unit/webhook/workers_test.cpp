#include "queue/workers.hpp"

#include <gtest/gtest.h>

#include "fake_store.hpp"
#include "intake_support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;

// Ends at once, fails, or runs until it is stopped, as the repository's name says.
class ScriptedAnalyzer final : public Analyzer {
 public:
  std::atomic<int> running{0}, most{0}, most_beside_suspects{0};
  base::Result<Analysis> analyse(const Claim& claim, const std::function<void(const std::string&)>& progress,
                                 std::stop_token stop) override {
    progress("analyzing");
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
    if (claim.spec.repo == "suspect") {
      base::wait_for(stop, milliseconds(10));  // others would begin meanwhile
      most_beside_suspects = std::max<int>(most_beside_suspects, std::max<int>(now, running));
    }
    if (claim.spec.repo == "slow") base::wait_for(stop, std::chrono::minutes(5));
    --running;
    if (claim.spec.repo == "slow") return base::Error{base::ErrorKind::Canceled, "stopped"};
    if (claim.spec.repo == "broken")
      return base::Error{base::ErrorKind::NotFound, "failed to clone repository: not there"};
    return Analysis{"{}", "{}", 1, 1};
  }
};

WorkerOptions quick() {
  WorkerOptions options;
  options.hands = 2;
  options.poll = milliseconds(5);
  options.renew_every = milliseconds(10);
  return options;
}

Claim job(const std::string& id, const std::string& repo) {
  Claim claim;
  claim.job_id = id;
  claim.spec.url = "https://h/r";
  claim.spec.repo = repo;
  return claim;
}

Claim asked_for(const std::string& id, const std::string& repo) {
  auto claim = job(id, repo);
  claim.spec.event_type = "api_analysis_repo";
  return claim;
}

TEST(WorkerPool, WhatWasAskedForHoldsHalfOfTheHands) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  for (int i = 0; i < 6; ++i) store.add(asked_for("asked" + std::to_string(i), "slow"));
  auto options = quick();
  options.hands = 4;
  WorkerPool pool(store, analyzer, {"w", "pod"}, options);
  ASSERT_TRUE(eventually([&] { return analyzer.running == 2; }));
  for (int i = 0; i < 20; ++i) store.add(job("push" + std::to_string(i), "kiln"));
  pool.wake();
  EXPECT_TRUE(eventually([&] { return store.outcomes().size() == 20; }))
      << "strangers' jobs hold the other hands for as long as they like";
  EXPECT_EQ(analyzer.running, 2);
  pool.drain(milliseconds(0));
}

TEST(WorkerPool, CompletesFailsAndLives) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.add(job("a", "good"));
  store.add(job("b", "broken"));
  auto nameless = job("c", "good");
  nameless.spec.url.clear();
  store.add(nameless);
  store.add(job("d", "good"));
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick());
  ASSERT_TRUE(eventually([&] { return store.outcomes().size() == 4; }));
  const auto outcomes = store.outcomes();
  EXPECT_EQ(outcomes.at("a").error, "");
  EXPECT_EQ(outcomes.at("b").error, "failed to clone repository: not there");
  EXPECT_EQ(outcomes.at("c").error,
            "analysis failed: the event names no repository. Its body lacks repository.clone_url");
  EXPECT_EQ(outcomes.at("d").result, "{}");
}

TEST(WorkerPool, NeverRunsMoreThanItsHands) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  for (int i = 0; i < 5; ++i) store.add(job(std::to_string(i), "slow"));
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick());
  ASSERT_TRUE(eventually([&] { return analyzer.running == 2; }));
  ASSERT_TRUE(eventually([&] { return pool.depth().waiting == 3; }));
  pool.drain(milliseconds(0));
  EXPECT_EQ(analyzer.most, 2);
}

// A million jobs take a while to count, and meanwhile none is claimed.
TEST(WorkerPool, CountingTakesATwentiethOfItsTimeAtMost) {
  FakeStore store;
  constexpr milliseconds kTaken{100};
  store.is_counting_held = true;
  ScriptedAnalyzer analyzer;
  WorkerPool pool(store, analyzer, {"w", "pod"}, quick());
  EXPECT_TRUE(eventually([&] { return store.counts == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return std::chrono::steady_clock::now() - begun > kTaken; }));
  store.is_counting_held = false;
  ASSERT_TRUE(eventually([&] { return store.counts == 2; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 20 * kTaken);
}

TEST(WorkerPool, EndsAJobThatTakesTooLong) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.add(job("a", "slow"));
  auto options = quick();
  options.job_limit = milliseconds(30);
  WorkerPool pool(store, analyzer, {"me", "pod"}, options);
  ASSERT_TRUE(eventually([&] { return store.outcomes().contains("a"); }));
  EXPECT_NE(store.outcomes().at("a").error.find("timeout"), std::string::npos);
}

TEST(WorkerPool, DrainHandsBackWhatRuns) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.add(job("a", "slow"));
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick());
  ASSERT_TRUE(eventually([&] { return analyzer.running == 1; }));
  pool.drain(milliseconds(10));
  EXPECT_EQ(store.hand_backs, 1);
  EXPECT_EQ(store.leaves, 1);
  EXPECT_TRUE(store.outcomes().empty());
}

TEST(WorkerPool, StopsItsAnalysesBeforeTheLeaseIsLost) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.add(job("a", "slow"));
  auto options = quick();
  options.give_up_after = milliseconds(50);
  WorkerPool pool(store, analyzer, {"me", "pod"}, options);
  ASSERT_TRUE(eventually([&] { return analyzer.running == 1; }));
  store.is_away = true;
  ASSERT_TRUE(eventually([&] { return analyzer.running == 0; }));
  store.is_away = false;
  ASSERT_TRUE(eventually([&] { return store.hand_backs == 1; }))
      << "and gives the job back when the store is there again";
}

TEST(WorkerPool, AJobWhoseWorkerDiedRunsAlone) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  for (int i = 0; i < 20; ++i) {
    auto one = job(std::to_string(i), i % 5 == 2 ? "suspect" : "good");
    one.attempt = i % 5 == 2 ? 1 : 0;
    store.add(one);
  }
  auto options = quick();
  options.hands = 4;
  WorkerPool pool(store, analyzer, {"me", "pod"}, options);
  ASSERT_TRUE(eventually([&] { return store.outcomes().size() == 20; }));
  EXPECT_EQ(analyzer.most_beside_suspects, 1);
}

TEST(WorkerPool, WaitsForTheStoreAtTheStart) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.is_away = true;
  store.add(job("a", "good"));
  std::atomic<int> back{0};
  WorkerEvents events;
  events.on_store_back = [&] { ++back; };
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick(), events);
  EXPECT_EQ(back, 0);
  store.is_away = false;
  ASSERT_TRUE(eventually([&] { return store.outcomes().contains("a"); }));
  EXPECT_EQ(back, 1);
  store.is_away = true;
  ASSERT_TRUE(eventually([&] { return !pool.store_health().is_up; }));
  store.is_away = false;
  EXPECT_TRUE(eventually([&] { return back == 2; }));
}

TEST(WorkerPool, TellsWhyTheStoreIsNotWellForAsLongAsItIsNot) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick());
  const auto is_well = [&] { return pool.store_health().is_up && pool.store_health().trouble == Trouble{}; };
  const auto is_told = [&] {
    return !pool.store_health().is_up && pool.store_health().trouble == Trouble{"42501", "no rights"};
  };
  ASSERT_TRUE(eventually(is_well));
  for (auto* fault : {&store.is_away, &store.is_closed, &store.is_claim_refused}) {
    *fault = true;
    ASSERT_TRUE(eventually(is_told));
    const int renewals = store.renewals;
    if (fault != &store.is_away) {
      ASSERT_TRUE(eventually([&] {
        EXPECT_TRUE(is_told()) << "a lease that was renewed in between tells nothing";
        return store.renewals > renewals + 3;
      }));
    }
    *fault = false;
    ASSERT_TRUE(eventually(is_well));
  }
}

TEST(WorkerPool, RunsJobsWhileOnlyReceiversAreRefused) {
  FakeStore store;
  ScriptedAnalyzer analyzer;
  store.is_closed = true;
  store.add(job("a", "good"));
  WorkerPool pool(store, analyzer, {"me", "pod"}, quick());
  EXPECT_TRUE(eventually([&] { return store.outcomes().contains("a"); }));
  EXPECT_FALSE(pool.store_health().is_up);
}

}  // namespace
}  // namespace cadence::queue
