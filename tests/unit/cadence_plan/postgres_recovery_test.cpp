#include <gtest/gtest.h>

#include "cadence/plan/postgres/recovery.hpp"
#include "cadence/status/postgres/postgres.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

// A cluster that was deleted and is created again: its volumes were kept, its Lease, pods and Secrets were not.
class CreatedAgain : public PostgresWorld {
 public:
  explicit CreatedAgain(const char* spec = "{}") : PostgresWorld(spec) {
    seen.pods.clear();
    seen.instances.clear();
    seen.postgres_lease.reset();
    std::erase_if(seen.children, [](const auto& child) { return child.first.kind != "PersistentVolumeClaim"; });
  }
  // What an agent says that reads its log as a standby of nobody.
  void tell(const std::string& pod, std::int64_t timeline, const std::string& end,
            const std::string& identifier = "7") {
    postgres::InstanceStatus report;
    report.role = "standby";
    report.volume = postgres::kVolumeDatabase;
    report.system_identifier = identifier;
    report.log_timeline = timeline;
    report.log_end = end;
    seen.instances[pod] = report;
  }
  void tell_volume(const std::string& pod, std::string_view volume, const std::string& message = "") {
    postgres::InstanceStatus report;
    report.volume = volume;
    report.message = message;
    seen.instances[pod] = report;
  }
  [[nodiscard]] std::string recover_from() const { return lease_annotation(postgres::kRecoverFromAnnotation); }
  [[nodiscard]] status::Judgement judgement() const {
    return status::judge_postgres(seen, plan(), status::postgres_status(seen));
  }
  void give_up_volume(const std::string& name) {
    put(kube::types::PersistentVolumeClaim::kind_info(),
        {{"metadata", {{"name", name}, {"deletionTimestamp", "2026-03-04T10:00:00Z"}}}});
  }
};

TEST(Recovery, EveryVolumeThatIsThereIsAskedFirst) {
  CreatedAgain world;
  world.settle();
  for (int number = 1; number <= 3; ++number) EXPECT_TRUE(world.seen.pods.contains(world.name(number)));
  EXPECT_EQ(world.recover_from(), "undecided");
  world.tell("c-postgres-1", 1, "0/5000000");
  world.tell("c-postgres-3", 2, "0/6000000");
  world.settle();
  EXPECT_EQ(world.recover_from(), "undecided") << "the second may have more";
  const auto judgement = world.judgement();
  EXPECT_EQ(judgement.reason, "Recovering");
  EXPECT_NE(judgement.message.find("Waits for c-postgres-2 (its pod does not answer"), std::string::npos)
      << judgement.message;
  EXPECT_NE(judgement.message.find("If a volume is gone for good, delete its PersistentVolumeClaim"),
            std::string::npos);
}

TEST(Recovery, TheLeaseNamesTheNewestBeforeAnybodyMayAct) {
  CreatedAgain world;
  std::vector<std::string> order;
  for (int round = 0; round < 4; ++round) {
    const auto plan = world.plan();
    for (const auto& action : plan.actions) {
      if (action.object == facts::ChildId{"Lease", "c-postgres"} ||
          (action.object.kind == "Pod" && action.object.name.starts_with("c-postgres-")))
        order.push_back(action.object.to_string());
    }
    world.apply(plan);
  }
  ASSERT_FALSE(order.empty());
  EXPECT_EQ(order.front(), "Lease c-postgres") << "an agent that saw no mark would open or create a database";
  world.tell("c-postgres-1", 1, "0/9000000");
  world.tell("c-postgres-2", 2, "0/6000000");
  world.tell("c-postgres-3", 2, "0/5000000");
  const auto plan = world.plan();
  const auto* choice = action_on(plan, "Lease c-postgres");
  ASSERT_NE(choice, nullptr);
  EXPECT_EQ(choice->why,
            "Chose c-postgres-2 as primary: c-postgres-2 has the newest data (timeline 2, log to 0/6000000)");
  world.apply(plan);
  EXPECT_EQ(world.recover_from(), "c-postgres-2");
  world.tell("c-postgres-3", 3, "0/9000000");
  world.settle();
  EXPECT_EQ(world.recover_from(), "c-postgres-2") << "decided once";
  world.hold("c-postgres-2", "Required 1 c-postgres-1 c-postgres-3");
  world.start_all();
  const auto after = world.plan();
  EXPECT_TRUE(world.judgement().is_ready) << world.judgement().message;
  EXPECT_EQ(json::string_at(std::get<LabelObject>(action_on(after, "Lease c-postgres")->step).document,
                            {"metadata", "annotations", postgres::kRecoverFromAnnotation}),
            "")
      << "history";
}

TEST(Recovery, AVolumeThatIsGivenUpIsNotWaitedFor) {
  CreatedAgain world;
  world.settle();
  world.tell("c-postgres-2", 2, "0/6000000");
  world.tell("c-postgres-3", 2, "0/6000000");
  world.give_up_volume("c-postgres-1");
  const auto plan = world.plan();
  EXPECT_TRUE(deletes(plan, "c-postgres-1")) << "its pod would keep the volume";
  world.apply(plan);
  EXPECT_EQ(world.recover_from(), "c-postgres-2");
  world.seen.children.erase({"PersistentVolumeClaim", "c-postgres-1"});
  world.settle();
  EXPECT_FALSE(world.seen.pods.contains("c-postgres-1")) << "a new volume waits for the database";
  EXPECT_EQ(world.seen.children.count({"PersistentVolumeClaim", "c-postgres-1"}), 0U);
}

TEST(Recovery, VolumesOfInstancesThatAreNoMoreWantedAreAskedToo) {
  CreatedAgain world;
  world.change_spec([](auto& spec) { spec.postgres.instances = 2; });
  world.settle();
  ASSERT_TRUE(world.seen.pods.contains("c-postgres-3"));
  world.tell("c-postgres-1", 1, "0/5000000");
  world.tell("c-postgres-2", 1, "0/5000000");
  world.tell("c-postgres-3", 2, "0/5000000");
  world.settle();
  EXPECT_EQ(world.recover_from(), "c-postgres-3");
}

TEST(Recovery, NoDatabaseIsCreatedBesideAVolume) {
  CreatedAgain world;
  world.seen.children.erase({"PersistentVolumeClaim", "c-postgres-1"});
  world.settle();
  EXPECT_FALSE(world.seen.pods.contains("c-postgres-1"));
  world.tell_volume("c-postgres-2", postgres::kVolumeEmpty);
  world.settle();
  EXPECT_EQ(world.recover_from(), "undecided");
  world.tell_volume("c-postgres-3", postgres::kVolumeEmpty);
  world.settle();
  EXPECT_EQ(world.recover_from(), "c-postgres-2") << "nobody has anything";
}

TEST(Recovery, TwoDatabasesAreForPeopleToTellApart) {
  CreatedAgain world;
  world.settle();
  world.tell("c-postgres-1", 1, "0/5000000");
  world.tell("c-postgres-2", 1, "0/5000000", "8");
  world.tell("c-postgres-3", 1, "0/5000000");
  EXPECT_NE(objection_in(world.plan())
                .find("RecoveryBlocked: There are volumes from before this CadenceCluster was created: the volumes "
                      "hold different databases"),
            std::string::npos);
  world.settle();
  EXPECT_EQ(world.recover_from(), "undecided");
  world.put(kube::types::PersistentVolumeClaim::kind_info(),
            {{"metadata", {{"name", "c-postgres-2"}, {"labels", {{"cadence.noslop.tech/set-aside", "true"}}}}}});
  world.settle();
  EXPECT_EQ(world.recover_from(), "c-postgres-1");
}

TEST(Recovery, OnlyPodsOfThisLifeAreBelieved) {
  CreatedAgain world;
  world.settle();
  for (int number = 1; number <= 3; ++number) world.tell(world.name(number), 1, "0/5000000");
  auto pod = std::make_shared<kube::types::Pod>(*world.seen.pods["c-postgres-2"]);
  pod->metadata.deletion_timestamp = "2026-03-04T10:00:00Z";
  world.seen.pods["c-postgres-2"] = pod;
  world.settle();
  EXPECT_EQ(world.recover_from(), "undecided");
}

TEST(Recovery, AStandbysVolumeAloneComesBackToo) {
  CreatedAgain world(R"({"postgres":{"instances":1,"synchronous":{"mode":"Off"}}})");
  world.settle();
  EXPECT_EQ(world.recover_from(), "") << "a primary's volume, or an empty one, needs nobody's word";
  world.tell("c-postgres-1", 1, "0/5000000");
  world.settle();
  EXPECT_EQ(world.recover_from(), "c-postgres-1");
}

TEST(Recovery, ANewClusterIsAskedForNothing) {
  World world;
  world.settle();
  EXPECT_EQ(facts::lease_annotation(world.seen, postgres::kRecoverFromAnnotation), "");
  EXPECT_FALSE(world.seen.pods.contains("c-postgres-2"));
}

TEST(Recovery, ALeaseThatIsDeletedUnderItsHolderIsTheHoldersToMake) {
  PostgresWorld world;
  world.seen.postgres_lease.reset();
  world.seen.children.erase({"Lease", "c-postgres"});
  const auto plan = world.plan();
  EXPECT_FALSE(has_action(plan, "Lease c-postgres")) << "an empty one would stop the primary";
  EXPECT_TRUE(plan.requeue_after);
  world.seen.instances.erase("c-postgres-1");
  EXPECT_TRUE(has_action(world.plan(), "Lease c-postgres"));
}

TEST(Recovery, ALeaseOfAnEarlierLifeIsRemovedFirst) {
  CreatedAgain world;
  world.hold("c-postgres-2", "Required 1 c-postgres-1 c-postgres-3");
  for (int round = 0; round < 3; ++round) world.apply(world.plan());
  EXPECT_EQ(world.recover_from(), "undecided");
  EXPECT_EQ(world.lease_annotation(postgres::kSystemIdentifierAnnotation), "");
}

}  // namespace
}  // namespace cadence::plan
