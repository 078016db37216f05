#include "cadence/plan/references.hpp"

#include <gtest/gtest.h>

#include "cadence/status/summarise.hpp"
#include "kube/core/conditions.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

constexpr const char* kHook = R"({"webhook":{"secrets":{"github":[{"secretRef":{"name":"hook","key":"github"},"repositories":["potters/*"]}]}}})";

void ask_for(World& world, const char* spec) {
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec = *json::decode<api::CadenceClusterSpec>(*json::parse(spec), "spec");
  world.seen.cluster = cluster;
}

const kube::core::Condition condition(const World& world, const char* type) {
  return *kube::core::find_condition(status::summarise(world.seen, world.plan(), {}, world.now).conditions, type);
}

TEST(References, AMissingSecretOrKeyIsNamedAndHoldsTheServersBack) {
  const std::pair<NamedSecret, const char*> rows[] = {
      {{}, R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" not found)"},
      {{true, {"other"}}, R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" has no key "github")"},
      {{false, {}, "no answer"}, R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" could not be read: no answer)"}};
  for (const auto& [secret, said] : rows) {
    World world;
    world.settle();
    ask_for(world, kHook);
    world.seen.named_secrets["hook"] = secret;
    const auto plan = world.plan();
    for (const char* object : {"Deployment c-webhook", "ConfigMap c-webhook", "Secret c-webhook-github"}) EXPECT_FALSE(has_action(plan, object)) << to_text(plan);
    EXPECT_TRUE(plan.requeue_after && *plan.requeue_after <= std::chrono::seconds(5)) << "nothing wakes the operator when it appears";
    EXPECT_EQ(condition(world, "Degraded").reason, "SecretMissing");
    for (const char* type : {"Degraded", "WebhookReady"}) EXPECT_NE(condition(world, type).message.find(said), std::string::npos) << condition(world, type).message;
    EXPECT_EQ(condition(world, "WebhookReady").status, "False");
    EXPECT_EQ(condition(world, "WebhookReady").reason, "SecretMissing");

    world.seen.named_secrets["hook"] = {true, {"github"}};
    for (const char* object : {"Deployment c-webhook", "ConfigMap c-webhook", "Secret c-webhook-github"}) EXPECT_TRUE(has_action(world.plan(), object)) << object;
    EXPECT_EQ(condition(world, "Degraded").status, "False");
  }
}

TEST(References, ServersThatHaveItAlreadyAreNotUnready) {
  World world(kHook);
  world.seen.named_secrets["hook"] = {true, {"github"}};
  world.settle();
  world.seen.named_secrets["hook"] = {};
  EXPECT_TRUE(world.plan().held.empty());
  EXPECT_EQ(condition(world, "Degraded").reason, "SecretMissing");
  EXPECT_NE(condition(world, "WebhookReady").reason, "SecretMissing");
}

TEST(References, ACertificateThatIsMissingLeavesTheLoadBalancerAndItsOldOne) {
  World world;
  world.settle();
  ask_for(world, R"({"loadBalancer":{"tls":{"secretName":"own"}}})");
  world.seen.named_secrets["own"] = {true, {"tls.crt"}};
  EXPECT_FALSE(has_action(world.plan(), "Deployment c-lb"));
  EXPECT_FALSE(has_action(world.plan(), "Secret c-lb-tls")) << "pods still mount it";
  EXPECT_NE(condition(world, "LoadBalancerReady").message.find(R"(spec.loadBalancer.tls.secretName: Secret "own" has no key "tls.key")"), std::string::npos);
  world.seen.named_secrets["own"].keys.insert("tls.key");
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-lb"));
}

TEST(References, CredentialsForClonesAreOnlySaid) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"clone":{"credentialsSecretRef":"git"}}})");
  world.seen.named_secrets["git"] = {};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook"));
  EXPECT_NE(condition(world, "Degraded").message.find(R"(spec.webhook.clone.credentialsSecretRef: Secret "git" not found)"), std::string::npos);
}

TEST(References, AMissingChildOfAClusterThatWasWholeIsRestored) {
  World world;
  world.settle();
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status.redis.formed = true;
  cluster->status.observed_generation = 1;
  world.seen.cluster = cluster;
  world.seen.children.erase({"Service", "c-lb"});
  EXPECT_NE(to_text(world.plan()).find("Restored: Restored Service c-lb: it was missing"), std::string::npos) << to_text(world.plan());
}

}  // namespace
}  // namespace cadence::plan
