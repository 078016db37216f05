// What replaces and restarts instances: another number of them, another pod template, another configuration.
#include <gtest/gtest.h>

#include "cadence/plan/postgres/marks.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

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

void begin_at(World& world, const kube::core::KindInfo& kind, const std::string& name, const char* time) {
  world.put(kind, {{"metadata", {{"name", name}, {"creationTimestamp", time}}}});
}

// Its agents are refused by the API server, so the Lease is silent and nobody can be asked for a switchover.
TEST(DeletedAccount, PodsAreReplacedStandbysFirst) {
  PostgresWorld world;
  for (int number = 1; number <= 3; ++number)
    begin_at(world, kube::types::Pod::kind_info(), world.name(number), "2026-03-04T09:00:00Z");
  begin_at(world, kube::types::ServiceAccount::kind_info(), "c-postgres", "2026-03-04T08:59:59Z");
  EXPECT_TRUE(deletes_nothing(world.plan()));
  begin_at(world, kube::types::ServiceAccount::kind_info(), "c-postgres", "2026-03-04T10:00:00Z");
  world.seen.lease_silence = std::chrono::seconds(60);
  for (int number : {2, 3, 1}) {
    const auto plan = world.plan();
    ASSERT_TRUE(deletes(plan, world.name(number))) << to_text(plan);
    EXPECT_EQ(std::count_if(plan.actions.begin(), plan.actions.end(),
                            [](const Action& a) { return std::holds_alternative<DeleteObject>(a.step); }),
              1);
    world.seen.instances[world.name(number)].is_streaming = false;
    begin_at(world, kube::types::Pod::kind_info(), world.name(number), "2026-03-04T10:00:30Z");
    if (number == 1) break;
    const auto meanwhile = world.plan();
    EXPECT_TRUE(deletes_nothing(meanwhile)) << "a commit needs a standby";
    EXPECT_EQ(meanwhile.postgres_operation,
              "Waits for " + world.name(number) + " to stream before a pod that the API server refuses is replaced");
    world.seen.instances[world.name(number)].is_streaming = true;
  }
  EXPECT_TRUE(deletes_nothing(world.plan())) << "all began with this account";
}

// Its server is gone, and without tokens nobody can be elected: it is the standbys that must be let in.
TEST(DeletedAccount, WithoutAPrimaryThatWritesStandbysNeedNotStream) {
  PostgresWorld world;
  begin_at(world, kube::types::ServiceAccount::kind_info(), "c-postgres", "2026-03-04T10:00:00Z");
  for (int number = 1; number <= 3; ++number) {
    begin_at(world, kube::types::Pod::kind_info(), world.name(number), "2026-03-04T09:00:00Z");
    world.seen.instances[world.name(number)].is_streaming = world.seen.instances[world.name(number)].is_writable =
        false;
  }
  world.seen.lease_silence = std::chrono::seconds(60);
  EXPECT_TRUE(deletes(world.plan(), "c-postgres-2"));
}

TEST(DeletedAccount, LoadBalancersRollOnceAndStayAsTheyAre) {
  World world;
  world.settle();
  const auto template_of = [&] {
    return json::string_at(world.seen.child("Deployment", "c-lb")->document,
                           {"spec", "template", "metadata", "annotations", names::kAccountAnnotation});
  };
  const auto pod = [&](const char* name, const char* time) {
    world.put(kube::types::Pod::kind_info(), {{"metadata", {{"name", name}, {"creationTimestamp", time}}},
                                              {"spec", {{"serviceAccountName", "c-lb"}}}});
  };
  pod("c-lb-old", "2026-03-04T09:00:00Z");
  begin_at(world, kube::types::ServiceAccount::kind_info(), "c-lb", "2026-03-04T08:00:00Z");
  world.settle();
  EXPECT_EQ(template_of(), "");
  begin_at(world, kube::types::ServiceAccount::kind_info(), "c-lb", "2026-03-04T10:00:00Z");
  world.settle();
  EXPECT_EQ(template_of(), "2026-03-04T10:00:00Z");
  world.seen.pods.erase("c-lb-old");
  pod("c-lb-new", "2026-03-04T10:00:10Z");
  world.settle();
  EXPECT_EQ(template_of(), "2026-03-04T10:00:00Z") << "no second roll";
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

}  // namespace
}  // namespace cadence::plan
