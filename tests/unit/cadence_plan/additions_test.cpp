#include "cadence/plan/common/additions.hpp"

#include <gtest/gtest.h>

#include "kube/types/networking.hpp"
#include "kube/types/policy.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

std::optional<PatchObject> pruned(const Plan& plan, const std::string& name) {
  for (const auto& action : plan.actions) {
    if (const auto* prune = std::get_if<PatchObject>(&action.step); prune != nullptr && prune->name == name)
      return *prune;
  }
  return std::nullopt;
}

struct Case {
  const kube::core::KindInfo& kind;
  const char* name;
  const char* added;
  const char* patch;
};

TEST(Additions, ThatChangeWhomAnObjectReachesAreTakenAway) {
  using namespace kube::types;
  const Case cases[] = {
      {Service::kind_info(), "c-lb", R"({"spec":{"selector":{"team":"kiln"}}})",
       R"({"spec":{"selector":{"team":null}}})"},
      {Service::kind_info(), "c-webhook", R"({"spec":{"publishNotReadyAddresses":true}})",
       R"({"spec":{"publishNotReadyAddresses":null}})"},
      {Service::kind_info(), "c-lb",
       R"({"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}}}})",
       R"({"spec":{"sessionAffinity":null,"sessionAffinityConfig":null}})"},
      {Service::kind_info(), "c-postgres-rw", R"({"spec":{"internalTrafficPolicy":"Local"}})",
       R"({"spec":{"internalTrafficPolicy":null}})"},
      {Service::kind_info(), "c-postgres-rw",
       R"({"spec":{"externalIPs":["192.0.2.1"],"trafficDistribution":"PreferClose"}})",
       R"({"spec":{"externalIPs":null,"trafficDistribution":null}})"},
      {PodDisruptionBudget::kind_info(), "c-redis", R"({"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}})",
       R"({"spec":{"unhealthyPodEvictionPolicy":null}})"},
      {PodDisruptionBudget::kind_info(), "c-lb", R"({"spec":{"selector":{"matchLabels":{"team":"kiln"}}}})",
       R"({"spec":{"selector":{"matchLabels":{"team":null}}}})"},
      {NetworkPolicy::kind_info(), "c-redis",
       R"({"spec":{"podSelector":{"matchExpressions":[{"key":"a","operator":"Exists"}]}}})",
       R"({"spec":{"podSelector":{"matchExpressions":null}}})"},
      {Deployment::kind_info(), "c-lb", R"({"spec":{"paused":true}})", R"({"spec":{"paused":null}})"},
      {StatefulSet::kind_info(), "c-redis-2", R"({"spec":{"minReadySeconds":500}})",
       R"({"spec":{"minReadySeconds":null}})"},
      {Deployment::kind_info(), "c-webhook", R"({"spec":{"template":{"spec":{"nodeSelector":{"disk":"fast"}}}}})",
       R"({"spec":{"template":{"spec":{"nodeSelector":null}}}})"},
      {StatefulSet::kind_info(), "c-redis-0", R"({"spec":{"template":{"spec":{"nodeSelector":{"disk":"fast"}}}}})",
       R"({"spec":{"template":{"spec":{"nodeSelector":null}}}})"},
  };
  for (const auto& c : cases) {
    World world;
    world.settle();
    ASSERT_FALSE(pruned(world.plan(), c.name)) << c.name << " is ours as it is";
    ASSERT_NE(world.seen.child(c.kind.kind, c.name), nullptr) << c.name;
    world.put(c.kind, *json::parse(std::string(R"({"metadata":{"name":")") + c.name + R"(","resourceVersion":"9"},)" +
                                   std::string(c.added).substr(1)));
    const auto plan = world.plan();
    const auto prune = pruned(plan, c.name);
    ASSERT_TRUE(prune) << c.name << " " << c.added << "\n" << to_text(plan);
    EXPECT_EQ(prune->patch, *json::parse(c.patch)) << c.name;
    EXPECT_EQ(prune->resource_version, "9");
  }
}

TEST(Additions, OfPortsAreClosedAndOursKeepWhatTheApiServerGaveThem) {
  const auto intent = *json::parse(R"({"spec":{"ports":[{"name":"http","port":80},{"name":"https","port":443}]}})");
  auto live = *json::parse(
      R"({"spec":{"ports":[{"name":"http","port":80,"nodePort":30080},
    {"name":"https","port":443,"nodePort":30443}]}})");
  EXPECT_TRUE(additions_in("Service", intent, live).is_null());
  const auto ours = live["spec"]["ports"];
  live["spec"]["ports"].push_back({{"name", "extra"}, {"port", 5432}});
  EXPECT_EQ(additions_in("Service", intent, live)["spec"]["ports"], ours);
  live["spec"]["ports"].erase(0);
  EXPECT_TRUE(additions_in("Service", intent, live).is_null()) << "ours come back first: that is drift";
}

TEST(Additions, ThatTheApiServerMadeItselfAreNone) {
  const json::Value filled{
      {"spec",
       {{"sessionAffinity", "None"}, {"internalTrafficPolicy", "Cluster"}, {"publishNotReadyAddresses", false}}}};
  EXPECT_TRUE(additions_in("Service", {{"spec", json::Value::object()}}, filled).is_null());
}

TEST(Additions, OfLabelsAnnotationsAndContainersAreLeftAlone) {
  World world;
  world.settle();
  world.put(
      kube::types::Deployment::kind_info(),
      {{"metadata", {{"name", "c-webhook"}, {"labels", {{"team", "kiln"}}}}},
       {"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", "now"}}}}}}}}}});
  EXPECT_TRUE(world.plan().actions.empty()) << to_text(world.plan());
}

TEST(Additions, OfTheUsersOwnNodeSelectorStay) {
  World world(R"({"podTemplate":{"nodeSelector":{"disk":"fast"}}})");
  world.settle();
  EXPECT_FALSE(pruned(world.plan(), "c-webhook")) << to_text(world.plan());
}

// The slices that Kubernetes makes for it stay when the selector goes.
TEST(Additions, ASelectorOfTheServiceThatHasNoneTakesItsSlicesAlong) {
  World world;
  world.settle();
  world.put(kube::types::Service::kind_info(),
            {{"metadata", {{"name", "c-postgres-rw"}}}, {"spec", {{"selector", {{"a", "b"}}}}}});
  const auto prune = pruned(world.plan(), "c-postgres-rw");
  ASSERT_TRUE(prune);
  EXPECT_EQ(prune->patch["spec"], *json::parse(R"({"selector":null})"));
  EXPECT_EQ(prune->patch["metadata"]["annotations"][names::kHadSelectorAnnotation], "2026-03-04T10:00:00Z");
  // As the API server merges it.
  world.seen.children[{"Service", "c-postgres-rw"}].document.merge_patch(prune->patch);
  const auto removes = [](const Plan& plan) {
    return std::any_of(plan.actions.begin(), plan.actions.end(), [](const auto& a) {
      const auto* s = std::get_if<PruneSlices>(&a.step);
      return s != nullptr && s->service == "c-postgres-rw";
    });
  };
  EXPECT_TRUE(removes(world.plan()));
  EXPECT_FALSE(pruned(world.plan(), "c-postgres-rw")) << "another slice may be on its way";
  EXPECT_TRUE(world.plan().requeue_after);
  world.now += std::chrono::seconds(20);
  EXPECT_TRUE(removes(world.plan()));
  ASSERT_TRUE(pruned(world.plan(), "c-postgres-rw"));
  const auto last = pruned(world.plan(), "c-postgres-rw")->patch;
  world.seen.children[{"Service", "c-postgres-rw"}].document.merge_patch(last);
  EXPECT_TRUE(world.plan().actions.empty()) << to_text(world.plan());
}

}  // namespace
}  // namespace cadence::plan
