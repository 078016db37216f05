#include <gtest/gtest.h>

#include "kube/types/core.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

std::string requested(const Plan& plan, const std::string& volume) {
  const auto* action = action_on(plan, "PersistentVolumeClaim " + volume);
  return action == nullptr ? ""
                           : json::string_at(std::get<ApplyObject>(action->step).document,
                                             {"spec", "resources", "requests", "storage"});
}

TEST(Volumes, GrowBeforeAnythingElse) {
  PostgresWorld world;
  world.hold("", "Required 1 c-postgres-2 c-postgres-3");
  world.kill("c-postgres-2");
  world.seen.children.erase({"Secret", "c-ca"});
  world.change_spec([](auto& spec) { spec.postgres.storage.size = "30Gi"; });
  const auto plan = world.plan();
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(plan.actions[i].object.to_string(), "PersistentVolumeClaim c-postgres-" + std::to_string(i + 1));
  EXPECT_EQ(requested(plan, "c-postgres-1"), "30Gi");
  EXPECT_FALSE(plan.actions[0].hint.empty()) << "a class that cannot grow must not stop the plan";
}

TEST(Volumes, OneThatIsNearlyFullIsReported) {
  PostgresWorld world(R"({"postgres":{"storage":{"walSize":"1Gi"}}})");
  EXPECT_EQ(objection_in(world.plan()).find("VolumeNearlyFull"), std::string::npos);
  world.seen.instances["c-postgres-2"].wal_disk = {1000, 51};
  EXPECT_EQ(objection_in(world.plan()).find("VolumeNearlyFull"), std::string::npos);
  world.seen.instances["c-postgres-2"].wal_disk = {1000, 50};
  EXPECT_NE(
      objection_in(world.plan())
          .find("VolumeNearlyFull: spec.postgres.storage.walSize: the WAL volume of c-postgres-2 is 95 % full: raise"),
      std::string::npos);
}

TEST(Volumes, TheLogGetsOneOfItsOwnStandbysFirst) {
  PostgresWorld world;
  world.settle();
  world.change_spec([](auto& spec) { spec.postgres.storage.wal_size = "4Gi"; });
  const auto plan = world.plan();
  for (int number = 1; number <= 3; ++number)
    EXPECT_EQ(requested(plan, "c-postgres-" + std::to_string(number) + "-wal"), "4Gi");
  EXPECT_EQ(requested(plan, "c-postgres-1"), "") << "the data stay as they are";
  world.apply(plan);
  const auto next = world.plan();
  EXPECT_FALSE(has_action(next, "Pod c-postgres-1")) << "the primary is last";
}

TEST(Volumes, KeepTheirClass) {
  PostgresWorld world(R"({"postgres":{"storage":{"storageClassName":"fast"}}})");
  EXPECT_EQ(objection_in(world.plan()), "");
  for (int number = 1; number <= 3; ++number) {
    world.put(kube::types::PersistentVolumeClaim::kind_info(),
              {{"metadata", {{"name", world.name(number)}}}, {"spec", {{"storageClassName", "slow"}}}});
  }
  world.change_spec([](auto& spec) { spec.postgres.storage.size = "30Gi"; });
  const auto plan = world.plan();
  EXPECT_EQ(json::string_at(std::get<ApplyObject>(action_on(plan, "PersistentVolumeClaim c-postgres-1")->step).document,
                            {"spec", "storageClassName"}),
            "slow");
  EXPECT_NE(
      objection_in(plan).find(
          "VolumeClassDiffers: spec.postgres.storage.storageClassName: the volume of c-postgres-1 stays of class slow"),
      std::string::npos)
      << objection_in(plan);
}

TEST(Volumes, GrowByThemselvesUpToTheLimitAndNeverShrink) {
  PostgresWorld world(R"({"postgres":{"storage":{"autoGrow":{"thresholdPercent":80,"step":"10Gi","limit":"35Gi"}}}})");
  const auto fill = [&](std::int64_t gibibytes, int used_percent) {
    const auto size = std::int64_t{gibibytes} << 30;
    world.put(
        kube::types::PersistentVolumeClaim::kind_info(),
        {{"metadata", {{"name", "c-postgres-1"}}}, {"status", {{"capacity", {{"storage", std::to_string(size)}}}}}});
    world.seen.instances["c-postgres-1"].disk.size_bytes = size;
    world.seen.instances["c-postgres-1"].disk.free_bytes = size / 100 * (100 - used_percent);
  };
  fill(20, 79);
  EXPECT_EQ(requested(world.plan(), "c-postgres-1"), "");
  fill(20, 81);
  const auto plan = world.plan();
  EXPECT_EQ(requested(plan, "c-postgres-1"), std::to_string(std::int64_t{30} << 30));
  EXPECT_EQ(requested(plan, "c-postgres-2"), "");
  world.apply(plan);
  EXPECT_EQ(requested(world.plan(), "c-postgres-1"), "") << "the resize is under way";
  fill(30, 90);
  EXPECT_EQ(requested(world.plan(), "c-postgres-1"), std::to_string(std::int64_t{35} << 30));
  world.apply(world.plan());
  fill(35, 95);
  EXPECT_EQ(requested(world.plan(), "c-postgres-1"), "");
  EXPECT_NE(objection_in(world.plan())
                .find("VolumeNearlyFull: spec.postgres.storage.autoGrow.limit: the volume of c-postgres-1 is"),
            std::string::npos);
}

}  // namespace
}  // namespace cadence::plan
