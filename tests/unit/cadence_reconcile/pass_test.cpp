// Single passes over the simulated world: what becomes of a write decides when the next pass is, and a dead primary's
// Lease is let go at once, but never that of one who is merely not known yet.
#include "pass.hpp"
#include "watchman.hpp"

namespace cadence::exploration {
namespace {

using namespace std::chrono_literals;
using kube::testing::refusal;

struct Outcome {
  const char* name;
  Fate fate;
  std::chrono::nanoseconds least, most;  // until the next pass
};

class PassAfterWrite : public Pass, public ::testing::WithParamInterface<Outcome> {};

// The write is the first of a change of the spec; nobody's event wakes the operator meanwhile.
TEST_P(PassAfterWrite, ComesWhenItCanHelp) {
  Program program(world_, {.write = 1, .fate = GetParam().fate});
  finish(program);
  world_.change_spec([](json::Value& spec) { spec["webhook"]["replicas"] = 5; });
  program.turn();
  EXPECT_GE(program.writes(), 1);
  EXPECT_GE(pause_of(program), GetParam().least);
  EXPECT_LE(pause_of(program), GetParam().most);
  for (int look = 0; look < 20; ++look) {
    finish(program);
    world_.pass(1s);
  }
  const auto deployment =
      world_.server.find(kube::types::Deployment::kind_info(), {kSpace, names::Names(kCluster).webhook()});
  EXPECT_EQ(deployment->at("spec").at("replicas"), 5);
}

INSTANTIATE_TEST_SUITE_P(
    , PassAfterWrite,
    ::testing::Values(
        Outcome{"conflict", {Fate::Kind::Refused, refusal(409, "Conflict", "the object has been modified")}, 0s, 100ms},
        Outcome{"forbidden", {Fate::Kind::Refused, refusal(403, "Forbidden", "not today")}, 1s, 1s},
        Outcome{"invalid", {Fate::Kind::Refused, refusal(422, "Invalid", "spec.replicas: no")}, 1s, 1s},
        Outcome{"lost_request", {Fate::Kind::RequestLost}, 0s, 100ms},
        Outcome{"lost_reply", {Fate::Kind::ReplyLost}, 0s, 100ms}),
    [](const auto& named) { return named.param.name; });

TEST_F(Pass, RemovesTheLeaseOfAnEarlierLifeByRight) {
  const auto uid = [&] {
    const auto lease = world_.server.find(kube::types::Lease::kind_info(), kLease);
    return lease ? json::string_at(*lease, {"metadata", "uid"}) : std::string();
  };
  const auto before = uid();
  for (int number = 1; number <= 3; ++number)
    world_.server.erase(kube::types::Pod::kind_info(), {kSpace, names::Names(kCluster).postgres_instance(number)});
  world_.server.write(kube::types::Lease::kind_info(), kLease, [](json::Value& lease) {
    lease["metadata"]["ownerReferences"] = json::Value::array(
        {{{"apiVersion", "v1"}, {"kind", "CadenceCluster"}, {"name", kCluster}, {"uid", "uid-of-before"}}});
  });
  const Watchman watchman(world_);
  Program program(world_, {});
  finish(program);
  EXPECT_NE(uid(), before);
  EXPECT_EQ(watchman.violations, std::vector<std::string>{});
}

TEST_F(Pass, OverAClusterThatGoesChangesNothing) {
  Program program(world_);
  finish(program);
  world_.server.write(api::CadenceCluster::kind_info(), {kSpace, kCluster}, [](json::Value& cluster) {
    cluster["metadata"]["finalizers"] = {"somebody/else"};
    cluster["spec"]["webhook"]["replicas"] = 5;
  });
  world_.server.remove(api::CadenceCluster::kind_info(), {kSpace, kCluster});
  finish(program);
  EXPECT_EQ(program.writes(), 0);
}

// What it wrote has not come back: it would judge, and tell, what is no longer so.
TEST_F(Pass, WaitsForItsOwnWritesToBeSeen) {
  Program watcher(world_);
  finish(watcher);
  const int settled = watcher.events();
  Program program(world_, {.event = settled + 2, .turns = 20});  // the first is the change of the spec
  finish(program);
  ASSERT_EQ(program.events(), settled);
  world_.change_spec([](json::Value& spec) { spec["webhook"]["replicas"] = 5; });
  program.turn();
  const int writes = program.writes();
  EXPECT_GE(writes, 1);
  for (int turns = 0; turns < 10; ++turns) {
    world_.change_spec([&](json::Value& spec) { spec["webhook"]["replicas"] = 6 + turns; });
    program.turn();
    world_.pass(100ms);
  }
  EXPECT_EQ(program.writes(), writes);
  for (int turns = 0; turns < 20; ++turns) {
    program.turn();
    world_.pass(100ms);
  }
  EXPECT_GT(program.writes(), writes);
}

// The operator starts, says so in the status, and makes the object as soon as the kind is there.
TEST_F(Pass, SaysWhichKindIsMissingUntilItComes) {
  const auto& scalers = kube::types::HorizontalPodAutoscaler::kind_info();
  const auto degraded = [&] {
    const auto cluster = world_.server.find(api::CadenceCluster::kind_info(), {kSpace, kCluster});
    for (const auto& condition : cluster->at("status").at("conditions")) {
      if (condition.at("type") == "Degraded") return json::string_at(condition, {"message"});
    }
    return std::string();
  };
  world_.server.uninstall(scalers);
  world_.change_spec([](json::Value& spec) {
    spec["webhook"]["autoscaling"] = {{"minReplicas", 2}, {"maxReplicas", 10}, {"targetCPUUtilizationPercentage", 70}};
    spec["webhook"]["port"] = 8888;
  });
  Program program(world_);
  const auto settle = [&] {
    for (int turns = 0; turns < 60; ++turns) {
      program.turn();
      world_.step();
      world_.pass(1s);
    }
  };
  settle();
  EXPECT_EQ(degraded().find("spec.webhook.autoscaling asks for HorizontalPodAutoscaler c-webhook, and"), 0u)
      << degraded();
  const auto deployment =
      world_.server.find(kube::types::Deployment::kind_info(), {kSpace, names::Names(kCluster).webhook()});
  EXPECT_NE(json::dump(*deployment).find("8888"), std::string::npos);
  world_.server.install(scalers);
  settle();
  EXPECT_NE(world_.server.find(scalers, {kSpace, names::Names(kCluster).webhook()}), nullptr);
  EXPECT_EQ(degraded(), "Nothing keeps the spec from being carried out.");
}

TEST_F(Pass, LetsGoOfADeadPrimarysLeaseBeforeAllElse) {
  Program program(world_);
  finish(program);
  failover().begin(world_);
  program.turn();
  EXPECT_EQ(holder(), "");
}

TEST_F(Pass, TriesAgainAtOnceWhereTheLeaseWasRenewedMeanwhile) {
  Program program(
      world_, {.write = 1, .fate = {Fate::Kind::Refused, refusal(409, "Conflict", "the object has been modified")}});
  finish(program);
  failover().begin(world_);
  program.turn();
  EXPECT_EQ(holder(), kPrimary.name);
  world_.pass(20ms);
  program.turn();
  EXPECT_EQ(holder(), "");
}

TEST_F(Pass, LeavesTheLeaseOfAPausedCluster) {
  Program program(world_);
  world_.change_spec([](json::Value& spec) { spec["paused"] = true; });
  finish(program);
  failover().begin(world_);
  finish(program);
  EXPECT_EQ(holder(), kPrimary.name);
}

// Another pod of that name leads already, and only the Lease's event has come.
TEST_F(Pass, AsksTheAPIServerBeforeItTakesAnUnknownHolderForDead) {
  Program watcher(world_);
  finish(watcher);
  const int events = watcher.events();
  Program program(world_, {.event = events + 2, .turns = 20});
  finish(program);
  ASSERT_EQ(program.events(), events);
  const auto& pods = kube::types::Pod::kind_info();
  const auto old = *world_.server.find(pods, kPrimary);
  world_.server.erase(pods, kPrimary);
  world_.server.write(pods, kPrimary, [&](json::Value& pod) {
    for (const char* part : {"spec", "status"}) pod[part] = old.at(part);
    for (const char* part : {"labels", "annotations", "ownerReferences"}) pod["metadata"][part] = old["metadata"][part];
  });
  const auto uid = json::string_at(*world_.server.find(pods, kPrimary), {"metadata", "uid"});
  world_.annotate(kube::types::Lease::kind_info(), kLease.name, postgres::kHolderUidAnnotation, uid);
  for (int turns = 0; turns < 10; ++turns) program.turn();
  EXPECT_EQ(holder(), kPrimary.name);
  world_.server.erase(pods, kPrimary);
  for (int turns = 0; turns < 40; ++turns) program.turn();
  EXPECT_EQ(holder(), "");
}

// Somebody takes the labels off, and nobody lets the operator give them back: what is said of the cluster is what is
// so.
class PassOverUnlabelled : public Pass {
 protected:
  // Of the components; that a write was refused is said of the whole.
  std::map<std::string, std::string> verdicts() {
    std::map<std::string, std::string> out;
    const auto cluster = *world_.server.find(api::CadenceCluster::kind_info(), {kSpace, kCluster});
    for (const auto& condition : json::at_path(cluster, {"status", "conditions"})) {
      const auto type = json::string_at(condition, {"type"});
      if (type.ends_with("Ready") && type != "Ready") out[type] = json::string_at(condition, {"status"});
    }
    return out;
  }
  template <class T>
  void strip(const std::string& name) {
    world_.server.write(T::kind_info(), {kSpace, name},
                        [](json::Value& object) { object["metadata"].erase("labels"); });
  }
};

TEST_F(PassOverUnlabelled, JudgesByTheName) {
  const names::Names names(kCluster);
  const auto before = verdicts();
  ASSERT_EQ(before.at("PostgresReady"), "True");
  const std::vector<std::pair<std::string, std::function<void()>>> rows{
      {"Lease", [&] { strip<kube::types::Lease>(names.postgres()); }},
      {"primary", [&] { strip<kube::types::Pod>(names.postgres_instance(1)); }},
      {"standby", [&] { strip<kube::types::Pod>(names.postgres_instance(2)); }},
      {"webhook", [&] { strip<kube::types::Deployment>(names.webhook()); }},
      {"load balancer", [&] { strip<kube::types::Deployment>(names.lb()); }},
      {"shard", [&] { strip<kube::types::StatefulSet>(names.redis_shard(0)); }},
      {"passwords of Redis", [&] { strip<kube::types::Secret>(names.redis_auth()); }},
      {"slice", [&] { strip<kube::types::EndpointSlice>(names.postgres_rw()); }}};
  const auto settled = world_.moment();
  for (const auto& [what, take_labels] : rows) {
    SCOPED_TRACE(what);
    world_.go_back_to(settled);
    take_labels();
    Program program(world_, {.write = 1, .fate = {Fate::Kind::Refused, refusal(403, "Forbidden", "not today")}});
    program.turn();
    EXPECT_GE(program.writes(), 1);
    EXPECT_EQ(verdicts(), before);
  }
}

TEST_F(PassOverUnlabelled, JudgesThePrimaryOfAPausedCluster) {
  world_.change_spec([](json::Value& spec) { spec["paused"] = true; });
  strip<kube::types::Lease>(kLease.name);
  Program program(world_);
  finish(program);
  EXPECT_EQ(verdicts().at("PostgresReady"), "True");
}

}  // namespace
}  // namespace cadence::exploration
