#include <gtest/gtest.h>

#include "cadence/plan/postgres/marks.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

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

TEST(Switchover, AnInstanceThatIsToGoIsNoSuccessor) {
  PostgresWorld world;
  world.change_spec([](auto& spec) { spec.postgres.instances = 2; });
  world.drain_node_of("c-postgres-1");
  world.seen.instances["c-postgres-2"].replay_lsn = "0/4FFFFFF";
  EXPECT_NE(world.plan().postgres_operation.find("to c-postgres-2"), std::string::npos)
      << world.plan().postgres_operation;
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
