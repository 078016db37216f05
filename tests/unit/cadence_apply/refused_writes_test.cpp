// What an API server that refuses some objects lets happen to the others.
#include <gtest/gtest.h>

#include <set>

#include "unit/cadence_plan/postgres_world.hpp"
#include "cadence/apply/apply.hpp"
#include "no_credentials.hpp"

namespace cadence::apply {
namespace {

using facts::ChildId;
using Refuse = std::function<std::optional<net::Response>(const net::Request&)>;

// Takes what it does not refuse, and knows no Secret but empty ones.
struct Server final : net::Transport {
  Server(Refuse refuse, std::set<std::string>& taken) : refuse_(std::move(refuse)), taken_(taken) {}
  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds, std::stop_token) override {
    const auto path = request.target.substr(0, request.target.find('?'));
    if (request.method == "GET")
      return net::json_response(200, R"({"metadata":{"name":")" + path.substr(path.rfind('/') + 1) + R"("}})");
    if (auto no = refuse_(request)) return std::move(*no);
    taken_.insert(request.method + " " + path.substr(path.find("/n/") + 3));
    return net::json_response(200, request.method == "DELETE" ? "{}" : request.body);
  }
  Refuse refuse_;
  std::set<std::string>& taken_;
};

net::Response no(int status, const std::string& message) {
  return net::json_response(status, R"({"kind":"Status","message":)" + json::dump(json::Value(message)) + "}");
}

Refuse refusing(const std::string& part, int status, const std::string& message) {
  return [=](const net::Request& request) -> std::optional<net::Response> {
    if (request.target.find(part) == std::string::npos) return std::nullopt;
    return no(status, message);
  };
}

class RefusedWrites : public ::testing::Test {
 protected:
  Outcome run(const Refuse& refuse) { return run(world.plan(), refuse); }
  Outcome run(const plan::Plan& plan, const Refuse& refuse) {
    kube::client::Client client(std::make_unique<Server>(refuse, taken), std::make_shared<NoCredentials>(),
                                {.max_attempts = 1});
    Surroundings around;
    around.run_redis = [](const auto&) { return base::ok(); };
    around.wrote = [](const auto&, const json::Value&) {};
    around.removed = [](const auto&, const std::string&) {};
    around.finished = [](const auto&, const auto*) {};
    return Applier(client, base::system_clock()).run(plan, "n", around, {});
  }
  void lose(const std::string& kind, const std::string& name) { world.seen.children.erase(ChildId{kind, name}); }
  // One write that needs nothing before it, and a deletion.
  static plan::Action label(const std::string& name) {
    return {plan::LabelObject{&kube::types::Pod::kind_info(), {{"metadata", {{"name", name}, {"namespace", "n"}}}}},
            {"Pod", name},
            "",
            ""};
  }
  static plan::Action deletion(const std::string& name, const std::string& component) {
    return {plan::DeleteObject{&kube::types::Pod::kind_info(), {"n", name}, "", ""},
            {"Pod", name},
            "",
            "",
            "",
            "",
            true,
            component};
  }
  static std::vector<facts::ChildId> objects_of(const Outcome& outcome) {
    std::vector<facts::ChildId> out;
    for (const auto& refusal : outcome.refused) out.push_back(refusal.object);
    return out;
  }

  plan::PostgresWorld world;
  std::set<std::string> taken;
};

using Names = std::vector<facts::ChildId>;

TEST_F(RefusedWrites, AnImmutableSecretKeepsNothingElseFromHealing) {
  auto& secret = world.seen.children.at({"Secret", "c-redis-auth"}).document;
  secret["data"]["operator-password"] = "";
  secret["metadata"]["resourceVersion"] = "7";
  world.remove("c-postgres-3");
  lose("Service", "c-redis");
  lose("Service", "c-postgres");
  lose("PodDisruptionBudget", "c-redis-0");
  world.change_spec([](auto& spec) { spec.webhook.replicas = 4; });
  const auto outcome =
      run(refusing("/secrets/c-redis-auth", 422,
                   "Secret \"c-redis-auth\" is invalid: data: Forbidden: field is immutable when `immutable` is set"));
  EXPECT_FALSE(outcome.failure) << outcome.failure->error.message;
  for (const char* made : {"PATCH pods/c-postgres-3", "PATCH services/c-redis", "PATCH services/c-postgres",
                           "PATCH deployments/c-webhook"})
    EXPECT_TRUE(taken.contains(made)) << made;
  ASSERT_EQ(objects_of(outcome), (Names{{"Secret", "c-redis-auth"}}));
  EXPECT_TRUE(outcome.refused.front().message.ends_with(
      "is set (422). Delete Secret c-redis-auth: it is made again, with what the operator still remembers of it."))
      << outcome.refused.front().message;
}

TEST_F(RefusedWrites, ALabelThatCannotBeGivenBackKeepsNothingElseFromHealing) {
  const auto hide = [&](const char* kind, const char* name) {
    auto live = world.seen.children.at({kind, name});
    live.document["metadata"].erase("labels");
    world.seen.children.erase(ChildId{kind, name});
    world.seen.unlabelled[{kind, name}] = live;
  };
  hide("ConfigMap", "c-webhook");
  hide("Deployment", "c-webhook");
  hide("Service", "c-lb");
  lose("Service", "c-redis");
  const auto refuse = refusing("/configmaps/c-webhook", 403, "a policy");
  auto outcome = run(refuse);
  EXPECT_EQ(objects_of(outcome), (Names{{"ConfigMap", "c-webhook"}}));
  EXPECT_EQ(taken, (std::set<std::string>{"PATCH deployments/c-webhook", "PATCH services/c-lb"}))
      << "what they are is looked at before more is done";

  taken.clear();
  for (const ChildId& id : {ChildId{"Deployment", "c-webhook"}, {"Service", "c-lb"}}) {
    world.put(*world.seen.unlabelled.at(id).kind, world.seen.unlabelled.at(id).document);
    world.seen.children.at(id).document["metadata"]["labels"] =
        names::labels_of("c", id.name == "c-lb" ? "lb" : "webhook");
    world.seen.unlabelled.erase(id);
  }
  world.change_spec([](auto& spec) {
    spec.webhook.replicas = 4;
    spec.postgres.switchover_to = "c-postgres-2";
  });
  outcome = run(refuse);
  EXPECT_EQ(objects_of(outcome), (Names{{"ConfigMap", "c-webhook"}}));
  EXPECT_TRUE(taken.contains("PATCH services/c-redis"));
  EXPECT_TRUE(taken.contains("PATCH leases/c-postgres")) << "another component hands over all the same";
  EXPECT_FALSE(taken.contains("PATCH deployments/c-webhook")) << "its own is not judged by what cannot be seen";
}

TEST_F(RefusedWrites, AQuotaOnServicesKeepsNothingElseFromHealing) {
  lose("Service", "c-postgres-rw");
  lose("Service", "c-webhook");
  lose("Deployment", "c-webhook");
  world.remove("c-postgres-2");
  const auto outcome = run(refusing("/services/", 403,
                                    "services is forbidden: exceeded quota: svcs, requested: count/services=1, used: "
                                    "count/services=5, limited: count/services=5"));
  EXPECT_FALSE(outcome.failure) << outcome.failure->error.message;
  EXPECT_TRUE(taken.contains("PATCH pods/c-postgres-2"));
  EXPECT_TRUE(taken.contains("PATCH deployments/c-webhook"));
  EXPECT_EQ(objects_of(outcome), (Names{{"Service", "c-postgres-rw"}, {"Service", "c-webhook"}}));
  for (const auto& refusal : outcome.refused)
    EXPECT_TRUE(refusal.message.ends_with(" Raise ResourceQuota svcs.")) << refusal.message;
}

TEST_F(RefusedWrites, PodsThatHaveEndedAreReplacedAllTheSame) {
  lose("Service", "c-postgres-rw");
  world.put(kube::types::Pod::kind_info(),
            {{"metadata", {{"name", "c-postgres-2"}}}, {"status", {{"phase", "Failed"}}}});
  run(refusing("/services/", 403, "no"));
  EXPECT_TRUE(taken.contains("DELETE pods/c-postgres-2"));
}

TEST_F(RefusedWrites, PodsAreNotMadeAnotherTemplateBeforeTheirConfigurationIsThere) {
  world.change_spec([](auto& spec) { spec.webhook.workers += 1; });
  const auto plan = world.plan();
  ASSERT_TRUE(has_action(plan, "ConfigMap c-webhook")) << to_text(plan);
  ASSERT_TRUE(has_action(plan, "Deployment c-webhook")) << to_text(plan);
  const auto outcome = run(plan, refusing("/configmaps/c-webhook", 403, "no"));
  EXPECT_FALSE(taken.contains("PATCH deployments/c-webhook"));
  EXPECT_EQ(outcome.waiting, (Names{{"Deployment", "c-webhook"}}));
  lose("Deployment", "c-webhook");
  EXPECT_EQ(run(refusing("/configmaps/c-webhook", 403, "no")).waiting, (Names{{"Deployment", "c-webhook"}}))
      << "new pods would start with the old one";
}

TEST_F(RefusedWrites, AWorkloadThatSomebodyScaledComesBackOneThatSomebodyRewroteWaits) {
  lose("Service", "c-webhook");
  world.seen.children.at({"Deployment", "c-webhook"}).document["spec"]["replicas"] = 1;
  EXPECT_EQ(run(refusing("/services/", 403, "no")).waiting, Names{});
  world.seen.children.at({"Deployment", "c-webhook"}).document["spec"]["replicas"] =
      world.seen.cluster->spec.webhook.replicas;
  world.seen.children.at({"Deployment", "c-webhook"}).document["spec"]["template"]["spec"]["containers"][0]["image"] =
      "other";
  EXPECT_EQ(run(refusing("/services/", 403, "no")).waiting, (Names{{"Deployment", "c-webhook"}}));
}

TEST_F(RefusedWrites, NothingIsSignedByAnAuthorityThatCouldNotBeMade) {
  lose("Secret", "c-ca");
  lose("Secret", "c-postgres-tls");
  lose("Secret", "c-postgres-superuser");
  const auto outcome = run([](const net::Request& request) -> std::optional<net::Response> {
    if (request.body.find("\"c-ca\"") == std::string::npos) return std::nullopt;
    return no(403, "no");
  });
  EXPECT_FALSE(outcome.failure) << outcome.failure->error.message;
  EXPECT_EQ(objects_of(outcome), (Names{{"Secret", "c-ca"}}));
  EXPECT_EQ(outcome.waiting, (Names{{"Secret", "c-postgres-tls"}}));
  EXPECT_TRUE(taken.contains("POST secrets"))
      << "passwords need no authority: " << base::join(std::vector<std::string>(taken.begin(), taken.end()), ", ");
}

TEST_F(RefusedWrites, NoServerIsStoppedAfterARefusalOfItsComponent) {
  world.change_spec([](auto& spec) { spec.postgres.instances = 2; });
  world.hold("c-postgres-1", "Required 1 c-postgres-2");
  lose("Role", "c-postgres");
  ASSERT_TRUE(deletes(world.plan(), "c-postgres-3")) << to_text(world.plan());
  EXPECT_EQ(run(refusing("/roles/", 403, "no")).waiting, (Names{{"Pod", "c-postgres-3"}}));
  EXPECT_FALSE(taken.contains("DELETE pods/c-postgres-3"));
  lose("Service", "c-redis");
  EXPECT_EQ(run(refusing("/services/c-redis", 403, "no")).waiting, Names{});
  EXPECT_TRUE(taken.contains("DELETE pods/c-postgres-3")) << "Redis alone lacks something";
}

TEST_F(RefusedWrites, ASwitchoverWaitsForWhatPostgresqlLacks) {
  world.change_spec([](auto& spec) { spec.postgres.switchover_to = "c-postgres-2"; });
  lose("ConfigMap", "c-postgres");
  EXPECT_EQ(run(refusing("/configmaps/", 403, "no")).waiting, (Names{{"Lease", "c-postgres"}}));
  EXPECT_EQ(run(refusing("/secrets/", 403, "no")).waiting, Names{});
  EXPECT_TRUE(taken.contains("PATCH leases/c-postgres"));
}

TEST_F(RefusedWrites, WhatIsRemovedWaitsForItsComponentAlone) {
  plan::Plan plan;
  plan.actions = {label("refused"),        deletion("mine", "redis"), deletion("other", "postgres"),
                  deletion("unknown", ""), label("refused"),          label("free")};
  plan.actions[0].component = "redis";
  const auto refuse = refusing("/refused", 422, "no");
  EXPECT_EQ(run(plan, refuse).waiting, (Names{{"Pod", "mine"}, {"Pod", "unknown"}, {"Pod", "refused"}}));
  EXPECT_EQ(taken, (std::set<std::string>{"DELETE pods/other", "PATCH pods/free"}));
  plan.actions[0].component = "";
  EXPECT_EQ(run(plan, refuse).waiting,
            (Names{{"Pod", "mine"}, {"Pod", "other"}, {"Pod", "unknown"}, {"Pod", "refused"}}))
      << "all of them may need it";
  plan.actions[0].hint = "Do.";
  EXPECT_EQ(run(plan, refuse).waiting, Names{}) << "nothing needs it";
}

TEST_F(RefusedWrites, AKindThatIsNotServedStopsNothing) {
  plan::Plan plan;
  plan.actions = {label("refused"), label("free")};
  const auto outcome = run(plan, refusing("/refused", 404, "the server could not find the requested resource"));
  EXPECT_EQ(objects_of(outcome), (Names{{"Pod", "refused"}}));
  EXPECT_TRUE(taken.contains("PATCH pods/free"));
}

TEST_F(RefusedWrites, WhatConcernsEveryWriteEndsTheRun) {
  plan::Plan plan;
  plan.actions = {label("refused"), label("free")};
  const std::pair<int, const char*> cases[] = {
      {401, "Unauthorized"}, {409, "conflict"}, {404, "pods \"refused\" not found"}, {500, "etcd"}, {503, "away"}};
  for (const auto& [status, message] : cases) {
    const auto outcome = run(plan, refusing("/refused", status, message));
    EXPECT_TRUE(outcome.failure) << status;
    EXPECT_TRUE(outcome.refused.empty()) << status;
    EXPECT_TRUE(taken.empty()) << status;
  }
  plan.actions.front() = {plan::RunRedis{}, {"Pod", "c-redis-0-0"}, "", ""};
  kube::client::Client client(std::make_unique<Server>([](const auto&) { return std::nullopt; }, taken),
                              std::make_shared<NoCredentials>(), {});
  Surroundings around;
  around.run_redis = [](const auto&) { return base::Result<void>(base::Error{base::ErrorKind::Invalid, "ERR"}); };
  around.finished = [](const auto&, const auto*) {};
  EXPECT_TRUE(Applier(client, base::system_clock()).run(plan, "n", around, {}).failure)
      << "the next command may build on it";
}

}  // namespace
}  // namespace cadence::apply
