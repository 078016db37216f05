// The planner's single decisions, as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::redis::plan {
namespace {

using testing::HasSubstr;

void form(Model& model, DesiredTopology& desired) {
  for (int i = 0; i < 20; ++i) {
    const auto plan = plan_redis(desired, model.observe());
    desired.was_formed |= plan.is_formed;
    for (const auto& command : plan.commands) model.execute(command);
    model.gossip();
    if (plan.phase == Phase::Healthy) return;
  }
  FAIL() << "not formed";
}

Observation silence(Observation observation, std::size_t pod) {
  observation.pods.at(pod).probe = Unreachable{.since = {}, .silence = Silence::TimedOut, .reason = "no answer"};
  return observation;
}

std::vector<std::string> words_of(const Plan& plan) {
  std::vector<std::string> out;
  for (const auto& command : plan.commands) out.push_back(to_arguments(command).at(1));
  return out;
}

TEST(Plan, SplitsTheSlotsWithoutGapOrOverlap) {
  for (const int shards : {1, 3, 5, 7, 100}) {
    int next = 0;
    for (int shard = 0; shard < shards; ++shard) {
      const auto range = range_of_shard(shard, shards);
      EXPECT_EQ(range.first, next);
      EXPECT_EQ(shard_of_slot(range.first, shards), shard);
      EXPECT_EQ(shard_of_slot(range.last, shards), shard);
      next = range.last + 1;
    }
    EXPECT_EQ(next, kSlotCount);
  }
}

TEST(Plan, FormsByEpochsThenAMesh) {
  const Model model(3, 1);
  const auto plan = plan_redis({}, model.observe());
  EXPECT_EQ(plan.phase, Phase::Forming);
  ASSERT_EQ(plan.commands.size(), 6U + 15U);
  EXPECT_EQ(to_text(plan.commands.front()), "redis-0-0: CLUSTER SET-CONFIG-EPOCH 1 - Gave redis-0-0 config epoch 1");
  EXPECT_EQ(to_text(plan.commands.at(6)),
            "redis-0-0: CLUSTER MEET 10.0.0.3 6379 - Joined redis-0-0 with redis-0-1 at 10.0.0.3:6379");
  EXPECT_FALSE(plan.is_formed);
}

// A second MEET to the same address would only begin the greeting again.
TEST(Plan, LetsAGreetingThatIsUnderWayEnd) {
  Model model(1, 1);
  const DesiredTopology desired{
      .shards = 1, .replicas_per_shard = 1, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
  for (auto& node : model.nodes) node.epoch = 1 + node.ordinal;
  EXPECT_THAT(words_of(plan_redis(desired, model.observe())), testing::Contains("MEET"));
  for (const bool is_first : {true, false}) {
    auto observation = model.observe();
    auto& reachable = std::get<Reachable>(observation.pods.at(is_first ? 0 : 1).probe);
    NodeEntry entry;
    entry.id = "placeholder";
    entry.is_handshaking = true;
    entry.address = observation.pods.at(is_first ? 1 : 0).address;
    reachable.nodes.push_back(entry);
    EXPECT_THAT(words_of(plan_redis(desired, observation)), testing::Not(testing::Contains("MEET")));
    reachable.nodes.back().address.ip = "10.9.9.9";
    EXPECT_THAT(words_of(plan_redis(desired, observation)), testing::Contains("MEET")) << "to somebody else";
  }
}

TEST(Plan, GivesNoSlotWhileAPodIsSilent) {
  Model model(3, 1);
  DesiredTopology desired;
  for (const auto& command : plan_redis(desired, model.observe()).commands) model.execute(command);
  model.gossip();
  EXPECT_THAT(words_of(plan_redis(desired, model.observe())), testing::Each("ADDSLOTSRANGE"));
  const auto plan = plan_redis(desired, silence(model.observe(), 5));
  EXPECT_TRUE(plan.commands.empty());
  EXPECT_THAT(plan.message, HasSubstr("Redis in redis-2-1 is in touch with the other nodes and does not answer"));
  auto fewer = model.observe();
  fewer.pods.pop_back();
  EXPECT_TRUE(plan_redis(desired, fewer).commands.empty());
}

// As after the loss of two volumes: new names answer in the pods of two masters, and the third alone elects nobody.
TEST(Plan, TakesOverOneShardAfterTheOtherWhenMostMastersAreGone) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  model.write();
  for (const std::size_t master : {0U, 2U}) {
    model.kill(master);
    ASSERT_TRUE(model.wipe(master));
  }
  EXPECT_TRUE(plan_redis(desired, model.observe()).commands.empty()) << "a silent pod may come back";
  for (const std::size_t master : {0U, 2U}) model.start(master);
  for (int taken = 0; taken < 2; ++taken) {
    const auto plan = plan_redis(desired, model.observe());
    ASSERT_EQ(plan.commands.size(), 1U) << to_text(plan);
    EXPECT_EQ(to_arguments(plan.commands.front()), (std::vector<std::string>{"CLUSTER", "FAILOVER", "TAKEOVER"}));
    model.execute(plan.commands.front());
  }
  EXPECT_TRUE(model.violations.empty());
  form(model, desired);
  EXPECT_EQ(model.readable_writes().size(), 3U);
}

// A pod whose agent keeps it shut has said that it does not lead with its data; a merely silent one has said nothing.
TEST(Plan, TakesOverFromAPodThatStaysShutAndRepeatsWhatItsAgentSays) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  model.write();
  auto observation = silence(model.observe(), 0);
  EXPECT_TRUE(plan_redis(desired, observation).commands.empty());
  observation.pods.at(0).probe = Unreachable{.since = {}, .silence = Silence::Shut, .reason = "a file is damaged"};
  auto plan = plan_redis(desired, observation);
  ASSERT_EQ(plan.commands.size(), 1U) << to_text(plan);
  EXPECT_EQ(plan.commands.front().pod, "redis-0-1");
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "NodeShut");
  EXPECT_EQ(plan.problems.front().message, "redis-0-0 stays shut: a file is damaged");
  auto& heir = std::get<Reachable>(observation.pods.at(1).probe).server;
  heir.keys = 0;
  heir.has_synced = false;
  EXPECT_TRUE(plan_redis(desired, observation).commands.empty()) << "a replica without data inherits nothing";
}

TEST(Plan, SaysWhoseDataNoPodHoldsOnceTheNewNodesHaveJoined) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  for (const std::size_t lost : {0U, 1U}) {  // both nodes of shard 0
    auto& node = model.nodes[lost];
    node.id = std::string(39, 'e') + std::to_string(lost);
    node.slots.clear();
    node.table.clear();
    node.master_id.clear();
  }
  Plan plan;
  for (int i = 0; i < 10; ++i) {
    plan = plan_redis(desired, model.observe());
    for (const auto& command : plan.commands) model.execute(command);
    model.gossip();
  }
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "DataLost");
  EXPECT_THAT(plan.problems.front().message, HasSubstr("No pod holds the data of slots 0-5460 of shard 0"));
}

TEST(Plan, TellsARefusedPasswordFromSilence) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  auto observation = silence(model.observe(), 5);
  observation.pods.at(1).probe = Unreachable{.since = {}, .silence = Silence::Forbidden, .reason = "WRONGPASS"};
  EXPECT_EQ(plan_redis(desired, observation).message,
            "Redis in redis-0-1 refuses the operator's password: its agent has not taken the one of the Secret yet. "
            "Redis in redis-2-1 is in touch with the other nodes and does not answer the operator: somebody's CLIENT "
            "PAUSE holds its commands back (the kubelet starts it again after three minutes), or something between "
            "keeps the operator from port 6379");
  auto scripted = model.observe();
  scripted.pods.at(4).probe = Unreachable{.since = {}, .silence = Silence::Busy, .reason = "BUSY"};
  EXPECT_THAT(
      plan_redis(desired, scripted).message,
      HasSubstr("redis-2-0 runs a script that does not end: its agent ends it after 30 s, unless it has written"));
  for (auto& pod : observation.pods) pod.probe = observation.pods.at(1).probe;
  EXPECT_THAT(plan_redis(desired, observation).message, HasSubstr("refuses the operator's password"))
      << "not that nobody answers";
}

// Its event loop runs, or the bus would be silent as well.
TEST(Plan, SaysOfAServerThatHoldsItsClientsBackWhatItIsLike) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  auto observation = silence(model.observe(), 4);
  const auto& name = observation.pods.at(4).name;
  EXPECT_THAT(plan_redis(desired, observation).message, HasSubstr("Redis in " + name + " is in touch with the other"));
  EXPECT_THAT(plan_redis(desired, observation).message, HasSubstr("CLIENT PAUSE"));
  for (auto& pod : observation.pods) {
    auto* node = std::get_if<Reachable>(&pod.probe);
    if (node == nullptr) continue;
    for (auto& entry : node->nodes)
      entry.is_suspected = entry.is_suspected || entry.address == observation.pods.at(4).address;
    break;
  }
  EXPECT_EQ(plan_redis(desired, observation).message, "Waiting for Redis in " + name + " to answer")
      << "one that misses it is enough";
}

TEST(Plan, WaitsForTheElectionAndTouchesNoHeir) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  model.kill(0);
  const auto plan = plan_redis(desired, model.observe());
  EXPECT_TRUE(plan.commands.empty());
  EXPECT_EQ(plan.phase, Phase::Healing);
  EXPECT_THAT(plan.message, HasSubstr("redis-0-0"));
}

TEST(Plan, LetsAnHeirInheritEvenInTheWrongShard) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  model.nodes[3].master_id = model.nodes[0].id;  // redis-1-1 follows shard 0's master, and so does nobody else
  model.nodes[1].master_id = model.nodes[2].id;
  EXPECT_THAT(words_of(plan_redis(desired, model.observe())), testing::ElementsAre("REPLICATE", "REPLICATE"));
  model.kill(0);
  EXPECT_TRUE(plan_redis(desired, model.observe()).commands.empty());
}

TEST(Plan, NeverFormsAgainWhatWasFormed) {
  const Model model(3, 1);
  DesiredTopology desired;
  desired.was_formed = true;
  auto observation = model.observe();
  auto plan = plan_redis(desired, observation);
  for (const auto& word : words_of(plan)) EXPECT_NE(word, "ADDSLOTSRANGE");
  Model met(3, 1);
  for (int i = 0; i < 4; ++i) {
    plan = plan_redis(desired, met.observe());
    for (const auto& command : plan.commands) met.execute(command);
    met.gossip();
  }
  EXPECT_EQ(plan.phase, Phase::Frozen);
  ASSERT_EQ(plan.problems.size(), 3U);
  EXPECT_EQ(plan.problems.front().reason, "DataLost");
  EXPECT_TRUE(plan.commands.empty());
  desired.is_cache = true;
  EXPECT_THAT(words_of(plan_redis(desired, met.observe())), testing::Contains("ADDSLOTSRANGE"));
}

TEST(Plan, StopsBeforeTwoClustersAreMerged) {
  Model one(1, 0), other(1, 0);
  DesiredTopology desired{
      .shards = 1, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
  form(one, desired);
  desired.was_formed = false;
  form(other, desired);
  auto observation = one.observe();
  auto stranger = other.observe().pods.front();
  auto& view = std::get<Reachable>(stranger.probe);
  view.node_id = view.nodes.front().id = std::string(40, 'b');
  stranger.name = "redis-0-1";
  stranger.address.ip = stranger.address.ip + "9";
  observation.pods.push_back(stranger);
  desired.replicas_per_shard = 1;
  const auto plan = plan_redis(desired, observation);
  EXPECT_EQ(plan.phase, Phase::Frozen);
  EXPECT_EQ(plan.problems.front().reason, "Ambiguous");
  EXPECT_TRUE(plan.commands.empty());
}

// Pods come in the order of their names, and the stranger may be any of them.
TEST(Plan, NamesTheStrangerWhereverItStands) {
  Model model(3, 0);
  DesiredTopology desired;
  desired.replicas_per_shard = 0;
  form(model, desired);
  for (const std::size_t index : {0U, 2U}) {
    auto observation = model.observe();
    auto& pod = observation.pods.at(index);
    auto& view = std::get<Reachable>(pod.probe);
    auto self = *std::find_if(view.nodes.begin(), view.nodes.end(), [](const auto& entry) { return entry.is_myself; });
    view.node_id = self.id = std::string(40, 'b');
    view.nodes = {self};
    const auto plan = plan_redis(desired, observation);
    ASSERT_EQ(plan.problems.size(), 1U) << index;
    EXPECT_EQ(plan.problems.front().reason, "Ambiguous");
    EXPECT_THAT(plan.problems.front().message, testing::StartsWith(pod.name + " answers under a new node id"));
  }
}

TEST(Plan, StopsAtACopiedVolume) {
  Model model(1, 1);
  model.nodes[1].id = model.nodes[0].id;
  const auto plan =
      plan_redis({.shards = 1, .replicas_per_shard = 1, .was_formed = false, .is_cache = false, .accept_data_loss = {}},
                 model.observe());
  EXPECT_EQ(plan.phase, Phase::Frozen);
  EXPECT_THAT(plan.message, HasSubstr("same Redis node id"));
}

TEST(Plan, PointsAMisledReplicaAtItsMasterAgain) {
  Model model(1, 1);
  DesiredTopology desired{
      .shards = 1, .replicas_per_shard = 1, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
  form(model, desired);
  auto observation = model.observe();
  auto& replica = std::get<Reachable>(observation.pods.at(1).probe);
  replica.server.is_master_link_up = false;
  EXPECT_TRUE(plan_redis(desired, observation).commands.empty());
  replica.server.master.ip = "10.9.9.9";
  EXPECT_THAT(words_of(plan_redis(desired, observation)), testing::ElementsAre("REPLICATE"));
}

TEST(Plan, ReportsWhatItCannotDoAndStillHeals) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  desired.shards = 5;
  const auto plan = plan_redis(desired, model.observe());
  EXPECT_EQ(plan.phase, Phase::Healthy);
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "NotImplemented");
  EXPECT_THAT(plan.problems.front().message,
              HasSubstr("formed with 3 shards; changing it to 5 needs slots to be moved, which this version cannot do. "
                        "It stays as it is: set spec.redis.shards back to 3"));
}

TEST(Plan, NamesSlotsThatSomebodyMovesAndTouchesNone) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  auto observation = model.observe();
  const auto mark = [&](std::size_t pod, OpenSlot open) {
    auto& node = std::get<Reachable>(observation.pods.at(pod).probe);
    const auto self =
        std::find_if(node.nodes.begin(), node.nodes.end(), [](const NodeEntry& entry) { return entry.is_myself; });
    self->open.push_back(std::move(open));
  };
  mark(0, {100, false, "x"});
  mark(2, {100, true, "y"});
  const auto plan = plan_redis(desired, observation);
  EXPECT_EQ(plan.phase, Phase::Healthy) << "all slots are served";
  EXPECT_TRUE(plan.commands.empty());
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().reason, "SlotsMoving");
  EXPECT_THAT(plan.problems.front().message,
              testing::StartsWith("Slots 100 are marked at redis-0-0, redis-1-0 as on their way"));
}

TEST(Plan, TellsSlotsThatWereOnlyTakenFromTheirMasterFromLostData) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  auto observation = model.observe();
  for (auto& pod : observation.pods) {
    for (auto& entry : std::get<Reachable>(pod.probe).nodes) {
      for (auto& range : entry.slots) range.first = range.first == 0 ? 3 : range.first;
    }
  }
  const auto plan = plan_redis(desired, observation);
  ASSERT_EQ(plan.problems.size(), 1U) << to_text(plan);
  EXPECT_EQ(plan.problems.front().reason, "DataLost");
  EXPECT_THAT(plan.problems.front().message,
              HasSubstr("slots 0-2 of shard 0 now. If somebody only took them from redis-0-0 (CLUSTER DELSLOTS), which "
                        "leads the rest, CLUSTER ADDSLOTS there"));
}

TEST(Summary, ShowsWhoLeadsWhat) {
  Model model(3, 1);
  DesiredTopology desired;
  form(model, desired);
  auto summary = summarize(desired, model.observe());
  EXPECT_EQ(summary.slots_owned, kSlotCount);
  EXPECT_EQ(summary.formed_shards, 3);
  ASSERT_EQ(summary.shards.size(), 3U);
  EXPECT_EQ(summary.shards[1].master, "redis-1-0");
  EXPECT_THAT(summary.shards[1].replicas, testing::ElementsAre("redis-1-1"));
  summary = summarize(desired, silence(model.observe(), 2));
  EXPECT_EQ(summary.shards[1].master, "");
  EXPECT_EQ(summary.shards[1].slots, 0);
  EXPECT_EQ(summary.formed_shards, 3);
}

}  // namespace
}  // namespace cadence::redis::plan
