#include "cadence/plan/references.hpp"

#include <gtest/gtest.h>

#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/status/summarise.hpp"
#include "kube/core/conditions.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

constexpr const char* kHook =
    R"({"webhook":{"secrets":{"github":[{"secretRef":{"name":"hook","key":"github"},"repositories":["potters/*"]}]}}})";

void ask_for(World& world, const char* spec) {
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec = *json::decode<api::CadenceClusterSpec>(*json::parse(spec), "spec");
  world.seen.cluster = cluster;
}

const kube::core::Condition condition(const World& world, const char* type) {
  return *kube::core::find_condition(status::summarise(world.seen, world.plan(), {}, world.now).conditions, type);
}

TEST(References, AMissingSecretOrKeyIsNamedAndHoldsTheServersBack) {
  const std::pair<facts::NamedSecret, const char*> rows[] = {
      {{}, R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" not found)"},
      {{true, {"other"}},
       R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" has no key "github", or nothing in it)"},
      {{false, {}, "no answer"},
       R"(spec.webhook.secrets.github[0].secretRef: Secret "hook" could not be read: no answer)"}};
  for (const auto& [secret, said] : rows) {
    World world;
    world.settle();
    ask_for(world, kHook);
    world.seen.named_secrets["hook"] = secret;
    const auto plan = world.plan();
    for (const char* object : {"Deployment c-webhook", "ConfigMap c-webhook", "Secret c-webhook-github"})
      EXPECT_FALSE(has_action(plan, object)) << to_text(plan);
    EXPECT_TRUE(plan.requeue_after && *plan.requeue_after <= std::chrono::seconds(5))
        << "nothing wakes the operator when it appears";
    EXPECT_EQ(condition(world, "Degraded").reason, "SecretMissing");
    for (const char* type : {"Degraded", "WebhookReady"})
      EXPECT_NE(condition(world, type).message.find(said), std::string::npos) << condition(world, type).message;
    EXPECT_EQ(condition(world, "WebhookReady").status, "False");
    EXPECT_EQ(condition(world, "WebhookReady").reason, "SecretMissing");

    world.seen.named_secrets["hook"] = {true, {"github"}};
    for (const char* object : {"Deployment c-webhook", "ConfigMap c-webhook", "Secret c-webhook-github"})
      EXPECT_TRUE(has_action(world.plan(), object)) << object;
    EXPECT_EQ(condition(world, "Degraded").status, "False");
  }
}

TEST(References, EverySendersSecretIsLookedFor) {
  for (const std::string sender :
       {"github", "gitlab", "gitea", "forgejo", "gogs", "bitbucket", "bitbucketServer", "azureDevOps", "standard"}) {
    World world;
    world.settle();
    ask_for(world, (R"({"webhook":{"secrets":{")" + sender +
                    R"(":[{"secretRef":{"name":"hook","key":"a"}},{"secretRef":{"name":"hook","key":"b"}}]}}})")
                       .c_str());
    world.seen.named_secrets["hook"] = {true, {"a"}};
    EXPECT_EQ(condition(world, "Degraded").reason, "SecretMissing") << sender;
    EXPECT_NE(condition(world, "WebhookReady")
                  .message.find("spec.webhook.secrets." + sender +
                                R"([1].secretRef: Secret "hook" has no key "b", or nothing in it)"),
              std::string::npos)
        << condition(world, "WebhookReady").message;
    EXPECT_FALSE(has_action(world.plan(), "Deployment c-webhook")) << sender;
    world.seen.named_secrets["hook"] = {true, {"a", "b"}};
    EXPECT_EQ(condition(world, "Degraded").status, "False") << sender;
    EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook")) << sender;
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

constexpr const char* kOwn = R"({"loadBalancer":{"tls":{"secretName":"own"}}})";

const SecretRecipe* balancer_pair(const Plan& plan) {
  for (const auto& action : plan.actions) {
    if (const auto* made = std::get_if<MakeSecret>(&action.step); made != nullptr && made->recipe.name == "c-lb-tls")
      return &made->recipe;
  }
  return nullptr;
}

facts::NamedSecret pair(const std::string& base64) {
  return {true, {"tls.crt", "tls.key"}, "", "", facts::certificate_mark(base64)};
}

TEST(References, APairThatCannotBeUsedLeavesTheLoadBalancerTheOneOfBefore) {
  const std::pair<facts::NamedSecret, const char*> rows[] = {
      {{}, R"(spec.loadBalancer.tls.secretName: Secret "own" not found)"},
      {{true, {"tls.crt"}}, R"(spec.loadBalancer.tls.secretName: Secret "own" has no key "tls.key", or nothing in it)"},
      {{true, {"tls.crt", "tls.key"}, "", "tls.key is not the key of tls.crt", "7"},
       R"(Secret "own" cannot be used: tls.key is not the key of tls.crt.)"}};
  for (const auto& [secret, said] : rows) {
    World world;
    world.settle();
    ask_for(world, kOwn);
    world.seen.named_secrets["own"] = secret;
    const auto plan = world.plan();
    EXPECT_TRUE(plan.actions.empty()) << to_text(plan);
    EXPECT_TRUE(plan.held.empty()) << "pods that start find the pair of before";
    EXPECT_TRUE(plan.requeue_after && *plan.requeue_after <= std::chrono::seconds(5)) << "a good one heals at once";
    EXPECT_EQ(condition(world, "Degraded").reason, secret.unfit.empty() ? "SecretMissing" : "CertificateUnfit");
    EXPECT_NE(condition(world, "Degraded").message.find(said), std::string::npos)
        << condition(world, "Degraded").message;
    EXPECT_NE(condition(world, "Degraded").message.find("keep the certificate that they have"), std::string::npos);
    world.seen.named_secrets["own"] = pair("Zmlyc3Q=");
    ASSERT_NE(balancer_pair(world.plan()), nullptr);
    EXPECT_EQ(std::get<SecretRecipe::Copy>(balancer_pair(world.plan())->content).source, "own");
    EXPECT_EQ(condition(world, "Degraded").status, "False");
  }
}

TEST(References, WithoutAPairEverTheLoadBalancerWaitsAndNothingElseDoes) {
  World world(kOwn);
  world.seen.named_secrets["own"] = {true, {"tls.crt", "tls.key"}, "", "tls.crt is no PEM certificate", "7"};
  world.settle();
  EXPECT_EQ(world.seen.child("Deployment", "c-lb"), nullptr);
  EXPECT_NE(world.seen.child("Deployment", "c-webhook"), nullptr);
  EXPECT_EQ(condition(world, "LoadBalancerReady").reason, "CertificateUnfit");
  EXPECT_NE(condition(world, "LoadBalancerReady").message.find("No load balancer starts before that."),
            std::string::npos)
      << condition(world, "LoadBalancerReady").message;
  world.seen.named_secrets["own"] = pair("Zmlyc3Q=");
  world.settle();
  EXPECT_NE(world.seen.child("Deployment", "c-lb"), nullptr);
}

TEST(References, ARenewedPairIsCopiedAndOnlyThen) {
  World world(kOwn);
  world.seen.named_secrets["own"] = pair("Zmlyc3Q=");
  world.settle();
  world.put(kube::types::Secret::kind_info(),
            {{"metadata", {{"name", "c-lb-tls"}, {"annotations", {{names::kCopyOfAnnotation, "own"}}}}},
             {"data", {{"tls.crt", "Zmlyc3Q="}}}});
  EXPECT_EQ(balancer_pair(world.plan()), nullptr);
  EXPECT_TRUE(world.plan().requeue_after && *world.plan().requeue_after <= std::chrono::seconds(30))
      << "no watch tells of the user's Secret";
  auto& annotations = world.seen.children.at({"Secret", "c-lb-tls"}).document["metadata"]["annotations"];
  annotations.erase(names::kCopyOfAnnotation);
  EXPECT_NE(balancer_pair(world.plan()), nullptr) << "it would be taken for one of the operator's own";
  annotations[names::kCopyOfAnnotation] = "own";
  world.seen.named_secrets["own"] = pair("c2Vjb25k");
  ASSERT_NE(balancer_pair(world.plan()), nullptr);
  EXPECT_EQ(std::get<SecretRecipe::Copy>(balancer_pair(world.plan())->content).certificate,
            facts::certificate_mark("c2Vjb25k"));
  world.seen.named_secrets["own"].unfit = "tls.key is not the key of tls.crt";
  EXPECT_EQ(balancer_pair(world.plan()), nullptr) << "never one that serves nobody";
  // No longer wanted: the operator makes one of its own in its place.
  ask_for(world, "{}");
  ASSERT_NE(balancer_pair(world.plan()), nullptr);
  EXPECT_TRUE(std::holds_alternative<SecretRecipe::Certificate>(balancer_pair(world.plan())->content));
  EXPECT_FALSE(has_action(world.plan(), "Deployment c-lb")) << "the pods mount the same Secret";
}

TEST(References, LoadBalancersHearOfANewCertificateOnceAndThoseThatStartedWithItNever) {
  World world;
  world.settle();
  world.put(
      kube::types::Secret::kind_info(),
      {{"metadata", {{"name", "c-lb-tls"}, {"annotations", {{names::kCopiedAtAnnotation, "2026-03-04T09:30:00Z"}}}}}});
  for (const auto& [name, started] :
       {std::pair{"c-lb-old", "2026-03-04T09:00:00Z"}, std::pair{"c-lb-new", "2026-03-04T09:31:00Z"}}) {
    world.put(kube::types::Pod::kind_info(),
              {{"metadata", {{"name", name}, {"labels", {{"app.kubernetes.io/component", "lb"}}}}},
               {"status", {{"phase", "Running"}, {"startTime", started}}}});
  }
  EXPECT_FALSE(has_action(world.plan(), "Pod c-lb-new"));
  ASSERT_TRUE(has_action(world.plan(), "Pod c-lb-old")) << to_text(world.plan());
  world.apply(world.plan());
  EXPECT_FALSE(has_action(world.plan(), "Pod c-lb-old")) << to_text(world.plan());
}

TEST(References, TheCopyItselfIsNoPairOfTheUsers) {
  const World world(R"({"loadBalancer":{"tls":{"secretName":"c-lb-tls"}}})");
  EXPECT_TRUE(std::holds_alternative<SecretRecipe::Certificate>(balancer_pair(world.plan())->content));
  EXPECT_TRUE(secret_references(*world.seen.cluster).empty());
}

TEST(OwnSecrets, BlanksAreNothing) {
  World world;
  world.settle();
  world.put(kube::types::Secret::kind_info(),
            {{"metadata", {{"name", "c-webhook-github"}}}, {"data", {{"secret", "Cg=="}}}});
  EXPECT_NE(to_text(world.plan()).find("Generated the content of Secret c-webhook-github: secret was missing or empty"),
            std::string::npos)
      << to_text(world.plan());
}

TEST(OwnSecrets, TheUriSaysWhatTheOtherKeysSay) {
  World world;
  world.settle();
  for (const auto& [key, value] :
       {std::pair{"password", "own-password"}, std::pair{"host", "elsewhere"}, std::pair{"uri", "nonsense"}}) {
    auto edited = world;
    edited.put(kube::types::Secret::kind_info(),
               {{"metadata", {{"name", "c-postgres-app"}}}, {"data", {{key, base::to_base64(value)}}}});
    const auto plan = edited.plan();
    ASSERT_EQ(plan.actions.size(), 1U) << to_text(plan);
    EXPECT_EQ(std::get<ChangeSecret>(plan.actions.front().step).kind, ChangeSecret::Kind::FitUri);
  }
  world.put(kube::types::Secret::kind_info(),
            {{"metadata", {{"name", "c-postgres-app"}}}, {"data", {{"password", base::to_base64("p@ss/word")}}}});
  EXPECT_TRUE(world.plan().actions.empty());
  EXPECT_NE(condition(world, "Degraded").message.find("password may hold letters, digits and -._~ only"),
            std::string::npos);
}

TEST(References, WhatAPodStillMountsIsNotRemoved) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"secrets":{"github":[{"secretRef":{"name":"hook","key":"github"}}]}}})");
  world.seen.named_secrets["hook"] = {true, {"github"}};
  auto old = *json::parse(
      R"({"metadata":{"name":"c-webhook-old"},
    "spec":{"volumes":[{"name":"s","projected":{"sources":[{"secret":{"name":"c-webhook-github"}}]}}]}})");
  world.put(kube::types::Pod::kind_info(), old);
  auto& secret = world.seen.children[{"Secret", "c-webhook-github"}].document;
  secret["metadata"]["ownerReferences"] = json::Value::array({world.cluster_owner()});
  EXPECT_FALSE(has_action(world.plan(), "Secret c-webhook-github")) << to_text(world.plan());
  world.seen.pods.erase("c-webhook-old");
  EXPECT_TRUE(has_action(world.plan(), "Secret c-webhook-github"));
}

TEST(References, CredentialsForClonesAreOnlySaid) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"clone":{"credentialsSecretRef":"git"}}})");
  world.seen.named_secrets["git"] = {};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook"));
  EXPECT_NE(
      condition(world, "Degraded").message.find(R"(spec.webhook.clone.credentialsSecretRef: Secret "git" not found)"),
      std::string::npos);
}

TEST(References, WhatOpensAnApiForStatusesIsOnlySaid) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"feedback":[{"provider":"gitlab","tokenSecretRef":{"name":"lab","key":"token"}},
    {"provider":"github","appID":"7","appSecretRef":{"name":"app","key":"pem"},
     "caSecretRef":{"name":"ca","key":"crt"}}]}})");
  for (const char* name : {"lab", "app", "ca"}) world.seen.named_secrets[name] = {true, {"other"}};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook")) << "deliveries are taken without it";
  for (const char* said : {R"(spec.webhook.feedback[0].tokenSecretRef: Secret "lab" has no key "token")",
                           R"(spec.webhook.feedback[1].appSecretRef: Secret "app" has no key "pem")",
                           R"(spec.webhook.feedback[1].caSecretRef: Secret "ca" has no key "crt")"})
    EXPECT_NE(condition(world, "WebhookReady").message.find(said), std::string::npos)
        << condition(world, "WebhookReady").message;
  world.seen.named_secrets = {{"lab", {true, {"token"}}}, {"app", {true, {"pem"}}}, {"ca", {true, {"crt"}}}};
  EXPECT_EQ(condition(world, "Degraded").status, "False");
}

TEST(References, WhatOpensACollectorIsOnlySaid) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"tracing":{"endpoint":"https://otel:4318",
    "headersSecretRef":{"name":"otel","key":"headers"},"caSecretRef":{"name":"otel","key":"ca.crt"}}}})");
  world.seen.named_secrets["otel"] = {true, {"other"}};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook")) << "deliveries are taken without it";
  for (const char* said :
       {R"(spec.webhook.tracing.headersSecretRef: Secret "otel" has no key "headers")",
        R"(spec.webhook.tracing.caSecretRef: Secret "otel" has no key "ca.crt")", "their spans are dropped until"})
    EXPECT_NE(condition(world, "WebhookReady").message.find(said), std::string::npos)
        << condition(world, "WebhookReady").message;
  world.seen.named_secrets = {{"otel", {true, {"headers", "ca.crt"}}}};
  EXPECT_EQ(condition(world, "Degraded").status, "False");
}

TEST(References, WhatOpensAnApiForDeliveriesIsOnlySaid) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"reconcileDeliveries":[{"provider":"gitlab","of":["potters/kiln"],
    "tokenSecretRef":{"name":"lab","key":"token"},"caSecretRef":{"name":"ca","key":"crt"}}]}})");
  for (const char* name : {"lab", "ca"}) world.seen.named_secrets[name] = {true, {"other"}};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook")) << "deliveries are taken without it";
  for (const char* said : {R"(spec.webhook.reconcileDeliveries[0].tokenSecretRef: Secret "lab" has no key "token")",
                           R"(spec.webhook.reconcileDeliveries[0].caSecretRef: Secret "ca" has no key "crt")"})
    EXPECT_NE(condition(world, "WebhookReady").message.find(said), std::string::npos)
        << condition(world, "WebhookReady").message;
  world.seen.named_secrets = {{"lab", {true, {"token"}}}, {"ca", {true, {"crt"}}}};
  EXPECT_EQ(condition(world, "Degraded").status, "False");
}

TEST(References, HooksThatCannotBeLookedAtAreSaidAsTheServersSayIt) {
  World world;
  world.settle();
  ask_for(world, R"({"webhook":{"reconcileDeliveries":[{"provider":"gitlab","of":["potters/kiln"],
    "tokenSecretRef":{"name":"lab","key":"token"}}]}})");
  world.seen.named_secrets = {{"lab", {true, {"token"}}}};
  const auto said = [&] { return condition(world, "WebhookReady").message; };
  EXPECT_EQ(said().find("not compared"), std::string::npos);
  for (const char* pod : {"a", "b"})
    world.seen.webhook_stores[pod] = {true, {}, {}, {{"gitlab potters/kiln", "it answered 401"}}};
  EXPECT_NE(said().find("Deliveries are not compared (spec.webhook.reconcileDeliveries) of gitlab potters/kiln: it "
                        "answered 401."),
            std::string::npos)
      << said();
  world.seen.webhook_stores["b"].hooks = {{"w", "p"}, {"x", "p"}, {"y", "p"}};
  EXPECT_NE(said().find("; and of 1 more."), std::string::npos) << said();
}

TEST(References, AMissingChildOfAClusterThatWasWholeIsRestored) {
  World world;
  world.settle();
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status.redis.formed = true;
  cluster->status.observed_generation = 1;
  cluster->status.operator_version = CADENCE_VERSION;
  world.seen.cluster = cluster;
  world.seen.children.erase({"Service", "c-lb"});
  EXPECT_NE(to_text(world.plan()).find("Restored: Restored Service c-lb: it was missing"), std::string::npos)
      << to_text(world.plan());
  cluster->status.operator_version = "0.0.1";  // what a newer operator adds was never there
  EXPECT_NE(to_text(world.plan()).find("Created: Created Service c-lb"), std::string::npos) << to_text(world.plan());
}

}  // namespace
}  // namespace cadence::plan
