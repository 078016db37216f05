// The planner and the executor over real nodes: formed, interrupted, crashed, moved, emptied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bed.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::test {
namespace {

using redis::plan::Phase;

constexpr int kKeys = 60;

// A node may be too busy to answer one look.
void expect_whole(Bed& bed) {
  redis::plan::Summary summary;
  const auto is_whole = [&] {
    summary = redis::plan::summarize(bed.desired, bed.observe());
    return summary.slots_owned == redis::kSlotCount &&
           std::all_of(summary.shards.begin(), summary.shards.end(), [&](const auto& shard) {
             return static_cast<int>(shard.replicas.size()) == bed.desired.replicas_per_shard;
           });
  };
  EXPECT_TRUE(eventually(is_whole)) << summary.slots_owned << " slots";
}

TEST(RedisCluster, IsFormedQuicklyAndThenLeftAlone) {
  Bed bed;
  ASSERT_TRUE(eventually([&] { return redis::plan::plan_redis(bed.desired, bed.observe()).phase == Phase::Forming; }));
  const auto start = std::chrono::steady_clock::now();
  bed.reach_healthy();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  RecordProperty("formed_ms", static_cast<int>(took.count()));
  std::cerr << "formed in " << took.count() << " ms with " << bed.done.size() << " commands\n";
  expect_whole(bed);
  EXPECT_TRUE(bed.desired.was_formed);
  for (int shard = 0; shard < 3; ++shard) EXPECT_EQ(bed.master_of(shard).name(), bed.node(shard, 0).name());
  bed.write_keys(kKeys);
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
  EXPECT_TRUE(eventually([&] { return redis::plan::plan_redis(bed.desired, bed.observe()).phase == Phase::Healthy; }))
      << "nothing is left to do";
}

TEST(RedisCluster, IsFormedAlthoughTheOperatorDiesAfterEachCommand) {
  Bed bed;
  bed.reach(Phase::Healthy, 1);
  expect_whole(bed);
  for (const auto& line : bed.done) EXPECT_EQ(line.find("FAILED"), std::string::npos) << line;
}

TEST(RedisCluster, SurvivesTheCrashOfAMaster) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  auto& old_master = bed.master_of(1);
  old_master.crash();
  EXPECT_EQ(bed.reach(Phase::Healing).commands.size(), 0U);
  ASSERT_EQ(bed.await_keys(kKeys), kKeys);
  EXPECT_NE(bed.master_of(1).name(), old_master.name());
  old_master.start();
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_EQ(bed.replica_of(1).name(), old_master.name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisCluster, FindsTogetherWhenEveryAddressChanged) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  for (auto& node : bed.nodes) node->crash();
  for (auto& node : bed.nodes) {
    node->move();
    node->start();
  }
  const auto before = bed.done.size();
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_GT(bed.done.size(), before);
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisCluster, GivesAnEmptiedReplicaItsDataBackAndForgetsItsOldName) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  auto& replica = bed.replica_of(2);
  replica.crash();
  replica.wipe();
  replica.move();
  replica.start();
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_THAT(bed.done, testing::Contains(testing::HasSubstr("CLUSTER FORGET")));
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
  EXPECT_TRUE(eventually([&] {
    const auto pods = bed.observe().pods;
    return std::all_of(pods.begin(), pods.end(), [](const auto& pod) {
      const auto* probed = std::get_if<redis::Reachable>(&pod.probe);
      return probed != nullptr && probed->nodes.size() == 6;
    });
  }));
}

// One master left of three elects nobody; their replicas have everything.
TEST(RedisCluster, TakesOverWhenMostMastersAreGoneWithTheirVolumes) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  for (int shard = 0; shard < 2; ++shard) {
    auto& master = bed.node(shard, 0);
    master.crash();
    master.wipe();
    master.move();
  }
  for (int shard = 0; shard < 2; ++shard) bed.node(shard, 0).start();
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_THAT(bed.done, testing::Contains(testing::HasSubstr("CLUSTER FAILOVER TAKEOVER")));
  for (int shard = 0; shard < 2; ++shard) EXPECT_EQ(bed.master_of(shard).name(), bed.node(shard, 1).name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisCluster, SaysThatAShardIsLostAndStartsItEmptyOnlyWhenTold) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  const int left = kKeys - bed.keys_at(bed.node(0, 0));
  EXPECT_GT(left, 0);
  EXPECT_LT(left, kKeys);
  for (int ordinal = 0; ordinal < 2; ++ordinal) {
    bed.node(0, ordinal).crash();
    bed.node(0, ordinal).wipe();
    bed.node(0, ordinal).move();
  }
  for (int ordinal = 0; ordinal < 2; ++ordinal) bed.node(0, ordinal).start();
  const auto plan = bed.reach(Phase::Frozen);
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "DataLost");
  EXPECT_THAT(plan.message, testing::HasSubstr("shard 0"));
  EXPECT_LT(redis::plan::summarize(bed.desired, bed.observe()).slots_owned, redis::kSlotCount);
  EXPECT_EQ(bed.await_keys(kKeys, left), left);

  bed.desired.accept_data_loss = {0};
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_EQ(bed.await_keys(kKeys, left), left);
  bed.write_keys(kKeys);
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisCluster, NeverFormsAgainWhatWasFormedAndLostEverything) {
  Bed bed({.shards = 1, .replicas_per_shard = 1, .was_formed = true, .is_cache = false, .accept_data_loss = {}});
  const auto plan = bed.reach(Phase::Frozen);
  EXPECT_EQ(plan.problems.front().reason, "DataLost");
  EXPECT_EQ(redis::plan::summarize(bed.desired, bed.observe()).slots_owned, 0);
}

TEST(RedisCluster, TakesMoreReplicas) {
  Bed bed({.shards = 3, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}});
  bed.reach_healthy();
  bed.write_keys(kKeys);
  bed.desired.replicas_per_shard = 1;
  for (int shard = 0; shard < 3; ++shard) bed.add(shard, 1);
  bed.reach_healthy();
  expect_whole(bed);
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisCluster, ReportsAnotherNumberOfShardsAndTouchesNothing) {
  Bed bed({.shards = 1, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}});
  bed.reach_healthy();
  bed.desired.shards = 3;
  bed.add(1, 0);
  bed.add(2, 0);
  bed.done.clear();
  const auto plan = bed.reach(Phase::Healthy);
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "NotImplemented");
  EXPECT_TRUE(bed.done.empty());
}

TEST(RedisProbe, TellsKindsOfSilenceApart) {
  Bed bed({.shards = 1, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}});
  auto target = bed.nodes.front()->target();
  const auto ask = [&](std::chrono::milliseconds bound) {
    return redis::probe(target, {.deadline = base::system_clock().monotonic() + bound});
  };
  const auto silence = [&](std::chrono::milliseconds bound = std::chrono::seconds(5)) {
    const auto answer = ask(bound);
    return std::get<redis::Unreachable>(answer).silence;
  };
  ASSERT_TRUE(
      eventually([&] { return std::holds_alternative<redis::Reachable>(ask(std::chrono::milliseconds(500))); }));
  target.credentials.password = "wrong";
  EXPECT_EQ(silence(), redis::Silence::Forbidden);
  target = bed.nodes.front()->target();
  bed.nodes.front()->freeze();
  EXPECT_EQ(silence(std::chrono::milliseconds(200)), redis::Silence::TimedOut);
  bed.nodes.front()->thaw();
  bed.nodes.front()->crash();
  EXPECT_EQ(silence(), redis::Silence::Refused);
}

}  // namespace
}  // namespace cadence::test
