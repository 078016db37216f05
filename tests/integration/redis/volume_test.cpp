// Each file of a Redis volume, each role, each fault: what a power loss or a disk does to it, and a copy elsewhere
// heals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "bed.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::test {
namespace {

namespace fs = std::filesystem;
using redis::plan::Phase;
using testing::HasSubstr;

constexpr int kKeys = 60;

std::string path_of(const Node& node, const std::string& kind) {
  if (kind == "nodes.conf") return node.folder() + "/data/nodes.conf";
  for (const auto& file : fs::directory_iterator(node.folder() + "/data/appendonlydir")) {
    if (file.path().string().ends_with(kind)) return file.path();
  }
  ADD_FAILURE() << "no " << kind << " on the volume of " << node.name();
  return {};
}

void harm(const std::string& path, const std::string& fault) {
  const auto size = fs::file_size(path);
  if (fault == "deleted") fs::remove(path);
  if (fault == "emptied") fs::resize_file(path, 0);
  if (fault == "cut") fs::resize_file(path, size / 2);
  if (fault != "damaged") return;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto count = std::min<std::uintmax_t>(64, size / 2);
  file.seekp(static_cast<std::streamoff>(size / 2 - count / 2));
  for (std::uintmax_t i = 0; i < count; ++i) file.put(static_cast<char>(i * 151 + 7));
}

void introduce(Bed& bed) {
  for (auto& node : bed.nodes) {
    std::vector<std::string> peers;
    for (const auto& other : bed.nodes) {
      const auto& address = other->target().address;
      if (other != node) peers.push_back(address.ip + ":" + std::to_string(address.port));
    }
    node->know(peers);
  }
}

std::string what_shut_says(Bed& bed, const Node& node) {
  for (const auto& pod : bed.observe().pods) {
    const auto* silence = std::get_if<redis::Unreachable>(&pod.probe);
    if (pod.name == node.name() && silence != nullptr && silence->silence == redis::Silence::Shut)
      return silence->reason;
  }
  return {};
}

class EveryFile : public testing::TestWithParam<std::string> {};

// A master of one shard and a replica of another meet the same fault at once, one fault after the other.
TEST_P(EveryFile, HealsFromTheOtherCopy) {
  Bed bed;
  bed.reach_healthy();
  introduce(bed);
  bed.write_keys(kKeys);
  // Another shard each time: the same master is elected in place of another only twice the node timeout later.
  int shard = 0;
  for (const std::string fault : {"damaged", "emptied", "cut", "deleted"}) {
    SCOPED_TRACE(fault);
    auto& master = bed.master_of(shard++ % 3);
    auto& replica = bed.replica_of(shard % 3);
    for (auto* node : {&master, &replica}) {
      node->crash();
      harm(path_of(*node, GetParam()), fault);
      node->start();
    }
    bed.reach(Phase::Healthy, 1000, std::chrono::seconds(30));
    EXPECT_EQ(bed.await_keys(kKeys), kKeys);
    EXPECT_EQ(redis::plan::summarize(bed.desired, bed.observe()).slots_owned, redis::kSlotCount);
  }
}

INSTANTIATE_TEST_SUITE_P(Volume, EveryFile, testing::Values("nodes.conf", "manifest", "incr.aof", "base.rdb"),
                         [](const auto& row) {
                           auto name = row.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// Neither nodes.conf nor its copy: with its keys and without a name it would claim slots and take writes that nobody
// keeps.
TEST(RedisVolume, ANodeWithoutANameStaysShutUntilACopyLeads) {
  Bed bed;
  bed.reach_healthy();
  introduce(bed);
  bed.write_keys(kKeys);
  auto& master = bed.master_of(0);
  master.crash();
  for (const auto* file : {"/data/nodes.conf", "/data/cadence/nodes.conf"}) fs::resize_file(master.folder() + file, 0);
  master.start();
  ASSERT_TRUE(eventually([&] { return !what_shut_says(bed, master).empty(); }));
  EXPECT_THAT(what_shut_says(bed, master), HasSubstr("/data/nodes.conf"));
  EXPECT_EQ(master.run_probe("--ready"), 1);
  EXPECT_EQ(master.run_probe("--live"), 0);
  bed.reach_healthy();
  EXPECT_NE(bed.master_of(0).name(), master.name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisVolume, AnEmptiedVolumeAtTheSameAddressDoesNotEmptyItsReplica) {
  Bed bed;
  bed.reach_healthy();
  introduce(bed);
  bed.write_keys(kKeys);
  auto& master = bed.master_of(0);
  master.crash();
  master.wipe();
  master.start();
  bed.reach_healthy();
  EXPECT_NE(bed.master_of(0).name(), master.name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

redis::plan::DesiredTopology single() {
  return {.shards = 1, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
}

class OnlyCopy : public testing::TestWithParam<std::string> {};

TEST_P(OnlyCopy, StaysShutAndUntouchedUntilTheLossIsAccepted) {
  Bed bed(single());
  bed.reach_healthy();
  bed.write_keys(kKeys);
  auto& node = *bed.nodes.front();
  node.crash();
  const auto file = path_of(node, "manifest");
  harm(file, GetParam());
  const auto before = fs::exists(file) ? fs::file_size(file) : 0;
  node.start();
  ASSERT_TRUE(eventually([&] { return !what_shut_says(bed, node).empty(); }));
  const auto said = what_shut_says(bed, node);
  EXPECT_THAT(said, HasSubstr("/data/appendonlydir"));
  EXPECT_THAT(said, HasSubstr("add 0 to spec.redis.acceptDataLoss"));
  EXPECT_TRUE(eventually([&] {
    const auto plan = redis::plan::plan_redis(bed.desired, bed.observe());
    return plan.problems.size() == 1 && plan.problems.front().reason == "NodeShut";
  }));
  EXPECT_EQ(fs::exists(file) ? fs::file_size(file) : 0, before);
  EXPECT_FALSE(bed.ask({"SET", "lost", "1"}));
  node.accept_loss();
  bed.desired.accept_data_loss = {0};
  bed.reach_healthy();
  EXPECT_TRUE(bed.ask({"SET", "kept", "1"}));
  EXPECT_TRUE(fs::exists(node.folder() + "/data/cadence/aside/appendonlydir"));
}

INSTANTIATE_TEST_SUITE_P(Volume, OnlyCopy, testing::Values("damaged", "deleted"),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace cadence::test
