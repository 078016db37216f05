#include <gtest/gtest.h>

#include "cadence/resources/names.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

void keep_for_inquest(PostgresWorld& world, const std::string& claim) {
  world.put(kube::types::PersistentVolumeClaim::kind_info(), {{"metadata", {{"name", claim}, {"labels", {{resources::kInquestLabel, "true"}}}}}});
}

std::string claim_of_pod(const PostgresWorld& world, const std::string& pod) {
  for (const auto& volume : world.seen.pods.at(pod)->spec.volumes) {
    if (volume.name == "data") return volume.persistent_volume_claim->claim_name;
  }
  return "";
}

TEST(Inquest, AStandbyGetsAnotherVolumeAndTheOldOneStays) {
  PostgresWorld world;
  keep_for_inquest(world, "c-postgres-2");
  const auto plan = world.plan();
  EXPECT_TRUE(has_action(plan, "PersistentVolumeClaim c-postgres-2-2"));
  EXPECT_TRUE(deletes(plan, "c-postgres-2"));
  EXPECT_FALSE(deletes(plan, "c-postgres-1") || deletes(plan, "c-postgres-3"));
  world.apply(plan);
  world.settle();
  EXPECT_EQ(claim_of_pod(world, "c-postgres-2"), "c-postgres-2-2");
  EXPECT_TRUE(world.seen.children.contains({"PersistentVolumeClaim", "c-postgres-2"}));
}

TEST(Inquest, APrimaryHandsOverFirst) {
  PostgresWorld world;
  keep_for_inquest(world, "c-postgres-1");
  const auto plan = world.plan();
  EXPECT_FALSE(deletes(plan, "c-postgres-1"));
  world.apply(plan);
  EXPECT_NE(world.lease_annotation(kSwitchoverToAnnotation), "");
}

TEST(Inquest, WhileAnotherInstanceIsAwayNothingIsTaken) {
  PostgresWorld world;
  world.kill("c-postgres-3");
  keep_for_inquest(world, "c-postgres-2");
  EXPECT_FALSE(deletes(world.plan(), "c-postgres-2"));
}

TEST(Inquest, TheOnlyCopyIsNeverTaken) {
  PostgresWorld world(R"({"postgres": {"instances": 1, "synchronous": {"mode": "Off"}}})");
  keep_for_inquest(world, "c-postgres-1");
  const auto plan = world.plan();
  EXPECT_FALSE(deletes(plan, "c-postgres-1"));
  EXPECT_FALSE(has_action(plan, "PersistentVolumeClaim c-postgres-1-2"));
  ASSERT_FALSE(plan.objections.empty());
  EXPECT_NE(plan.objections.front().message.find("only copy"), std::string::npos);
}

}  // namespace
}  // namespace cadence::plan
