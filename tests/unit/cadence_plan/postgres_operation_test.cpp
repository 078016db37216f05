#include <gtest/gtest.h>

#include "cadence/plan/postgres/marks.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

bool deletes_nothing(const Plan& plan) {
  return std::none_of(plan.actions.begin(), plan.actions.end(),
                      [](const Action& a) { return std::holds_alternative<DeleteObject>(a.step); });
}

TEST(PostgresPlan, IsQuietWhereAllIsWell) {
  PostgresWorld world;
  auto plan = world.plan();
  plan.gaps.clear();
  plan.redis_operation.clear();
  std::erase_if(plan.actions, [](const Action& a) { return std::holds_alternative<RunRedis>(a.step); });
  plan.requeue_after.reset();
  EXPECT_EQ(to_text(plan), "");
}

TEST(PostgresPlan, IsNotLookedAtMoreOftenForWhatConcernsOthers) {
  PostgresWorld world;
  const auto quiet = world.plan();
  world.change_spec([](auto& spec) { spec.load_balancer.type = "Nginx"; });
  const auto objecting = world.plan();
  ASSERT_NE(objecting.objections.size(), quiet.objections.size());
  EXPECT_EQ(objecting.requeue_after, quiet.requeue_after);
}

TEST(PostgresPlan, SaysWhatPostgresSaysAgainstParameters) {
  PostgresWorld world;
  world.seen.instances["c-postgres-2"].config_error = "unrecognized configuration parameter \"no_such\"";
  const auto plan = world.plan();
  EXPECT_NE(
      objection_in(plan).find(
          "InvalidSpec: spec.postgres.parameters: PostgreSQL says unrecognized configuration parameter \"no_such\""),
      std::string::npos);
  EXPECT_TRUE(deletes_nothing(plan));
}

struct Refusal {
  const char* name;
  const char* target;
  std::function<void(PostgresWorld&)> make;
  const char* says;
};

TEST(Switchover, IsAskedForOnceAndNotUndoneByAnOldWish) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.switchover_to = "c-postgres-3"; });
  const auto plan = world.plan();
  const auto* action = action_on(plan, "Lease c-postgres");
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(action->why,
            "Asked for a switchover from c-postgres-1 to c-postgres-3: spec.postgres.switchoverTo names it");
  world.apply(plan);
  EXPECT_EQ(world.lease_annotation(postgres::kSwitchoverToAnnotation), "c-postgres-3");
  EXPECT_EQ(action_on(world.plan(), "Lease c-postgres"), nullptr) << "asked once";

  world.hold("", "Required 1 c-postgres-2 c-postgres-3");
  EXPECT_EQ(action_on(world.plan(), "Lease c-postgres"), nullptr) << "a write now would make the claim fail";
  world.hold("c-postgres-3", "Required 1 c-postgres-1 c-postgres-2");
  EXPECT_EQ(action_on(world.plan(), "Lease c-postgres"), nullptr) << "nor while it is being promoted";
  world.switch_over("c-postgres-3");
  const auto done = world.plan();
  const auto& document = std::get<LabelObject>(action_on(done, "Lease c-postgres")->step).document;
  EXPECT_FALSE(document["metadata"]["annotations"].contains(postgres::kSwitchoverToAnnotation));
  EXPECT_EQ(document["metadata"]["annotations"][names::kSwitchoverDoneAnnotation], "c-postgres-3");
  world.apply(done);

  world.switch_over("c-postgres-2");  // a failover, later
  EXPECT_EQ(world.plan().postgres_operation, "");
  world.change_spec([](auto& spec) { spec.postgres.switchover_to = "c-postgres-1"; });
  EXPECT_NE(world.plan().postgres_operation, "");
}

TEST(Switchover, IsRefusedWithTheFieldTheReasonAndTheNextStep) {
  const Refusal refusals[] = {
      {"unknown", "c-postgres-7", [](auto&) {},
       "InvalidSpec: spec.postgres.switchoverTo: c-postgres-7 is none of the instances: name one of c-postgres-1, "
       "c-postgres-2, c-postgres-3."},
      {"no pod", "c-postgres-2", [](auto& w) { w.remove("c-postgres-2"); }, "has no pod"},
      {"not ready", "c-postgres-2",
       [](auto& w) {
         w.set_state("c-postgres-2", {{"running", json::Value::object()}}, false);
       },
       "is not ready"},
      {"is not heard", "c-postgres-2", [](auto& w) { w.seen.instances["c-postgres-1"].replication.clear(); },
       "is not streamed to by the primary"},
      {"does not stream", "c-postgres-2", [](auto& w) { w.seen.instances["c-postgres-2"].is_streaming = false; },
       "does not stream"},
      {"silent agent", "c-postgres-2", [](auto& w) { w.seen.instances.erase("c-postgres-2"); }, "does not answer"},
      {"unpublished", "c-postgres-2", [](auto& w) { w.hold("c-postgres-1", "Required 1 c-postgres-3"); },
       "not in the published synchronous set"},
      {"lags", "c-postgres-2", [](auto& w) { w.seen.instances["c-postgres-1"].lsn = "0/6000001"; },
       "is 16 MiB behind: wait"},
      {"fenced", "c-postgres-2",
       [](auto& w) { w.change_spec([](auto& spec) { spec.postgres.fenced = {"c-postgres-2"}; }); }, "is fenced"},
      {"primary silent", "c-postgres-2", [](auto& w) { w.seen.instances.erase("c-postgres-1"); },
       "cannot be compared with the primary"},
  };
  for (const auto& refusal : refusals) {
    PostgresWorld world;
    refusal.make(world);
    world.change_spec([&](auto& spec) { spec.postgres.switchover_to = refusal.target; });
    const auto plan = world.plan();
    EXPECT_NE(objection_in(plan).find(refusal.says), std::string::npos) << refusal.name << ": " << objection_in(plan);
    world.apply(plan);
    EXPECT_EQ(world.lease_annotation(postgres::kSwitchoverToAnnotation), "") << refusal.name;
    EXPECT_TRUE(deletes_nothing(plan)) << refusal.name;
  }
}

TEST(Switchover, LeavesANodeThatIsBeingDrained) {
  PostgresWorld world;
  world.drain_node_of("c-postgres-1");
  world.drain_node_of("c-postgres-2");
  const auto plan = world.plan();
  EXPECT_EQ(plan.postgres_operation,
            "Asked for a switchover from c-postgres-1 to c-postgres-3: node node-of-c-postgres-1 is being drained");
  world.drain_node_of("c-postgres-3");
  EXPECT_EQ(world.plan().postgres_operation, "") << "nowhere better";
  EXPECT_NE(objection_in(world.plan()).find("c-postgres-2 is on a node that is being left, too"), std::string::npos)
      << objection_in(world.plan());
}

TEST(Switchover, SaysWhyASingleInstanceStaysOnANodeThatIsBeingDrained) {
  PostgresWorld world(R"({"postgres":{"instances":1,"synchronous":{"mode":"Off"}}})");
  world.hold("c-postgres-1", "Off 0");
  world.drain_node_of("c-postgres-1");
  const auto said = objection_in(world.plan());
  EXPECT_NE(said.find("Node node-of-c-postgres-1 takes no more pods"), std::string::npos) << said;
  EXPECT_NE(said.find("it is the only instance. Raise spec.postgres.instances"), std::string::npos) << said;
  EXPECT_EQ(said.find("standby"), std::string::npos) << "there is none to wait for: " << said;
  EXPECT_TRUE(deletes_nothing(world.plan()));
}

TEST(Switchover, KeepsWhomItAskedAndPrefersTheOneThatLagsLess) {
  PostgresWorld world;
  world.drain_node_of("c-postgres-1");
  world.seen.instances["c-postgres-2"].replay_lsn = "0/4FFFFFF";
  world.apply(world.plan());
  EXPECT_EQ(world.lease_annotation(postgres::kSwitchoverToAnnotation), "c-postgres-3");
  world.seen.instances["c-postgres-2"].replay_lsn = "0/5000000";
  world.seen.instances["c-postgres-3"].replay_lsn = "0/4FFFFFF";
  EXPECT_EQ(action_on(world.plan(), "Lease c-postgres"), nullptr) << "two candidates in turn would be asked for ever";
}

TEST(Switchover, IsNotPlannedWithoutAPrimary) {
  PostgresWorld world;
  world.hold("", "Required 1 c-postgres-2 c-postgres-3");
  world.change_spec([](auto& spec) { spec.postgres.switchover_to = "c-postgres-3"; });
  EXPECT_EQ(world.plan().postgres_operation, "");
}

TEST(Fenced, IsToldToTheAgentsAndUnknownNamesAreSaid) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.fenced = {"c-postgres-3", "postgres-9"}; });
  const auto plan = world.plan();
  EXPECT_EQ(action_on(plan, "Lease c-postgres")->why, "Fenced c-postgres-3");
  EXPECT_EQ(
      objection_in(plan),
      "InvalidSpec: spec.postgres.fenced: postgres-9 is none of the instances, so it has no effect: correct the name.");
  world.apply(plan);
  EXPECT_EQ(world.lease_annotation(postgres::kFencedAnnotation), "c-postgres-3");
}

TEST(Scale, TakesTheHighestNumberOnceNobodyCountsOnIt) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.instances = 2; });
  EXPECT_TRUE(deletes_nothing(world.plan())) << "c-postgres-3 is still in the published set";
  EXPECT_EQ(world.plan().postgres_operation,
            "Waits until the primary no longer counts c-postgres-3 among its synchronous standbys");
  world.hold("c-postgres-1", "Required 1 c-postgres-2");
  EXPECT_TRUE(deletes(world.plan(), "c-postgres-3"));
  EXPECT_FALSE(has_action(world.plan(), "PersistentVolumeClaim c-postgres-3"));
}

TEST(Scale, SwitchesOverFromAPrimaryThatIsToGo) {
  PostgresWorld world;
  world.switch_over("c-postgres-3");
  world.hold("c-postgres-3", "Required 1 c-postgres-1 c-postgres-2");
  world.settle();
  world.change_spec([](auto& spec) { spec.postgres.instances = 2; });
  const auto plan = world.plan();
  EXPECT_TRUE(deletes_nothing(plan)) << to_text(plan);
  EXPECT_NE(plan.postgres_operation.find("Asked for a switchover from c-postgres-3 to c-postgres-1"), std::string::npos)
      << plan.postgres_operation;
}

TEST(Scale, AddsInstancesAtOnce) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.instances = 5; });
  const auto plan = world.plan();
  for (const char* object : {"Pod c-postgres-4", "Pod c-postgres-5", "PersistentVolumeClaim c-postgres-4"})
    EXPECT_TRUE(has_action(plan, object)) << object;
}

TEST(RollOut, TakesStandbysFirstAndThePrimaryAsAStandby) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.images.postgres = "new:1"; });
  std::vector<std::string> story;
  for (int round = 0; round < 12; ++round) {
    const auto plan = world.plan();
    world.apply(plan);
    bool has_deleted = false;
    for (const auto& action : plan.actions) {
      if (!std::holds_alternative<DeleteObject>(action.step)) continue;
      EXPECT_FALSE(std::exchange(has_deleted, true)) << "one at a time";
      story.push_back(action.object.to_string());
      world.seen.instances.erase(action.object.name);
    }
    if (const auto to = world.lease_annotation(postgres::kSwitchoverToAnnotation);
        !to.empty() && to != world.seen.postgres_lease->spec.holder_identity) {
      story.push_back("to " + to);
      world.switch_over(to);
    }
    if (has_deleted) {
      const auto next = world.plan();
      EXPECT_TRUE(deletes_nothing(next)) << "one at a time";
      world.apply(next);
      world.start_all();
    }
  }
  EXPECT_EQ(world.plan().postgres_operation, "");
  EXPECT_EQ(story,
            (std::vector<std::string>{"Pod c-postgres-2", "Pod c-postgres-3", "to c-postgres-2", "Pod c-postgres-1"}));
}

TEST(RollOut, WaitsForEveryStandbyToStream) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.images.postgres = "new:1"; });
  world.seen.instances["c-postgres-3"].is_streaming = false;
  EXPECT_TRUE(deletes_nothing(world.plan()));
  EXPECT_EQ(world.plan().postgres_operation, "Waits for c-postgres-3 to stream before the roll-out goes on");
}

TEST(RollOut, WaitsForEveryStandbyToCount) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.images.postgres = "new:1"; });
  world.hold("c-postgres-1", "Required 1 c-postgres-3");
  EXPECT_TRUE(deletes_nothing(world.plan())) << "every commit would wait for the one that goes";
  EXPECT_EQ(world.plan().postgres_operation,
            "Waits for c-postgres-2 to be among those that a commit may wait for before the roll-out goes on");
  world.hold("c-postgres-1", "Required 1 c-postgres-2 c-postgres-3");
  EXPECT_TRUE(deletes(world.plan(), "c-postgres-2"));
}

TEST(RollOut, MendsAPodThatNeverCameUp) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.images.postgres = "wrong:1"; });
  world.set_state("c-postgres-2", {{"waiting", {{"reason", "ImagePullBackOff"}}}}, false);
  world.seen.instances.erase("c-postgres-2");
  EXPECT_TRUE(deletes(world.plan(), "c-postgres-2"));
  world.set_state("c-postgres-3", {{"running", json::Value::object()}}, false);
  const auto plan = world.plan();
  EXPECT_LE(std::count_if(plan.actions.begin(), plan.actions.end(),
                          [](const Action& a) { return std::holds_alternative<DeleteObject>(a.step); }),
            1);
}

TEST(RollOut, NeverStopsAPrimaryWhileNobodyCanTakeOver) {
  PostgresWorld world(R"({"postgres":{"instances":2}})");
  world.hold("c-postgres-1", "Required 1 c-postgres-2");
  world.settle();
  world.change_spec([](auto& spec) { spec.images.postgres = "new:1"; });
  world.remove("c-postgres-2");
  world.apply(world.plan());
  world.set_state("c-postgres-2", {{"running", json::Value::object()}}, true);
  EXPECT_FALSE(deletes(world.plan(), "c-postgres-1"));
  world.start("c-postgres-2");
  world.seen.instances["c-postgres-2"].replay_lsn = "0/1";
  EXPECT_FALSE(deletes(world.plan(), "c-postgres-1"));
  EXPECT_NE(world.plan().postgres_operation.find("Waits for a standby that can take over"), std::string::npos)
      << world.plan().postgres_operation;
}

TEST(RollOut, ReplacesASingleInstanceInPlace) {
  PostgresWorld world(R"({"postgres":{"instances":1,"synchronous":{"mode":"Off"}}})");
  world.hold("c-postgres-1", "Off 0");
  world.settle();
  world.change_spec([](auto& spec) { spec.images.postgres = "new:1"; });
  EXPECT_TRUE(deletes(world.plan(), "c-postgres-1"));
}

TEST(Configuration, ReachesThePodsAtOnce) {
  PostgresWorld world;
  const auto before = configuration_mark(*facts::view_postgres(world.seen).find("c-postgres-2"));
  ASSERT_TRUE(before);
  world.change_spec([](auto& spec) { spec.postgres.parameters["work_mem"] = "8MB"; });
  const auto plan = world.plan();
  std::vector<std::string> order;
  for (const auto& action : plan.actions) order.push_back(action.object.to_string());
  EXPECT_EQ(order.front(), "ConfigMap c-postgres") << "the kubelet must find the new one";
  EXPECT_EQ(action_on(plan, "Pod c-postgres-2")->why, "Told Pod c-postgres-2 of its configuration");
  world.apply(plan);
  EXPECT_NE(configuration_mark(*facts::view_postgres(world.seen).find("c-postgres-2"))->hash, before->hash);
  EXPECT_EQ(action_on(world.plan(), "Pod c-postgres-2"), nullptr);
  world.now += std::chrono::seconds(20);
  EXPECT_NE(action_on(world.plan(), "Pod c-postgres-2"), nullptr) << "its agent has missed it";
  world.load_configuration();
  EXPECT_EQ(action_on(world.plan(), "Pod c-postgres-2"), nullptr);
  EXPECT_EQ(world.seen.pods.at("c-postgres-2")->metadata.labels.at("cadence.noslop.tech/role"), "standby");
}

std::string restart_asked(PostgresWorld& world) {
  world.apply(world.plan());
  const auto text = world.lease_annotation(postgres::kRestartAnnotation);
  return text.substr(0, text.find(' '));
}

TEST(Configuration, RestartsStandbysThenHandsOver) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.parameters["shared_buffers"] = "1GB"; });
  world.apply(world.plan());
  for (auto& [pod, report] : world.seen.instances) report.is_restart_pending = true;
  EXPECT_EQ(restart_asked(world), "") << "nobody restarts before all have loaded it";
  world.load_configuration();
  EXPECT_EQ(restart_asked(world), "c-postgres-2");
  EXPECT_EQ(world.lease_annotation(postgres::kRestartAnnotation), "c-postgres-2 " + world.config_hash());
  world.seen.instances["c-postgres-2"].is_restart_pending = false;
  world.seen.instances["c-postgres-2"].is_streaming = false;
  EXPECT_NE(world.plan().postgres_operation.find("Waits for c-postgres-2 to stream"), std::string::npos);
  world.seen.instances["c-postgres-2"].is_streaming = true;
  EXPECT_EQ(restart_asked(world), "c-postgres-3");
  world.seen.instances["c-postgres-3"].is_restart_pending = false;
  world.apply(world.plan());
  EXPECT_EQ(world.lease_annotation(postgres::kSwitchoverToAnnotation), "c-postgres-2");
  world.switch_over("c-postgres-2");
  world.seen.instances["c-postgres-1"].is_restart_pending = false;
  EXPECT_EQ(world.plan().postgres_operation, "");
}

TEST(Configuration, RestartsThePrimaryFirstInPlaceWhereAParameterGetsSmaller) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.parameters["max_connections"] = "50"; });
  world.apply(world.plan());
  world.load_configuration();
  for (auto& [pod, report] : world.seen.instances) report.is_restart_pending = report.is_decrease_pending = true;
  EXPECT_EQ(restart_asked(world), "c-postgres-1");
  world.seen.instances["c-postgres-1"].is_restart_pending = world.seen.instances["c-postgres-1"].is_decrease_pending =
      false;
  EXPECT_EQ(restart_asked(world), "c-postgres-2");
}

TEST(Configuration, RestartsASinglePrimaryInPlace) {
  PostgresWorld world(R"({"postgres":{"instances":1,"synchronous":{"mode":"Off"}}})");
  world.hold("c-postgres-1", "Off 0");
  world.settle();
  world.now += std::chrono::minutes(1);
  world.seen.instances["c-postgres-1"].is_restart_pending = true;
  EXPECT_EQ(restart_asked(world), "c-postgres-1");
}

TEST(Endpoints, AreRepairedOnlyWithFreshKnowledgeAndAReadyPrimary) {
  struct Row {
    const char* name;
    int slice_age_ms, lease_silence_ms;
    const char* ip;
    bool is_ready, expected;
  };
  const Row rows[] = {{"wrong for long", 6000, 1000, "10.9.9.9", true, true},
                      {"empty for long", 6000, 1000, "", true, true},
                      {"right", 6000, 1000, "10.0.0.1", true, false},
                      {"just written by an agent", 4000, 1000, "10.9.9.9", true, false},
                      {"our Lease is older than the slice", 6000, 7000, "10.9.9.9", true, false},
                      {"primary not ready", 6000, 1000, "10.9.9.9", false, false}};
  for (const auto& row : rows) {
    PostgresWorld world;
    world.set_state("c-postgres-1", {{"running", json::Value::object()}}, row.is_ready);
    auto slice = std::make_shared<kube::types::EndpointSlice>();
    slice->metadata.name = "c-postgres-rw";
    if (*row.ip != '\0') {
      slice->endpoints.emplace_back();
      slice->endpoints.back().addresses = {row.ip};
    }
    world.seen.postgres_endpoints = slice;
    world.seen.endpoints_age = std::chrono::milliseconds(row.slice_age_ms);
    world.seen.lease_silence = std::chrono::milliseconds(row.lease_silence_ms);
    const auto plan = world.plan();
    ASSERT_EQ(has_action(plan, "EndpointSlice c-postgres-rw"), row.expected) << row.name;
    // One without labels came of this write when the slice had gone in the meantime.
    if (row.expected) {
      EXPECT_EQ(std::get<LabelObject>(action_on(plan, "EndpointSlice c-postgres-rw")->step).uid, "uid-c-postgres-rw");
    }
  }
}

TEST(Endpoints, AreNeverTakenAwayByTheirOwner) {
  PostgresWorld world;
  auto& slice = world.seen.children.at({"EndpointSlice", "c-postgres-rw"}).document;
  slice["endpoints"] = json::Value::array({{{"addresses", {"10.0.0.1"}}}});
  EXPECT_FALSE(has_action(world.plan(), "EndpointSlice c-postgres-rw"));
  slice["metadata"]["labels"].erase("kubernetes.io/service-name");
  const auto plan = world.plan();
  EXPECT_FALSE(
      std::get<ApplyObject>(action_on(plan, "EndpointSlice c-postgres-rw")->step).document.contains("endpoints"));
}

}  // namespace
}  // namespace cadence::plan
