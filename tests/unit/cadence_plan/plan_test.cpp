#include <gtest/gtest.h>

#include "world.hpp"

namespace cadence::plan {
namespace {

TEST(MakePlan, BringsSecretsBeforeThePodsThatMountThem) {
  World world;
  const auto first = world.plan();
  EXPECT_TRUE(has_action(first, "Secret c-ca"));
  EXPECT_TRUE(has_action(first, "Service c-webhook"));
  EXPECT_FALSE(has_action(first, "Deployment c-webhook"));
  EXPECT_FALSE(has_action(first, "Pod c-postgres-1"));
  world.apply(first);
  const auto second = world.plan();
  EXPECT_TRUE(has_action(second, "Deployment c-webhook"));
  EXPECT_TRUE(has_action(second, "StatefulSet c-redis-2"));
  EXPECT_TRUE(has_action(second, "Pod c-postgres-1"));
  EXPECT_FALSE(has_action(second, "Pod c-postgres-2")) << "a standby has nothing to copy before the database exists";
}

TEST(MakePlan, AddsStandbysOnceTheDatabaseExistsAndLabelsRolesFromTheLease) {
  World world;
  world.settle();
  world.initialise_postgres("c-postgres-1");
  world.settle();
  EXPECT_EQ(world.seen.pods.size(), 3U);
  EXPECT_EQ(world.seen.pods.at("c-postgres-1")->metadata.labels.at("cadence.noslop.tech/role"), "primary");
  EXPECT_EQ(world.seen.pods.at("c-postgres-2")->metadata.labels.at("cadence.noslop.tech/role"), "standby");
}

TEST(MakePlan, IsEmptyWhereEverythingIsAsWanted) {
  World world;
  world.settle();
  world.initialise_postgres("c-postgres-1");
  world.settle();
  world.put(kube::types::Lease::kind_info(), {{"metadata", {{"name", "c-postgres"}}}});
  world.initialise_postgres("c-postgres-1");
  Plan writes;
  writes.actions = world.plan().actions;
  EXPECT_EQ(to_text(writes), "");
}

TEST(MakePlan, RestoresWhatWasDeletedOrEdited) {
  World world;
  world.settle();
  world.seen.children.erase({"PodDisruptionBudget", "c-webhook"});
  world.seen.children.at({"Service", "c-lb"}).document["spec"]["selector"]["app.kubernetes.io/component"] = "other";
  const auto plan = world.plan();
  ASSERT_EQ(plan.actions.size(), 2U) << to_text(plan);
  EXPECT_TRUE(has_action(plan, "PodDisruptionBudget c-webhook"));
  EXPECT_TRUE(has_action(plan, "Service c-lb"));
}

// What the plan says of the Deployment's replicas; nothing where it does not touch the Deployment or does not name
// them.
std::optional<int> replicas_in(const Plan& plan) {
  for (const auto& action : plan.actions) {
    const auto* object = std::get_if<ApplyObject>(&action.step);
    if (object == nullptr || action.object.to_string() != "Deployment c-webhook" ||
        !object->document["spec"].contains("replicas"))
      continue;
    return object->document["spec"]["replicas"].get<int>();
  }
  return std::nullopt;
}

void change_spec(World& world, const std::function<void(api::CadenceClusterSpec&)>& change) {
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  change(cluster->spec);
  world.seen.cluster = cluster;
}

TEST(MakePlan, HandsTheReplicasToTheAutoscalerWithoutADip) {
  World world;
  world.settle();
  change_spec(world,
              [](auto& spec) { spec.webhook.autoscaling = api::Autoscaling{.min_replicas = 2, .max_replicas = 10}; });
  auto plan = world.plan();
  EXPECT_TRUE(has_action(plan, "HorizontalPodAutoscaler c-webhook"));
  EXPECT_FALSE(has_action(plan, "Deployment c-webhook"))
      << "three stay three, and stay said: a field that nobody sets becomes one";
  world.apply(plan);
  EXPECT_FALSE(has_action(world.plan(), "Deployment c-webhook"));
  // The autoscaler sets another count and owns the field: now it can be let go.
  world.put(kube::types::Deployment::kind_info(), {{"metadata", {{"name", "c-webhook"}}}, {"spec", {{"replicas", 5}}}});
  plan = world.plan();
  EXPECT_TRUE(has_action(plan, "Deployment c-webhook"));
  EXPECT_EQ(replicas_in(plan), std::nullopt);
}

TEST(MakePlan, StartsAnAutoscalerWithinItsBounds) {
  for (const auto& [before, expected] : {std::pair{0, 2}, {1, 2}, {12, 10}}) {
    World world;
    change_spec(world, [n = before](auto& spec) { spec.webhook.replicas = n; });
    world.settle();
    change_spec(world,
                [](auto& spec) { spec.webhook.autoscaling = api::Autoscaling{.min_replicas = 2, .max_replicas = 10}; });
    EXPECT_EQ(replicas_in(world.plan()), expected) << before;
  }
  World fresh(R"({"webhook":{"autoscaling":{"minReplicas":4,"maxReplicas":10}}})");
  fresh.settle();
  EXPECT_EQ(fresh.seen.webhook->spec.replicas, 4);
}

TEST(MakePlan, AnAutoscalerThatBeganBeforeThisVersionKeepsTheCount) {
  World world(R"({"webhook":{"autoscaling":{"minReplicas":2,"maxReplicas":10}}})");
  world.settle();
  auto& live = world.seen.children.at({"Deployment", "c-webhook"}).document;
  live["metadata"]["annotations"].erase("cadence.noslop.tech/replicas");
  live["spec"]["replicas"] = 7;
  world.put(kube::types::Deployment::kind_info(), {{"metadata", {{"name", "c-webhook"}}}});
  EXPECT_EQ(replicas_in(world.plan()), std::nullopt);
  // Switched off, the spec's count is set at once.
  change_spec(world, [](auto& spec) { spec.webhook.autoscaling.reset(); });
  EXPECT_EQ(replicas_in(world.plan()), 3);
}

TEST(MakePlan, LeavesTheHaproxiesWhereNginxIsAskedFor) {
  World world;
  world.settle();
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec.load_balancer.type = "Nginx";
  world.seen.cluster = cluster;
  const auto has_lb = [&](const auto& action) { return action.object.name.starts_with("c-lb"); };
  const auto plan = world.plan();
  EXPECT_EQ(std::count_if(plan.actions.begin(), plan.actions.end(), has_lb), 0) << to_text(plan);
  World fresh(R"({"loadBalancer":{"type":"Nginx"}})");
  fresh.settle();
  EXPECT_EQ(fresh.seen.child("Deployment", "c-lb"), nullptr);
}

TEST(MakePlan, GivesTheServersTheSecretsOfASender) {
  World world;
  world.settle();
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec.webhook.secrets.gitlab = {{.secret_ref = {.name = "hook", .key = "gitlab"}, .repositories = {}}};
  world.seen.cluster = cluster;
  world.seen.named_secrets["hook"] = {true, {"gitlab"}};
  EXPECT_TRUE(has_action(world.plan(), "Deployment c-webhook"));
  EXPECT_TRUE(has_action(world.plan(), "ConfigMap c-webhook"));
}

TEST(MakePlan, RemovesOnlyWhatItOwnsAndNeverVolumes) {
  World world;
  world.settle();
  const json::Value owned{
      {"metadata", {{"name", "c-old"}, {"ownerReferences", json::Value::array({world.cluster_owner()})}}}};
  const json::Value foreign{
      {"metadata", {{"name", "c-foreign"}, {"ownerReferences", json::Value::array({{{"uid", "uid-x"}}})}}}};
  world.put(kube::types::ConfigMap::kind_info(), owned);
  world.put(kube::types::ConfigMap::kind_info(), foreign);
  world.put(kube::types::PersistentVolumeClaim::kind_info(), owned);
  const auto plan = world.plan();
  EXPECT_TRUE(has_action(plan, "ConfigMap c-old"));
  EXPECT_FALSE(has_action(plan, "ConfigMap c-foreign"));
  const auto volume = std::find_if(plan.actions.begin(), plan.actions.end(), [](const Action& a) {
    return a.object == facts::ChildId{"PersistentVolumeClaim", "c-old"};
  });
  ASSERT_NE(volume, plan.actions.end());
  EXPECT_FALSE(std::holds_alternative<DeleteObject>(volume->step));
  EXPECT_EQ(volume->why, "PersistentVolumeClaim c-old will stay when the cluster is deleted");
}

TEST(MakePlan, ChangesNothingWhenPausedInvalidOrGoing) {
  for (const char* spec : {R"({"paused":true})", R"({"redis":{"shards":2}})"})
    EXPECT_TRUE(World(spec).plan().actions.empty()) << spec;
  EXPECT_EQ(to_text(World(R"({"redis":{"shards":2}})").plan()).rfind("invalid: spec.redis.shards", 0), 0U);
  World going;
  auto cluster = std::make_shared<api::CadenceCluster>(*going.seen.cluster);
  cluster->metadata.deletion_timestamp = "2026-03-04T10:00:00Z";
  going.seen.cluster = cluster;
  EXPECT_TRUE(going.plan().actions.empty());
}

TEST(MakePlan, RenewsACertificateInItsLastThird) {
  World world;
  world.settle();
  auto& term = world.seen.certificate_terms["c-lb-tls"];
  for (const auto life : {std::chrono::hours(24), kCertificateLifetime}) {
    term = {world.now - life / 2, world.now + life / 2};
    EXPECT_FALSE(has_action(world.plan(), "Secret c-lb-tls"));
    term = {world.now - life * 3 / 4, world.now + life / 4};
    EXPECT_TRUE(has_action(world.plan(), "Secret c-lb-tls"));
  }
}

TEST(MakePlan, NeverRemovesTheLastPrimaryWhenScaledDown) {
  World world;
  world.settle();
  world.initialise_postgres("c-postgres-3");
  world.settle();
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec.postgres.instances = 2;
  world.seen.cluster = cluster;
  for (const auto& action : world.plan().actions)
    EXPECT_FALSE(std::holds_alternative<DeleteObject>(action.step)) << action.why;
}

TEST(WantedSecrets, HaveNoGeneratedSenderSecretWhenTheUserBringsOne) {
  const World own(R"({"webhook":{"secrets":{"github":[{"secretRef":{"name":"hook","key":"github"}}]}}})");
  for (const auto& recipe : wanted_secrets(*own.seen.cluster)) EXPECT_NE(recipe.name, "c-webhook-github");
}

}  // namespace
}  // namespace cadence::plan
