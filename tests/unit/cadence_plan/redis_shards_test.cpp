#include <gtest/gtest.h>

#include "cadence/plan/redis/redis.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/status/summarise.hpp"
#include "kube/core/conditions.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

// A World whose Redis Cluster was formed, with everything in its place.
class RedisWorld : public World {
 public:
  RedisWorld(int shards, int replicas)
      : World(("{\"redis\":{\"shards\":" + std::to_string(shards) +
               ",\"replicasPerShard\":" + std::to_string(replicas) + "}}")
                  .c_str()) {
    settle();
    for (int shard = 0; shard < shards; ++shard) {
      for (int ordinal = 0; ordinal <= replicas; ++ordinal) start(shard, ordinal);
    }
    form(shards);
    report();
  }

  void start(int shard, int ordinal) {
    auto labels = names::labels_of("c", resources::kRedis);
    labels[names::kShardLabel] = std::to_string(shard);
    put(kube::types::Pod::kind_info(), {{"metadata", {{"name", name(shard, ordinal)}, {"labels", labels}}},
                                        {"status", {{"phase", "Running"}, {"podIP", address(shard, ordinal)}}}});
    redis::Reachable alone;
    alone.node_id = id(shard, ordinal);
    alone.nodes = {entry(shard, ordinal)};
    alone.nodes.front().is_myself = true;
    seen.redis[name(shard, ordinal)] = alone;
  }

  // All nodes of these shards know each other; ordinal 0 leads.
  void form(int shards) {
    std::vector<redis::NodeEntry> table;
    for (const auto& [pod, probe] : seen.redis) table.push_back(std::get<redis::Reachable>(probe).nodes.front());
    for (auto& line : table) {
      const int shard = line.id.at(0) - '0';
      line.is_myself = false;
      line.is_master = line.id.at(1) == '0';
      line.is_replica = !line.is_master;
      if (line.is_master) line.slots = {redis::plan::range_of_shard(shard, shards)};
      else line.master_id = id(shard, 0);
    }
    for (auto& [pod, probe] : seen.redis) {
      auto& node = std::get<redis::Reachable>(probe);
      node.nodes = table;
      for (auto& line : node.nodes) line.is_myself = line.id == node.node_id;
      node.cluster.is_ok = true;
      node.cluster.slots_ok = redis::kSlotCount;
      node.cluster.my_epoch = 1;
      node.server.is_master = node.myself()->is_master;
      node.server.is_master_link_up = !node.server.is_master;
    }
  }

  void ask_for(int shards, int replicas) {
    auto cluster = std::make_shared<api::CadenceCluster>(*seen.cluster);
    cluster->spec.redis.shards = shards;
    cluster->spec.redis.replicas_per_shard = replicas;
    seen.cluster = cluster;
  }

  // What the operator writes is what it reads the next time.
  api::CadenceClusterStatus report() {
    auto cluster = std::make_shared<api::CadenceCluster>(*seen.cluster);
    cluster->status = status::summarise(seen, plan(), {}, now);
    seen.cluster = cluster;
    return cluster->status;
  }

  [[nodiscard]] bool makes_or_removes_a_shard() const {
    const auto next = plan();
    return std::any_of(next.actions.begin(), next.actions.end(), [](const Action& action) {
      return action.object.kind == "StatefulSet" && action.reason != "Updated";
    });
  }

 private:
  static std::string name(int shard, int ordinal) {
    return "c-redis-" + std::to_string(shard) + "-" + std::to_string(ordinal);
  }
  static std::string id(int shard, int ordinal) { return std::to_string(shard) + std::to_string(ordinal) + "aaaaaaaa"; }
  static std::string address(int shard, int ordinal) {
    return "10.0." + std::to_string(shard) + "." + std::to_string(ordinal);
  }
  static redis::NodeEntry entry(int shard, int ordinal) {
    redis::NodeEntry out;
    out.id = id(shard, ordinal);
    out.address.ip = address(shard, ordinal);
    out.is_master = true;
    return out;
  }
};

const kube::core::Condition& condition(const api::CadenceClusterStatus& status, const char* type) {
  return *kube::core::find_condition(status.conditions, type);
}

TEST(RedisShards, AFormedClusterIsAvailable) {
  RedisWorld world(3, 1);
  const auto status = world.report();
  EXPECT_EQ(condition(status, "RedisReady").reason, "Available") << condition(status, "RedisReady").message;
  EXPECT_EQ(condition(status, "Degraded").status, "False");
  EXPECT_EQ(status.redis.shards.size(), 3U);
}

// A password that has not reached the servers yet says nothing of their slots.
TEST(RedisShards, WhatIsNotKnownIsNotToldAsNothing) {
  for (const auto silence : {redis::Silence::Forbidden, redis::Silence::TimedOut}) {
    RedisWorld world(3, 1);
    for (auto& [pod, probe] : world.seen.redis) probe = redis::Unreachable{{}, silence, "WRONGPASS"};
    const auto status = world.report();
    EXPECT_EQ(status.redis.slots_owned, redis::kSlotCount);
    EXPECT_EQ(status.redis.shards.at(2).master, "c-redis-2-0");
    EXPECT_EQ(status.redis.summary, "3 shards, not known now");
    EXPECT_EQ(condition(status, "RedisReady").status, "False");
    EXPECT_NE(condition(status, "RedisReady").message.find("not known"), std::string::npos)
        << condition(status, "RedisReady").message;
    EXPECT_EQ(condition(status, "RedisReady").message.find("0 of 16384"), std::string::npos);
  }
  RedisWorld unasked(3, 1);
  unasked.seen.redis.clear();
  EXPECT_EQ(unasked.report().redis.slots_owned, redis::kSlotCount) << "nobody knew a password to ask with";
  RedisWorld refused(3, 1);
  for (auto& [pod, probe] : refused.seen.redis) probe = redis::Unreachable{{}, redis::Silence::Refused, "refused"};
  EXPECT_EQ(refused.report().redis.slots_owned, 0) << "no server runs: nothing is served";
}

TEST(RedisShards, AnotherNumberIsRefusedWithTheWayBackAndNothingMoves) {
  struct Row {
    int formed, replicas, wanted, wanted_replicas;
  };
  for (const auto& [formed, replicas, wanted, wanted_replicas] :
       {Row{3, 1, 5, 1}, Row{5, 1, 3, 1}, Row{3, 0, 4, 0}, Row{3, 1, 1, 1}, Row{1, 0, 3, 0}}) {
    SCOPED_TRACE(std::to_string(formed) + " to " + std::to_string(wanted));
    RedisWorld world(formed, replicas);
    world.ask_for(wanted, wanted_replicas);
    EXPECT_FALSE(world.makes_or_removes_a_shard()) << to_text(world.plan());
    const auto status = world.report();
    const auto back = "back to " + std::to_string(formed) + ".";
    EXPECT_EQ(condition(status, "Degraded").status, "True");
    EXPECT_EQ(condition(status, "Degraded").reason, "NotImplemented");
    EXPECT_NE(condition(status, "Degraded").message.find("set spec.redis.shards " + back), std::string::npos)
        << condition(status, "Degraded").message;
    const auto& redis = condition(status, "RedisReady");
    EXPECT_EQ(redis.status, "False");
    EXPECT_EQ(redis.reason, "NotImplemented") << redis.message;
    EXPECT_NE(redis.message.find(back), std::string::npos) << redis.message;
    EXPECT_NE(redis.message.find(formed == 1 ? "All slots are served"
                                             : "All 16384 slots are served by " + std::to_string(formed) + " shards."),
              std::string::npos)
        << redis.message;
    EXPECT_EQ(status.redis.shards.size(), static_cast<std::size_t>(formed));
    EXPECT_EQ(status.redis.slots_owned, redis::kSlotCount);

    world.ask_for(formed, replicas);
    EXPECT_EQ(condition(world.report(), "RedisReady").reason, "Available");
  }
}

TEST(RedisShards, AShardWhoseNodesAreSilentIsStillOne) {
  for (const int wanted : {3, 5, 7}) {
    RedisWorld world(5, 0);
    world.seen.redis["c-redis-4-0"] = redis::Unreachable{};
    world.ask_for(wanted, 0);
    for (int look = 0; look < 3; ++look) {
      EXPECT_EQ(world.report().redis.shards.size(), 5U) << wanted;
      EXPECT_FALSE(world.makes_or_removes_a_shard()) << wanted;
    }
    EXPECT_EQ(condition(world.report(), "RedisReady").reason, "SlotsMissing");
  }
}

TEST(RedisShards, ShardsThatNeverGotSlotsGoAgain) {
  RedisWorld world(3, 0);
  // As a version before this one left it: pods and an entry in status for a fourth shard.
  world.put(kube::types::StatefulSet::kind_info(),
            {{"metadata", {{"name", "c-redis-3"}, {"ownerReferences", json::Value::array({world.cluster_owner()})}}}});
  world.start(3, 0);
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status.redis.shards.push_back({.index = 3, .master = {}, .replicas = {}, .slots = 0});
  world.seen.cluster = cluster;
  world.ask_for(4, 0);
  for (const auto& action : world.plan().actions)
    EXPECT_FALSE(std::holds_alternative<RunRedis>(action.step)) << action.why;
  EXPECT_EQ(world.report().redis.shards.size(), 3U);
  EXPECT_TRUE(has_action(world.plan(), "StatefulSet c-redis-3"));
}

TEST(RedisShards, OwnersOfSlotsKeepTheirPodsWhereTheRecordIsLost) {
  RedisWorld world(5, 0);
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status = {};
  world.seen.cluster = cluster;
  world.ask_for(3, 0);
  EXPECT_EQ(facts::redis_shards(world.seen), 5);
  EXPECT_FALSE(world.makes_or_removes_a_shard());
}

}  // namespace
}  // namespace cadence::plan
