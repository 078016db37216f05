#include "cadence/status/summarise.hpp"

#include <gtest/gtest.h>

#include "kube/core/conditions.hpp"
#include "world.hpp"

namespace cadence::status {
namespace {

using plan::Plan;
using plan::World;

const kube::core::Condition& condition(const api::CadenceClusterStatus& status, const char* type) {
  const auto* found = kube::core::find_condition(status.conditions, type);
  EXPECT_NE(found, nullptr) << type;
  static const kube::core::Condition none;
  return found == nullptr ? none : *found;
}

std::shared_ptr<const kube::types::Deployment> rolled_out(int replicas) {
  auto deployment = std::make_shared<kube::types::Deployment>();
  deployment->metadata.generation = 2;
  deployment->status.observed_generation = 2;
  deployment->status.replicas = deployment->status.updated_replicas = deployment->status.ready_replicas =
      deployment->status.available_replicas = replicas;
  return deployment;
}

TEST(Summarise, KnowsEveryConditionFromTheFirstVisit) {
  const World world;
  const auto status = summarise(world.seen, world.plan(), {}, world.now);
  for (const char* type : {"Ready", "Progressing", "Degraded", "WebhookReady", "RedisReady", "PostgresReady",
                           "LoadBalancerReady", "BackupReady"})
    condition(status, type);
  EXPECT_EQ(condition(status, "Ready").status, "False");
  EXPECT_EQ(condition(status, "BackupReady").reason, "NotImplemented");
  EXPECT_EQ(status.observed_generation, 1);
}

TEST(Summarise, NamesTheOperatorThatCarriedOutEverything) {
  World world;
  const auto version = [&](const Plan& plan, const status::Report& report) {
    return summarise(world.seen, plan, report, world.now).operator_version;
  };
  EXPECT_EQ(version({}, {}), CADENCE_VERSION);
  status::Report report;
  report.has_failed = true;
  EXPECT_EQ(version({}, report), "");
  report = {};
  report.waiting = {{"Pod", "c-postgres-1"}};
  EXPECT_EQ(version({}, report), "");
  Plan plan;
  plan.held["webhook"] = plan::Objection{plan::kSecretMissing, "Secret x is missing."};
  EXPECT_EQ(version(plan, {}), "");
  plan = {};
  plan.invalid.push_back({{"path", "spec"}, {"problem", "no"}});
  EXPECT_EQ(version(plan, {}), "");
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec.paused = true;
  cluster->status.operator_version = "0.0.1";
  world.seen.cluster = cluster;
  EXPECT_EQ(version({}, {}), "0.0.1");
}

TEST(Summarise, IsNotReadyWhileADeploymentRollsOut) {
  World world;
  auto webhook = std::make_shared<kube::types::Deployment>(*rolled_out(3));
  webhook->status.updated_replicas = 2;
  world.seen.webhook = webhook;
  EXPECT_EQ(condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady").reason, "RollingOut");
  world.seen.webhook = rolled_out(3);
  EXPECT_EQ(condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady").status, "True");
}

// A pod is ready when it takes requests; only it knows whether the application's login can write.
TEST(Summarise, IsNotReadyWhileAWebhookServerCannotStore) {
  World world;
  world.seen.webhook = rolled_out(3);
  const auto webhook = [&] { return condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady"); };
  world.seen.webhook_stores = {{"c-webhook-a", {}}, {"c-webhook-b", {}}};
  EXPECT_EQ(webhook().status, "True") << "one that does not answer tells nothing";
  world.seen.webhook_stores["c-webhook-b"] = {false, "42501", "permission denied for table job"};
  EXPECT_EQ(webhook().status, "False");
  EXPECT_EQ(webhook().reason, "StoreUnavailable");
  EXPECT_TRUE(
      webhook().message.starts_with("Not every webhook server can write to its job store (c-webhook-b: PostgreSQL "
                                    "says: permission denied for table job (42501)): "))
      << webhook().message;
  EXPECT_NE(webhook().message.find("Role cadence lacks rights in database cadence: as a superuser"), std::string::npos)
      << webhook().message;
  world.seen.webhook_stores["c-webhook-a"] = world.seen.webhook_stores["c-webhook-b"];
  EXPECT_TRUE(webhook().message.starts_with("Not every webhook server can write to its job store (c-webhook-a, "))
      << "a third one did not say, as one of an older image: " << webhook().message;
  world.seen.webhook = rolled_out(2);
  EXPECT_EQ(webhook().reason, "RollingOut") << "two of three";
  world.seen.webhook_stores["c-webhook-c"] = world.seen.webhook_stores["c-webhook-b"];
  world.seen.webhook = rolled_out(3);
  EXPECT_TRUE(webhook().message.starts_with(
      "No webhook server can write to its job store (c-webhook-a, c-webhook-b, c-webhook-c: "
      "PostgreSQL says: permission denied for table job (42501)): "))
      << webhook().message;
  EXPECT_EQ(condition(summarise(world.seen, Plan{}, {}, world.now), "Ready").status, "False");
}

TEST(Summarise, SaysWhoMayReadWhereAccessIsOpen) {
  const auto message = [](const char* spec) {
    World world(spec);
    world.seen.webhook = rolled_out(3);
    const auto found = condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady");
    EXPECT_EQ(found.status, "True") << "it is what the user wants";
    return found.message;
  };
  EXPECT_TRUE(message(R"({"webhook":{"api":{"access":"Open"}}})")
                  .ends_with(" Everybody who reaches the load balancer may read jobs, commit messages included, and "
                             "start analyses: spec.webhook.api.access is Open; Token asks for a token of Secret "
                             "c-api."));
  EXPECT_NE(message(R"({"webhook":{"api":{"access":"Open"}},"loadBalancer":{"type":"None"}})")
                .find("Everybody who reaches the webhook servers may read"),
            std::string::npos);
  for (const char* spec :
       {"{}", R"({"webhook":{"api":{"access":"Token"}}})", R"({"webhook":{"api":{"access":"Internal"}}})"})
    EXPECT_EQ(message(spec).find("Everybody"), std::string::npos) << spec;
}

TEST(Summarise, SaysThatLinksOpenNothingWhereAccessIsInternal) {
  const auto message = [](const std::string& access) {
    World world(
        (R"({"webhook":{"links":{"publicURL":"https://c.example"},"api":{"access":")" + access + "\"}}}").c_str());
    world.seen.webhook = rolled_out(3);
    return condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady").message;
  };
  EXPECT_NE(message("Internal").find("Links of spec.webhook.links.publicURL open nothing"), std::string::npos);
  EXPECT_EQ(message("Token").find("spec.webhook.links"), std::string::npos);
}

TEST(Summarise, SaysWhatASpooledDeliveryIsWorth) {
  World world(R"({"webhook": {"ingest": {"onDatabaseUnavailable": "SpoolDisk"}}})"), plain;
  const auto message = [](World& of) {
    of.seen.webhook = rolled_out(3);
    return condition(summarise(of.seen, Plan{}, {}, of.now), "WebhookReady").message;
  };
  EXPECT_NE(message(world).find("lost with its node takes those with it"), std::string::npos) << message(world);
  EXPECT_EQ(message(plain).find("SpoolDisk"), std::string::npos);
  world.seen.webhook_stores = {{"c-webhook-a", {false, "57P03", "why"}}};
  EXPECT_NE(message(world).find("held for spec.webhook.ingest.ackDeadline, then spooled"), std::string::npos);
}

TEST(Summarise, NamesTheNextStepForEachReasonOfAStore) {
  World world;
  world.seen.webhook = rolled_out(3);
  const auto message = [&](facts::StoreReport a, facts::StoreReport b = {}) {
    world.seen.webhook_stores = {{"c-webhook-a", std::move(a)}, {"c-webhook-b", std::move(b)}};
    return condition(summarise(world.seen, Plan{}, {}, world.now), "WebhookReady").message;
  };
  for (const auto& [code, step] : std::map<std::string, std::string>{{"42501", "OWNER TO cadence"},
                                                                     {"42P01", "A table of the job store is missing"},
                                                                     {"42703", "lacks a column"},
                                                                     {"3F000", "Schema public"},
                                                                     {"3D000", "Database cadence is missing"},
                                                                     {"25006", "default_transaction_read_only"},
                                                                     {"53100", "spec.postgres.storage.size"},
                                                                     {"53300", "max_connections"},
                                                                     {"53200", "spec.postgres.resources"},
                                                                     {"28P01", "Secret c-postgres-app"},
                                                                     {"28000", "Secret c-postgres-app"},
                                                                     {"57P03", "passes by itself"},
                                                                     {"57P01", "ended the session"},
                                                                     {"55P03", "pg_locks"},
                                                                     {"57014", "pg_stat_activity"},
                                                                     {"08001", "Service c-postgres-rw"},
                                                                     {"XX000", "the log of the pod"},
                                                                     {"", "the log of the pod"}}) {
    const auto said = message({false, code, "why"});
    EXPECT_NE(said.find(step), std::string::npos) << code << ": " << said;
    EXPECT_TRUE(said.ends_with(".")) << said;
    EXPECT_EQ(said.find("the log of the pod") == std::string::npos, step != "the log of the pod")
        << "one that is well needs no step: " << said;
    const bool is_the_servers = !code.empty() && !code.starts_with("08");
    EXPECT_NE(said.find(std::string("(c-webhook-a: ") + (is_the_servers ? "PostgreSQL says: " : "") + "why" +
                        (code.empty() ? ")" : " (" + code + "))")),
              std::string::npos)
        << said;
  }
  EXPECT_NE(message({false, "", ""}).find("(c-webhook-a: no reason given): "), std::string::npos);
  const auto both =
      message({false, "08001", "the connection was refused"}, {false, "28P01", "password authentication failed"});
  EXPECT_NE(both.find("(c-webhook-b: PostgreSQL says: password authentication failed (28P01); c-webhook-a: the "
                      "connection was refused (08001)): "),
            std::string::npos)
      << both;
  EXPECT_NE(both.find("Service c-postgres-rw"), std::string::npos);
  EXPECT_NE(both.find("Secret c-postgres-app"), std::string::npos);
}

TEST(Summarise, SaysThatNobodyTakesDeliveriesWhenScaledToZero) {
  World world(R"({"webhook":{"replicas":0}})");
  world.seen.webhook = rolled_out(0);
  const auto status = summarise(world.seen, Plan{}, {}, world.now);
  for (const char* type : {"WebhookReady", "Ready"}) {
    EXPECT_EQ(condition(status, type).status, "False");
    EXPECT_EQ(condition(status, type).reason, "ScaledToZero");
    EXPECT_NE(condition(status, type).message.find("spec.webhook.replicas"), std::string::npos);
  }
}

TEST(Summarise, SaysThatHaproxyStaysWhereNginxIsAskedFor) {
  World world(R"({"loadBalancer":{"type":"Nginx"}})");
  const auto fresh = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_NE(condition(fresh, "LoadBalancerReady").message.find("there is no load balancer"), std::string::npos);
  EXPECT_TRUE(fresh.endpoint.starts_with("http://c-webhook.")) << "a Service that is there: " << fresh.endpoint;
  world.put(kube::types::Deployment::kind_info(), {{"metadata", {{"name", "c-lb"}}}});
  world.seen.load_balancer = rolled_out(2);
  const auto status = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_EQ(condition(status, "LoadBalancerReady").reason, "NotImplemented");
  EXPECT_NE(condition(status, "LoadBalancerReady").message.find("stays HAProxy: 2/2 load balancers are ready."),
            std::string::npos)
      << condition(status, "LoadBalancerReady").message;
  EXPECT_EQ(condition(status, "Degraded").reason, "NotImplemented");
  EXPECT_EQ(status.load_balancer.ready_replicas, 2);
  EXPECT_TRUE(status.endpoint.starts_with("https://c-lb.")) << status.endpoint;
  auto few = std::make_shared<kube::types::Deployment>(*rolled_out(2));
  few->status.available_replicas = few->status.ready_replicas = 1;
  world.seen.load_balancer = few;
  EXPECT_EQ(condition(summarise(world.seen, world.plan(), {}, world.now), "LoadBalancerReady").reason, "PodsNotReady");
}

TEST(Summarise, MovesTheTransitionTimeOnlyWhenAStatusFlips) {
  World world;
  auto first = summarise(world.seen, world.plan(), {}, world.now);
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status = first;
  world.seen.cluster = cluster;
  const auto later = world.now + std::chrono::minutes(5);
  EXPECT_EQ(json::dump(json::encode(summarise(world.seen, world.plan(), {}, later))), json::dump(json::encode(first)))
      << "a quiet cluster is not written to";
  world.seen.webhook = rolled_out(3);
  const auto flipped = summarise(world.seen, world.plan(), {}, later);
  EXPECT_EQ(condition(flipped, "WebhookReady").last_transition_time, "2026-03-04T10:05:00Z");
  EXPECT_EQ(condition(flipped, "RedisReady").last_transition_time, "2026-03-04T10:00:00Z");
}

TEST(Summarise, SaysInvalidSpecAndLeavesTheRest) {
  const World world(R"({"redis":{"shards":2}})");
  const auto status = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_EQ(condition(status, "Degraded").reason, "InvalidSpec");
  EXPECT_NE(condition(status, "Ready").message.find("spec.redis.shards"), std::string::npos);
}

TEST(Summarise, TellsARefusedWriteFromABadMoment) {
  const World world;
  EXPECT_EQ(condition(summarise(world.seen, world.plan(), {true, {"Deployment", "c"}, {base::ErrorKind::Invalid, "no"}},
                                world.now),
                      "Degraded")
                .status,
            "True");
  EXPECT_EQ(condition(summarise(world.seen, world.plan(),
                                {true, {"Deployment", "c"}, {base::ErrorKind::Transient, "no"}}, world.now),
                      "Degraded")
                .status,
            "False");
}

TEST(Summarise, SaysWhatWasRefusedWhileTheRestWentOn) {
  const World world;
  Report report;
  report.refused = {{{"Service", "a"}, "One."}, {{"Service", "b"}, "Two."}};
  const auto status = summarise(world.seen, {}, report, world.now);
  EXPECT_EQ(condition(status, "Degraded").reason, "Refused");
  EXPECT_EQ(condition(status, "Degraded").message, "One. Two.");
  for (const char* name : {"3", "4", "5", "6", "7", "8", "9", "10"})
    report.refused.push_back({{"Pod", name}, "Pod " + std::string(name) + "."});
  report.waiting = {{"Deployment", "c-webhook"}, {"Deployment", "c-webhook"}, {"Pod", "c-postgres-1"}};
  Plan plan;
  plan.objections = {{"PodsRefused", "Zero."}};
  report.has_failed = true;
  report.error = {
      base::ErrorKind::Forbidden,
      "services \"c\" is forbidden: exceeded quota: q, requested: services=1, used: services=0, limited: services=0"};
  const auto all = condition(summarise(world.seen, plan, report, world.now), "Degraded");
  EXPECT_EQ(all.reason, "Forbidden");
  EXPECT_EQ(all.message, report.error.message +
                             ". Raise ResourceQuota q. Zero. One. Two. Pod 3. Pod 4. Pod 5. Pod 6. Pod 7. Pod 8. "
                             "Refused as well: Pod 9, Pod 10."
                             " Until then these wait: Deployment c-webhook, Pod c-postgres-1.");
  report.error = {base::ErrorKind::Invalid, "ERR"};
  EXPECT_EQ(condition(summarise(world.seen, {}, report, world.now), "Degraded").reason, "Refused")
      << "the spec may be right";
}

TEST(Summarise, TellsOnlyWhatWasDoneAsDone) {
  Plan plan;
  plan.actions.resize(2);
  plan.actions[0].why = "Changed the volume of c-postgres-1 to 20Gi";
  plan.actions[1].why = "Restored Service c-webhook";
  Report report;
  report.refused = {{{"PersistentVolumeClaim", "c-postgres-1"},
                     "Could not apply PersistentVolumeClaim c-postgres-1: no. Make the size as it was."}};
  EXPECT_EQ(news_of(plan, report), report.refused.front().message);
  report.done = plan.actions[1].why;
  EXPECT_EQ(news_of(plan, report), "Restored Service c-webhook.");
  report.has_failed = true;
  report.error = {base::ErrorKind::Transient, "Could not apply"};
  EXPECT_EQ(news_of(plan, report), "Could not apply");
}

TEST(Summarise, SaysWhatTheUserCannotHaveNow) {
  const World world;
  Plan plan;
  plan.objections = {{"SwitchoverRefused", "One."}, {"InvalidSpec", "Two."}};
  const auto status = summarise(world.seen, plan, {}, world.now);
  EXPECT_EQ(condition(status, "Degraded").reason, "SwitchoverRefused");
  EXPECT_EQ(condition(status, "Degraded").message, "One. Two.");
}

}  // namespace
}  // namespace cadence::status
