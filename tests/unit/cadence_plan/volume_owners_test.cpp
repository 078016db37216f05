#include <gtest/gtest.h>

#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

class Volumes : public PostgresWorld {
 public:
  using PostgresWorld::PostgresWorld;
  [[nodiscard]] bool goes_with_the_cluster(const std::string& volume) const {
    return seen.child("PersistentVolumeClaim", volume)->is_owned_by("uid-c");
  }
  void keep(const std::string& volume, const std::string& component, const std::string& number = "") {
    json::Value labels{{"app.kubernetes.io/instance", "c"},
                       {"app.kubernetes.io/component", component},
                       {"app.kubernetes.io/managed-by", "cadence-operator"}};
    if (!number.empty()) labels["cadence.noslop.tech/number"] = number;
    put(kube::types::PersistentVolumeClaim::kind_info(),
        {{"metadata", {{"name", volume}, {"namespace", "n"}, {"labels", labels}}},
         {"spec",
          {{"accessModes", {"ReadWriteOnce"}},
           {"resources", {{"requests", {{"storage", "9Gi"}}}}},
           {"storageClassName", "fast"}}}});
  }
};

TEST(VolumeOwners, EveryVolumeGoesWithTheClusterWhenThatIsAskedFor) {
  Volumes world;
  world.keep("c-postgres-5", "postgres", "5");
  world.keep("data-c-redis-3-0", "redis");
  world.settle();
  for (const char* volume : {"c-postgres-1", "c-postgres-2", "c-postgres-3", "c-postgres-5", "data-c-redis-3-0"})
    EXPECT_FALSE(world.goes_with_the_cluster(volume)) << volume;
  world.change_spec([](auto& spec) { spec.deletion_policy = "Delete"; });
  world.settle();
  for (const char* volume : {"c-postgres-1", "c-postgres-2", "c-postgres-3", "c-postgres-5", "data-c-redis-3-0"})
    EXPECT_TRUE(world.goes_with_the_cluster(volume)) << volume;
  EXPECT_FALSE(has_action(world.plan(), "PersistentVolumeClaim c-postgres-5")) << "said once";
}

TEST(VolumeOwners, AlsoWhileTheDatabaseIsLookedFor) {
  Volumes world(R"({"deletionPolicy":"Delete"})");
  world.seen.pods.clear();
  world.seen.postgres_lease.reset();
  std::erase_if(world.seen.children, [](const auto& child) { return child.first.kind != "PersistentVolumeClaim"; });
  world.keep("c-postgres-4", "postgres", "4");
  world.settle();
  for (int number = 1; number <= 4; ++number) EXPECT_TRUE(world.goes_with_the_cluster(world.name(number))) << number;
}

TEST(VolumeOwners, WhatIsSaidOfAPostgresVolumeStaysAsItWas) {
  Volumes world(R"({"deletionPolicy":"Delete"})");
  world.keep("c-postgres-5", "postgres", "5");
  const auto plan = world.plan();
  const auto* action = action_on(plan, "PersistentVolumeClaim c-postgres-5");
  ASSERT_NE(action, nullptr);
  const auto& document = std::get<ApplyObject>(action->step).document;
  EXPECT_EQ(json::string_at(document, {"spec", "resources", "requests", "storage"}), "9Gi");
  EXPECT_EQ(json::string_at(document, {"spec", "storageClassName"}), "fast");
  EXPECT_EQ(json::string_at(document, {"metadata", "labels", "cadence.noslop.tech/number"}), "5");
}

TEST(VolumeOwners, AStatefulSetTendsItsOwn) {
  Volumes world(R"({"deletionPolicy":"Delete"})");
  world.keep("data-c-redis-0-0", "redis");
  auto set = std::make_shared<kube::types::StatefulSet>();
  set->metadata.name = "c-redis-0";
  set->spec.replicas = 2;
  world.seen.stateful_sets["c-redis-0"] = set;
  EXPECT_FALSE(has_action(world.plan(), "PersistentVolumeClaim data-c-redis-0-0"));
}

}  // namespace
}  // namespace cadence::plan
