// Kinds that may be missing: who asked for one reads so, and everything else is carried out.
#include "cadence/plan/absent_kinds.hpp"

#include <gtest/gtest.h>

#include "cadence/status/summarise.hpp"
#include "kube/core/conditions.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

using facts::Absence;

constexpr const char* kScaled = R"({"webhook":{"autoscaling":{"minReplicas":2,"maxReplicas":10}}})";
constexpr const char* kSaid =
    "spec.webhook.autoscaling asks for HorizontalPodAutoscaler c-webhook, and horizontalpodautoscalers.autoscaling "
    "(autoscaling/v2) is not installed: let the API server serve it (--runtime-config), or take the field out. "
    "Everything else is carried out.";

kube::core::Condition degraded(const World& world) {
  const auto status = status::summarise(world.seen, world.plan(), {}, world.now);
  return *kube::core::find_condition(status.conditions, "Degraded");
}

TEST(AbsentKinds, AreNamedWithTheFieldThatAsksAndWhatHelps) {
  const kube::core::KindInfo kiln{"test.example", "v1", "Kiln", "kilns"};
  kinds::Entry entry{&kiln, {.field = "spec.kilns"}};
  EXPECT_EQ(to_sentences(entry, Absence::NotInstalled, "c-kiln"),
            "spec.kilns asks for Kiln c-kiln, and kilns.test.example (test.example/v1) is not installed: install "
            "CustomResourceDefinition kilns.test.example, or take the field out. Everything else is carried out.");
  EXPECT_EQ(to_sentences(entry, Absence::Forbidden, "c-kiln"),
            "spec.kilns asks for Kiln c-kiln, and the operator may not list and watch kilns.test.example: give its "
            "ServiceAccount that right, as the chart does, or take the field out. Everything else is carried out.");
  EXPECT_EQ(to_sentences(entry, Absence::Unclear, "c-kiln"), "");
  entry.manner.remedy = "light it";
  EXPECT_NE(to_sentences(entry, Absence::NotInstalled, "c-kiln").find("installed: light it, or"), std::string::npos);
}

TEST(AbsentKinds, AreNotWrittenWhileAllElseIs) {
  World world(kScaled);
  world.seen.absent = {{"HorizontalPodAutoscaler", Absence::NotInstalled}};
  world.settle();
  EXPECT_EQ(world.seen.child("HorizontalPodAutoscaler", "c-webhook"), nullptr);
  EXPECT_NE(world.seen.child("Deployment", "c-webhook"), nullptr);
  EXPECT_EQ(degraded(world).status, "True");
  EXPECT_EQ(degraded(world).reason, "KindMissing");
  EXPECT_EQ(degraded(world).message, kSaid);
  world.seen.absent.clear();
  EXPECT_TRUE(has_action(world.plan(), "HorizontalPodAutoscaler c-webhook"));
  EXPECT_EQ(degraded(world).status, "False");
}

TEST(AbsentKinds, ThatNobodyAsksForAreNotMentioned) {
  World world;
  world.seen.absent = {{"HorizontalPodAutoscaler", Absence::NotInstalled}};
  EXPECT_EQ(degraded(world).status, "False");
}

TEST(AbsentKinds, AreLookedForAgainBeforeAnybodyComplains) {
  World world(kScaled);
  world.settle();
  world.seen.children.erase({"HorizontalPodAutoscaler", "c-webhook"});
  world.seen.absent = {{"HorizontalPodAutoscaler", Absence::Unclear}};
  EXPECT_FALSE(has_action(world.plan(), "HorizontalPodAutoscaler c-webhook"));
  EXPECT_EQ(world.plan().requeue_after, std::chrono::seconds(1));
  EXPECT_EQ(degraded(world).status, "False");
}

}  // namespace
}  // namespace cadence::plan
