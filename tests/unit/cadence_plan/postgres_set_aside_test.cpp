#include <gtest/gtest.h>

#include "cadence/names/names.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

void set_aside(PostgresWorld& world, const std::string& claim, const char* label = names::kSetAsideLabel) {
  world.put(kube::types::PersistentVolumeClaim::kind_info(),
            {{"metadata", {{"name", claim}, {"labels", {{label, "true"}}}}}});
}

std::string claim_of_pod(const PostgresWorld& world, const std::string& pod) {
  for (const auto& volume : world.seen.pods.at(pod)->spec.volumes) {
    if (volume.name == "data") return volume.persistent_volume_claim->claim_name;
  }
  return "";
}

TEST(SetAside, AStandbyGetsAnotherVolumeAndTheOldOneStays) {
  PostgresWorld world;
  set_aside(world, "c-postgres-2");
  const auto plan = world.plan();
  EXPECT_TRUE(has_action(plan, "PersistentVolumeClaim c-postgres-2-2"));
  EXPECT_TRUE(deletes(plan, "c-postgres-2"));
  EXPECT_FALSE(deletes(plan, "c-postgres-1") || deletes(plan, "c-postgres-3"));
  world.apply(plan);
  world.settle();
  EXPECT_EQ(claim_of_pod(world, "c-postgres-2"), "c-postgres-2-2");
  EXPECT_TRUE(world.seen.children.contains({"PersistentVolumeClaim", "c-postgres-2"}));
}

TEST(SetAside, TheLabelOfEarlierVersionsSaysItToo) {
  PostgresWorld world;
  set_aside(world, "c-postgres-2", "cadence.noslop.tech/inquest");
  EXPECT_TRUE(has_action(world.plan(), "PersistentVolumeClaim c-postgres-2-2"));
}

TEST(SetAside, APrimaryHandsOverFirst) {
  PostgresWorld world;
  set_aside(world, "c-postgres-1");
  const auto plan = world.plan();
  EXPECT_FALSE(deletes(plan, "c-postgres-1"));
  world.apply(plan);
  EXPECT_NE(world.lease_annotation(postgres::kSwitchoverToAnnotation), "");
}

TEST(SetAside, WhileAnotherInstanceIsAwayNothingIsTaken) {
  PostgresWorld world;
  world.kill("c-postgres-3");
  set_aside(world, "c-postgres-2");
  EXPECT_FALSE(deletes(world.plan(), "c-postgres-2"));
}

TEST(SetAside, TheOnlyCopyIsNeverTaken) {
  PostgresWorld world(R"({"postgres": {"instances": 1, "synchronous": {"mode": "Off"}}})");
  set_aside(world, "c-postgres-1");
  const auto plan = world.plan();
  EXPECT_FALSE(deletes(plan, "c-postgres-1"));
  EXPECT_FALSE(has_action(plan, "PersistentVolumeClaim c-postgres-1-2"));
  ASSERT_FALSE(plan.objections.empty());
  EXPECT_NE(plan.objections.front().message.find("only copy"), std::string::npos);
}

}  // namespace
}  // namespace cadence::plan
