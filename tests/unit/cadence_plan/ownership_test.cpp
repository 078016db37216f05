#include "cadence/plan/ownership.hpp"

#include <gtest/gtest.h>

#include "cadence/resources/common/labels.hpp"
#include "kube/types/coordination.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

std::string text_of(const Plan& plan) {
  std::string out;
  for (const auto& objection : plan.objections) {
    if (objection.reason == kNameTaken) out += objection.message + "\n";
  }
  return out;
}

// What somebody did with kubectl: the object is found by its name alone.
void hide(World& world, const facts::ChildId& id, const json::Value& labels = json::Value::object()) {
  auto live = world.seen.children.at(id);
  live.document["metadata"]["labels"] = labels;
  live.document["metadata"]["resourceVersion"] = "7";
  world.seen.children.erase(id);
  if (id.kind == "Lease") world.seen.postgres_lease.reset();
  world.seen.unlabelled[id] = live;
}

facts::LiveChild of_others(const facts::ExpectedObject& expected) {
  const json::Value owner{{"kind", "Release"}, {"name", "r"}, {"uid", "u"}};
  return {
      expected.kind,
      {{"metadata", {{"name", expected.name}, {"uid", "theirs"}, {"ownerReferences", json::Value::array({owner})}}}}};
}

bool touches(const Action& action, const facts::ChildId& id) { return action.object == id; }

TEST(Ownership, NothingOfOthersIsTouchedWhateverItIs) {
  for (const auto& expected : expected_objects(World().seen)) {
    World world;
    const facts::ChildId id{expected.kind->kind, expected.name};
    world.seen.unlabelled[id] = of_others(expected);
    for (int round = 0; round < 2; ++round) {
      const auto plan = world.plan();
      EXPECT_TRUE(
          text_of(plan).starts_with(id.kind + " " + id.name + " is not this cluster's (it belongs to Release r)"))
          << text_of(plan);
      EXPECT_TRUE(plan.requeue_after) << "nobody tells when it goes";
      for (const auto& action : plan.actions) EXPECT_FALSE(touches(action, id)) << action.why;
      world.apply(plan);
    }
    // Gone, or handed over: the cluster comes up as if it had never been.
    world.seen.unlabelled.clear();
    world.settle();
    EXPECT_EQ(text_of(world.plan()), "");
    EXPECT_TRUE(world.seen.children.contains(id) || id.kind == "Pod" || id.name.ends_with("-2") ||
                id.name.ends_with("-3") || id.name.starts_with("data-"))
        << id.kind << " " << id.name;
  }
}

TEST(Ownership, NoPodStartsWithWhatOthersOwn) {
  for (const facts::ChildId& id : {facts::ChildId{"Lease", "c-postgres"},
                                   {"Secret", "c-ca"},
                                   {"ServiceAccount", "c-postgres"},
                                   {"ConfigMap", "c-postgres"},
                                   {"PersistentVolumeClaim", "c-postgres-1"}}) {
    World world;
    for (const auto& expected : expected_objects(world.seen)) {
      if (expected.kind->kind == id.kind && expected.name == id.name) world.seen.unlabelled[id] = of_others(expected);
    }
    ASSERT_EQ(world.seen.unlabelled.size(), 1U) << id.kind << id.name;
    world.settle();
    EXPECT_FALSE(world.seen.pods.contains("c-postgres-1")) << id.kind;
    EXPECT_EQ(world.seen.children.contains({"Secret", "c-postgres-tls"}), id.name != "c-ca")
        << "signed by somebody else's authority";
  }
}

TEST(Ownership, NoRedisShardTakesAVolumeOfOthers) {
  World world(R"({"redis":{"replicasPerShard":1}})");
  const facts::ChildId id{"PersistentVolumeClaim", "data-c-redis-1-1"};
  for (const auto& expected : expected_objects(world.seen)) {
    if (expected.name == id.name) world.seen.unlabelled[id] = of_others(expected);
  }
  ASSERT_EQ(world.seen.unlabelled.size(), 1U);
  world.settle();
  EXPECT_FALSE(world.seen.children.contains({"StatefulSet", "c-redis-1"}));
  EXPECT_TRUE(world.seen.children.contains({"StatefulSet", "c-redis-0"}));
  world.seen.unlabelled.clear();
  world.settle();
  EXPECT_TRUE(world.seen.children.contains({"StatefulSet", "c-redis-1"}));
}

TEST(Ownership, AServiceOfOthersStopsNoPod) {
  World world;
  const facts::ChildId id{"Service", "c-postgres-r"};
  world.seen.unlabelled[id] = {&kube::types::Service::kind_info(), {{"metadata", {{"name", id.name}}}}};
  world.settle();
  EXPECT_TRUE(world.seen.pods.contains("c-postgres-1"));
}

TEST(Ownership, WhatLostItsLabelsGetsThemBackBeforeAllElse) {
  World world;
  world.settle();
  world.initialise_postgres("c-postgres-1");
  world.settle();
  for (const auto& [id, live] : std::map(world.seen.children)) {
    auto now = world;
    hide(now, id, {{"team", "kiln"}});
    const auto plan = now.plan();
    ASSERT_EQ(plan.actions.size(), 1U) << id.kind << " " << id.name << "\n" << to_text(plan);
    const auto* reclaim = std::get_if<PatchObject>(&plan.actions.front().step);
    ASSERT_NE(reclaim, nullptr) << to_text(plan);
    EXPECT_EQ(reclaim->resource_version, "7") << "only what was seen";
    EXPECT_EQ(json::string_at(reclaim->patch, {"metadata", "labels", "app.kubernetes.io/managed-by"}),
              "cadence-operator");
    EXPECT_EQ(json::string_at(reclaim->patch, {"metadata", "labels", "app.kubernetes.io/instance"}), "c");
    EXPECT_TRUE(plan.objections.empty()) << to_text(plan);
    EXPECT_EQ(plan.actions.front().object, id);
  }
}

TEST(Ownership, WhatCannotBeSeenIsNotJudged) {
  World world;
  world.settle();
  hide(world, {"Lease", "c-postgres"});
  world.seen.children.erase({"Service", "c-postgres-rw"});
  world.seen.children.erase({"Service", "c-webhook"});
  const auto plan = world.plan();
  EXPECT_EQ(plan.first, 1U);
  EXPECT_TRUE(has_action(plan, "Service c-webhook"));
  EXPECT_FALSE(has_action(plan, "Service c-postgres-rw")) << to_text(plan);
  EXPECT_EQ(plan.postgres_operation, "") << to_text(plan);
  hide(world, {"Secret", "c-ca"});
  EXPECT_FALSE(has_action(world.plan(), "Service c-webhook")) << "all of them may need it";
}

TEST(Ownership, APodThatItsStatefulSetLetGoOfGetsItsLabelsBack) {
  World world;
  world.settle();
  auto labels = names::labels_of("c", resources::kRedis);
  labels[names::kShardLabel] = "1";
  labels.erase(names::kComponentLabel);
  world.put(kube::types::Pod::kind_info(),
            {{"metadata", {{"name", "c-redis-1-0"}, {"uid", "u"}, {"resourceVersion", "7"}, {"labels", labels}}}});
  const auto plan = world.plan();
  ASSERT_EQ(plan.actions.size(), 1U) << to_text(plan);
  EXPECT_EQ(plan.actions.front().why,
            "Restored the labels of Pod c-redis-1-0: app.kubernetes.io/component had been changed");
}

// As after kubectl delete --cascade=orphan, and another cluster of the same name.
TEST(Ownership, WhatLostItsOwnerGoesWithTheClusterAgain) {
  for (const auto& [kind, name] : {std::pair{&kube::types::Secret::kind_info(), "c-postgres-superuser"},
                                   {&kube::types::Pod::kind_info(), "c-postgres-1"}}) {
    World world;
    world.settle();
    auto gone = world.cluster_owner();
    gone["uid"] = "uid-of-the-last-one";
    const json::Value backup{{"apiVersion", "v1"}, {"kind", "Job"}, {"name", "backup"}, {"uid", "b"}};
    world.put(*kind, {{"metadata", {{"name", name}, {"ownerReferences", json::Value::array({gone, backup})}}}});
    const auto plan = world.plan();
    ASSERT_EQ(plan.actions.size(), 1U) << to_text(plan);
    EXPECT_EQ(plan.actions.front().why,
              "Restored the owner of " + kind->kind + " " + name + ": it would have outlived its cluster");
    EXPECT_EQ(std::get<PatchObject>(plan.actions.front().step).patch,
              (json::Value{{"metadata", {{"ownerReferences", json::Value::array({world.cluster_owner(), backup})}}}}));
  }
}

TEST(Ownership, KeptVolumesAreOursByTheirMark) {
  World world;
  world.settle();
  const facts::ChildId id{"PersistentVolumeClaim", "c-postgres-1"};
  hide(world, id);
  auto& metadata = world.seen.unlabelled.at(id).document["metadata"];
  metadata.erase("ownerReferences");
  EXPECT_TRUE(std::holds_alternative<PatchObject>(world.plan().actions.at(0).step));
  metadata.erase("annotations");
  EXPECT_NE(text_of(world.plan()), "") << "anybody's";
}

TEST(Ownership, WhatWasNotSeenIsOnlyMadeWhereNothingIs) {
  World world;
  const auto first = world.plan();
  for (const auto& action : first.actions) {
    const auto* apply = std::get_if<ApplyObject>(&action.step);
    EXPECT_TRUE(apply == nullptr || apply->uid.empty()) << action.why;
  }
  world.settle();
  world.seen.children.at({"Service", "c-lb"}).document["spec"]["type"] = "NodePort";
  const auto* apply = std::get_if<ApplyObject>(&world.plan().actions.at(0).step);
  ASSERT_NE(apply, nullptr);
  EXPECT_EQ(apply->uid, "uid-c-lb") << "another one that came in its place is not meant";
}

TEST(Ownership, UnknownIsNotAbsent) {
  World world;
  const facts::ChildId id{"Service", "c-lb"};
  world.seen.unread[id] = "";
  EXPECT_FALSE(has_action(world.plan(), "Service c-lb"));
  EXPECT_TRUE(has_action(world.plan(), "Service c-webhook"));
  world.seen.unread[id] = "it is forbidden";
  EXPECT_EQ(world.plan().objections.back().message,
            "Service c-lb could not be looked for, so it is left as it is: it is forbidden.");
}

}  // namespace
}  // namespace cadence::plan
