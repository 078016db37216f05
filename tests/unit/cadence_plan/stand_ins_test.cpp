// Secrets that are or were immutable: who mounts what in their place, and in which order pods change over.
#include "cadence/plan/stand_ins.hpp"

#include <gtest/gtest.h>

#include "cadence/facts/mounts.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

using facts::ChildId;

void set_immutable(World& world, const std::string& secret) {
  world.put(kube::types::Secret::kind_info(), {{"metadata", {{"name", secret}}}, {"immutable", true}});
}
void lift(World& world, const std::string& secret) {
  world.seen.children.at({"Secret", secret}).document.erase("immutable");
}

// What the pods of these templates mount.
std::set<ChildId> mounted_by(const World& world, const std::string& kind, const std::string& name) {
  const auto& live = world.seen.children.at({kind, name}).document;
  const auto& part = kind == "Pod" ? live : json::at_path(live, {"spec", "template"});
  return facts::mounted_by(json::decode_leniently<kube::types::Pod>(part));
}

struct Row {
  const char *secret, *kind, *object;
};
const Row kMounts[] = {
    {"c-webhook-github", "Deployment", "c-webhook"},  {"c-api", "Deployment", "c-webhook"},
    {"c-postgres-app", "Deployment", "c-webhook"},    {"c-lb-tls", "Deployment", "c-lb"},
    {"c-redis-auth", "StatefulSet", "c-redis-1"},     {"c-postgres-app", "Pod", "c-postgres-1"},
    {"c-postgres-tls", "Pod", "c-postgres-1"},        {"c-postgres-superuser", "Pod", "c-postgres-1"},
    {"c-postgres-replication", "Pod", "c-postgres-1"}};

TEST(StandIns, ASecretThatIsImmutableIsMountedByACopyOfAnotherName) {
  for (const auto& [secret, kind, object] : kMounts) {
    SCOPED_TRACE(std::string(secret) + " in " + object);
    World world;
    world.settle();
    ASSERT_TRUE(mounted_by(world, kind, object).contains({"Secret", secret}));
    EXPECT_TRUE(stand_ins(world.seen).empty());
    set_immutable(world, secret);
    world.apply(world.plan());
    EXPECT_TRUE(mounted_by(world, kind, object).contains({"Secret", secret})) << "the copy is not there yet";
    if (std::string(kind) == "Pod") world.seen.pods.erase(object), world.seen.children.erase({kind, object});
    world.settle();
    const auto mounted = mounted_by(world, kind, object);
    EXPECT_FALSE(mounted.contains({"Secret", secret}));
    EXPECT_TRUE(mounted.contains({"Secret", std::string("c-copy-of-") + secret + "-1"}));
  }
}

TEST(StandIns, TheAuthorityIsMountedByNobodyAndHasNone) {
  World world;
  world.settle();
  set_immutable(world, "c-ca");
  EXPECT_TRUE(stand_ins(world.seen).empty());
}

TEST(StandIns, ACopyFollowsItsSecretAndStaysAfterIt) {
  World world;
  world.settle();
  set_immutable(world, "c-api");
  world.settle();
  const auto data = [&](const char* name) {
    return json::at_path(world.seen.child("Secret", name)->document, {"data"});
  };
  EXPECT_EQ(data("c-copy-of-c-api-1"), data("c-api"));
  lift(world, "c-api");
  EXPECT_TRUE(world.plan().actions.empty()) << to_text(world.plan());
  world.seen.children.erase({"Secret", "c-api"});  // and somebody makes another
  EXPECT_FALSE(has_action(world.plan(), "Secret c-copy-of-c-api-1"));
  world.settle();
  world.put(kube::types::Secret::kind_info(), {{"metadata", {{"name", "c-api"}}}, {"data", {{"token", "bmV3"}}}});
  EXPECT_EQ(world.plan().actions.size(), 1U) << to_text(world.plan());
  world.settle();
  EXPECT_EQ(data("c-copy-of-c-api-1"), data("c-api"));
  world.put(kube::types::Secret::kind_info(),
            {{"metadata", {{"name", "c-copy-of-c-api-1"}}}, {"data", {{"token", "ZWRpdGVk"}}}});
  world.settle();
  EXPECT_EQ(data("c-copy-of-c-api-1"), data("c-api")) << "what somebody edits in it is written again";
}

TEST(StandIns, ACopyThatIsLostWhilePodsMountItIsMadeAgain) {
  World world;
  world.settle();
  set_immutable(world, "c-postgres-tls");
  world.settle();
  world.seen.children.erase({"Pod", "c-postgres-1"});
  world.seen.pods.erase("c-postgres-1");
  world.settle();
  lift(world, "c-postgres-tls");
  world.seen.children.erase({"Secret", "c-copy-of-c-postgres-tls-1"});
  EXPECT_TRUE(has_action(world.plan(), "Secret c-copy-of-c-postgres-tls-1")) << to_text(world.plan());
}

TEST(StandIns, AnImmutableCopyHasTheNextNumber) {
  World world;
  world.settle();
  set_immutable(world, "c-api");
  world.settle();
  set_immutable(world, "c-copy-of-c-api-1");
  world.settle();
  EXPECT_TRUE(mounted_by(world, "Deployment", "c-webhook").contains({"Secret", "c-copy-of-c-api-2"}));
  world.put(kube::types::Secret::kind_info(),
            {{"metadata", {{"name", "c-copy-of-c-api-99999999999999999999"}}}, {"data", {}}});
  EXPECT_EQ(stand_ins(world.seen).at("c-api"), "c-copy-of-c-api-2") << "what nobody counted to is no number";
}

void replace(World& world, const std::string& secret, const char* uid) {
  world.seen.children.at({"Secret", secret}).document["metadata"]["uid"] = uid;
}
std::string noted(const World& world) { return world.seen.webhook->metadata.annotations.at(names::kMountedAnnotation); }

TEST(StandIns, ASecretThatWasReplacedWhileNobodyListenedHasOne) {
  for (const auto& [secret, kind, object] : kMounts) {
    SCOPED_TRACE(std::string(secret) + " in " + object);
    World world;
    world.settle();
    EXPECT_NE(noted(world).find(std::string(secret) + "=uid-" + secret), std::string::npos) << noted(world);
    replace(world, secret, "another");
    const auto copy = std::string("c-copy-of-") + secret + "-1";
    EXPECT_EQ(stand_ins(world.seen), (std::map<std::string, std::string>{{secret, copy}}));
    world.settle();
    EXPECT_NE(noted(world).find(copy + "=uid-" + copy), std::string::npos) << noted(world);
    EXPECT_EQ(stand_ins(world.seen).at(secret), copy) << "and no further one";
    replace(world, copy, "a further one");
    EXPECT_EQ(stand_ins(world.seen).at(secret), std::string("c-copy-of-") + secret + "-2");
  }
}

TEST(StandIns, ASecretOfWhichAllWasHeardHasNoneWhenItIsReplaced) {
  World world;
  world.settle();
  world.seen.heard_secrets = {"uid-c-api"};
  replace(world, "c-api", "another");
  EXPECT_TRUE(stand_ins(world.seen).empty());
  world.settle();
  EXPECT_NE(noted(world).find("c-api=another"), std::string::npos) << noted(world);
  world.seen.heard_secrets.clear();
  EXPECT_TRUE(stand_ins(world.seen).empty()) << "what is noted is the present one";
}

// The operator is killed between a Secret that it makes and the note of which one that is.
TEST(StandIns, ASecretThatTheOperatorPutBackSaysInWhosePlaceItIs) {
  for (const bool was_heard : {true, false}) {
    World world;
    world.settle();
    if (was_heard) world.seen.heard_secrets = {"uid-c-api"};
    world.seen.children.erase({"Secret", "c-api"});
    world.apply(world.plan());
    replace(world, "c-api", "another");
    world.seen.heard_secrets.clear();
    EXPECT_EQ(stand_ins(world.seen).contains("c-api"), !was_heard);
  }
}

TEST(StandIns, PodsThatStillMountTheSecretAreNamed) {
  PostgresWorld world;
  set_immutable(world, "c-postgres-tls");
  EXPECT_NE(objection_in(world.plan())
                .find("SecretImmutable: Secret c-postgres-tls is or was immutable, or was replaced unseen, so kubelets "
                      "may bring no later content of it to c-postgres-1, c-postgres-2, c-postgres-3. They are "
                      "replaced, one after the other, by "
                      "pods that mount its copy, Secret c-copy-of-c-postgres-tls-1"),
            std::string::npos)
      << objection_in(world.plan());
}

TEST(StandIns, StandbysGoFirstAndThePrimaryHandsOver) {
  PostgresWorld world;
  set_immutable(world, "c-postgres-tls");
  world.apply(world.plan());
  for (const char* standby : {"c-postgres-2", "c-postgres-3"}) {
    const auto plan = world.plan();
    for (const char* other : {"c-postgres-1", "c-postgres-2", "c-postgres-3"})
      EXPECT_EQ(deletes(plan, other), std::string(other) == standby) << other << "\n" << to_text(plan);
    world.remove(standby);
    world.settle();
    EXPECT_FALSE(deletes(world.plan(), "c-postgres-1")) << "while one is away nobody else goes";
    world.start(standby);
  }
  const auto plan = world.plan();
  EXPECT_FALSE(deletes(plan, "c-postgres-1")) << to_text(plan);
  EXPECT_NE(plan.postgres_operation.find("the template of Pod c-postgres-1 has changed"), std::string::npos)
      << plan.postgres_operation;
}

TEST(StandIns, ASecretThatMerelyBeginsLikeACopyIsNone) {
  World world(R"({"webhook":{"clone":{"credentialsSecretRef":"own"}}})");
  world.seen.named_secrets["own"] = {.exists = true, .keys = {"k"}, .content = "1", .is_immutable = false};
  world.put(kube::types::Secret::kind_info(), {{"metadata", {{"name", "c-copy-of-own-of-somebody"}}}});
  EXPECT_TRUE(stand_ins(world.seen).empty()) << stand_ins(world.seen).begin()->second;
}

TEST(StandIns, TheUsersSecretIsStoodInForToo) {
  for (const std::string spec : {R"({"webhook":{"secrets":{"github":[{"secretRef":{"name":"own","key":"k"}}]}}})",
                                 R"({"webhook":{"clone":{"credentialsSecretRef":"own"}}})"}) {
    World world(spec.c_str());
    world.seen.named_secrets["own"] = {.exists = true, .keys = {"k"}, .content = "1", .is_immutable = true};
    EXPECT_EQ(stand_ins(world.seen), (std::map<std::string, std::string>{{"own", "c-copy-of-own-1"}})) << spec;
    const auto plan = world.plan();
    EXPECT_TRUE(has_action(plan, "Secret c-copy-of-own-1")) << to_text(plan);
    EXPECT_TRUE(plan.requeue_after && *plan.requeue_after <= std::chrono::seconds(30)) << "nobody tells of its changes";
    world.seen.named_secrets["own"] = {};
    EXPECT_FALSE(has_action(world.plan(), "Secret c-copy-of-own-1")) << "there is nothing to copy";
  }
  World world(R"({"loadBalancer":{"tls":{"secretName":"own"}}})");
  world.seen.named_secrets["own"] = {.exists = true, .keys = {}, .content = "1", .is_immutable = true};
  EXPECT_TRUE(stand_ins(world.seen).empty()) << "nobody mounts it";
}

}  // namespace
}  // namespace cadence::plan
