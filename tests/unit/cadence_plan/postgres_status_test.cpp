#include <gtest/gtest.h>

#include "cadence/status/summarise.hpp"
#include "kube/core/conditions.hpp"
#include "postgres_world.hpp"

namespace cadence::status {
namespace {

using plan::PostgresWorld;

constexpr const char* kFailover =
    R"({"at":"2026-03-04T09:59:58Z","from":"c-postgres-1","to":"c-postgres-2","reason":"the server had crashed",
  "term":2,"duration_ms":1284,"phases":{"disarm":52,"collect":8,"claim":12,"promote":310,"total":382},
  "waited_for":["c-postgres-3"]})";

kube::core::Condition postgres_ready(const PostgresWorld& world) {
  const auto status = summarise(world.seen, world.plan(), {}, world.now);
  return *kube::core::find_condition(status.conditions, "PostgresReady");
}

TEST(PostgresStatus, IsReadyWithAPrimaryThatWrites) {
  const PostgresWorld world;
  const auto condition = postgres_ready(world);
  EXPECT_EQ(condition.status, "True") << condition.message;
  EXPECT_EQ(condition.message,
            "Primary c-postgres-1 accepts writes; 3 of 3 instances are ready. Required: a commit waits for any 1 of "
            "c-postgres-2, c-postgres-3.");
}

TEST(PostgresStatus, ALeaseThatCannotBeReadIsNotOneThatIsNotThere) {
  for (const auto& [problem, said] :
       {std::pair{"", "Who is primary is not known: Lease c-postgres could not be read."},
        {"leases is forbidden",
         "Who is primary is not known: Lease c-postgres could not be read: leases is forbidden."}}) {
    PostgresWorld world;
    world.seen.postgres_lease.reset();
    world.seen.children.erase({"Lease", "c-postgres"});
    world.seen.unread[{"Lease", "c-postgres"}] = problem;
    const auto condition = postgres_ready(world);
    EXPECT_EQ(condition.status, "False");
    EXPECT_EQ(condition.reason, "LeaseUnreadable");
    EXPECT_EQ(condition.message, said);
  }
}

// Deleted with the cluster, which was created again: what it tells of may be gone, and an instance that went by it
// would wait for ever.
TEST(PostgresStatus, ALeaseOfAnEarlierLifeIsWaitedForUntilItIsGone) {
  PostgresWorld world;
  for (const auto& pod : {"c-postgres-1", "c-postgres-2", "c-postgres-3"}) world.remove(pod);
  world.seen.lease_silence = std::chrono::minutes(1);
  json::Value document = world.seen.child("Lease", "c-postgres")->document;
  document["metadata"]["ownerReferences"] = json::Value::array({{{"uid", "uid-of-before"}}});
  const auto put = [&] {
    world.seen.children.erase({"Lease", "c-postgres"});
    world.put(kube::types::Lease::kind_info(), document);
  };
  put();
  EXPECT_EQ(postgres_ready(world).reason, "LeaseLeftOver");
  EXPECT_EQ(postgres_ready(world).message,
            "Lease c-postgres is of an earlier life of this cluster and is removed first.");
  EXPECT_TRUE(has_action(world.plan(), "Lease c-postgres"));
  document["metadata"]["deletionTimestamp"] = "2026-03-04T09:00:00Z";
  document["metadata"]["finalizers"] = {"eyes.example/hold"};
  put();
  EXPECT_EQ(postgres_ready(world).status, "False");
  EXPECT_EQ(postgres_ready(world).message,
            "Lease c-postgres is of an earlier life of this cluster and was deleted; the database waits until it is "
            "gone, and finalizer eyes.example/hold holds it: whoever set it has to take it off.");
  const auto plan = world.plan();
  EXPECT_TRUE(plan.requeue_after);
  EXPECT_FALSE(has_action(plan, "Lease c-postgres"));
  EXPECT_FALSE(has_action(plan, "Pod c-postgres-1")) << to_text(plan);
  EXPECT_NE(objection_in(plan).find("ObjectHeld: Lease c-postgres was deleted, and its name is held by finalizer "
                                    "eyes.example/hold: no database begins before it is gone."),
            std::string::npos)
      << objection_in(plan);
}

// Everybody who may write it still does.
TEST(PostgresStatus, ALeaseThatIsHeldWhileItIsDeletedServes) {
  PostgresWorld world;
  world.put(kube::types::Lease::kind_info(), {{"metadata",
                                               {{"name", "c-postgres"},
                                                {"deletionTimestamp", "2026-03-04T09:00:00Z"},
                                                {"finalizers", {"eyes.example/hold"}}}}});
  EXPECT_EQ(postgres_ready(world).status, "True");
  EXPECT_NE(objection_in(world.plan()).find("it serves until it is gone, and then it is made again."),
            std::string::npos)
      << objection_in(world.plan());
}

struct Fault {
  const char* name;
  std::function<void(PostgresWorld&)> make;
  const char* reason;
  const char* says;
};

void release(PostgresWorld& world) {
  world.hold("", "Required 1 c-postgres-2 c-postgres-3");
  world.annotate_lease(postgres::kLastHolderAnnotation, "c-postgres-1");
  world.annotate_lease(postgres::kReleasedBecauseAnnotation, "its server had ended");
}

const Fault kFaults[] = {
    {"released", release, "FailoverInProgress",
     "c-postgres-1 is no longer primary (its server had ended). c-postgres-2, c-postgres-3 can elect a new one"},
    {"released, one voter gone",
     [](auto& w) {
       release(w);
       w.kill("c-postgres-3");
     },
     "FailoverBlocked",
     "an election needs 2 of c-postgres-2, c-postgres-3, and these do not run: c-postgres-3. Start one of them, or "
     "the last primary, c-postgres-1."},
    {"released, voters disagree",
     [](auto& w) {
       release(w);
       w.seen.instances["c-postgres-2"].blocked = "c-postgres-3 does not answer";
     },
     "FailoverBlocked", "c-postgres-2 says: c-postgres-3 does not answer"},
    {"silent", [](auto& w) { w.seen.lease_silence = std::chrono::seconds(9); }, "FailoverInProgress",
     "has not renewed Lease c-postgres"},
    {"degraded and gone",
     [](auto& w) {
       w.hold("c-postgres-1", "Preferred 0");
       w.kill("c-postgres-1");
     },
     "FailoverBlocked", "bring c-postgres-1 back"},
    {"pod missing", [](auto& w) { w.remove("c-postgres-1"); }, "FailoverInProgress", "has no pod"},
    {"pod not ready",
     [](auto& w) {
       w.set_state("c-postgres-1", {{"running", json::Value::object()}}, false);
     },
     "PrimaryNotReady", "says that it is open for writes, but the kubelet does not call its pod ready yet"},
    {"pod not ready and silent",
     [](auto& w) {
       w.set_state("c-postgres-1", {{"running", json::Value::object()}}, false);
       w.seen.instances.clear();
     },
     "PrimaryNotReady", "is not known"},
    {"agent says no", [](auto& w) { w.seen.instances["c-postgres-1"].is_writable = false; }, "PrimaryNotReady",
     "does not accept writes now"},
    {"no standby",
     [](auto& w) {
       w.kill("c-postgres-2");
       w.seen.instances["c-postgres-1"].unacknowledged =
           "a commit waits for any 1 of c-postgres-2, and none of them streams";
     },
     "CommitsWait",
     "Primary c-postgres-1 cannot acknowledge a commit now: a commit waits for any 1 of c-postgres-2, and none of "
     "them streams. 2 of 3 instances are ready, waiting for c-postgres-2. They go on"},
    {"no standby, says the Lease",
     [](auto& w) {
       w.seen.instances.clear();
       w.annotate_lease(postgres::kUnacknowledgedAnnotation, "a commit waits for any 1 of c-postgres-2");
     },
     "CommitsWait", "cannot acknowledge a commit now: a commit waits for any 1 of c-postgres-2."},
    {"database renamed", [](auto& w) { w.seen.instances["c-postgres-1"].unacknowledged = "database cadence is gone"; },
     "NothingStored", "The application can store nothing on primary c-postgres-1 now: database cadence is gone."},
    {"refused by its agent",
     [](auto& w) {
       release(w);
       w.kill("c-postgres-3");
       w.seen.instances["c-postgres-1"].state = "Starting";
       w.seen.instances["c-postgres-1"].message = "the data is of another database";
     },
     "FailoverBlocked", "or the last primary, c-postgres-1. c-postgres-1 says: the data is of another database."},
    {"fsync off", [](auto& w) { w.seen.instances["c-postgres-1"].unprotected = "fsync is off"; }, "CommitsUnprotected",
     "acknowledges commits that may be lost: fsync is off."},
    {"promoting", [](auto& w) { w.seen.instances["c-postgres-1"].state = "Promoting"; }, "FailoverInProgress",
     "is being promoted"},
};

TEST(PostgresStatus, IsNeverReadyWithoutAWritablePrimary) {
  for (const auto& fault : kFaults) {
    PostgresWorld world;
    fault.make(world);
    const auto condition = postgres_ready(world);
    EXPECT_EQ(condition.status, "False") << fault.name;
    EXPECT_EQ(condition.reason, fault.reason) << fault.name << ": " << condition.message;
    EXPECT_NE(condition.message.find(fault.says), std::string::npos) << fault.name << ": " << condition.message;
    EXPECT_EQ(
        kube::core::find_condition(summarise(world.seen, world.plan(), {}, world.now).conditions, "Ready")->status,
        "False")
        << fault.name;
  }
}

TEST(PostgresStatus, BelievesTheKubeletWhereTheAgentDoesNotAnswer) {
  PostgresWorld world;
  world.seen.instances.clear();
  world.seen.lease_silence = std::chrono::milliseconds(8999);
  EXPECT_EQ(postgres_ready(world).status, "True");
}

TEST(PostgresStatus, SaysThatASettingWasSetBack) {
  PostgresWorld world;
  world.seen.instances["c-postgres-1"].overridden =
      "set back at 2026-03-04T09:59:00Z: synchronous_standby_names (ALTER SYSTEM)";
  const auto condition = postgres_ready(world);
  EXPECT_EQ(condition.status, "True");
  EXPECT_NE(condition.message.find("set back at 2026-03-04T09:59:00Z: synchronous_standby_names (ALTER SYSTEM)."),
            std::string::npos)
      << condition.message;
  world.seen.instances["c-postgres-2"].overridden = "the server of c-postgres-2 was promoted by hand";
  EXPECT_NE(postgres_ready(world).message.find(" On c-postgres-2: the server of c-postgres-2 was promoted by hand."),
            std::string::npos)
      << postgres_ready(world).message;
}

TEST(PostgresStatus, NamesWhatOthersLeft) {
  struct Row {
    std::function<void(PostgresWorld&)> leave;
    const char* says;
  };
  const Row rows[] = {
      {[](auto& w) {
         w.seen.instances["c-postgres-1"].strange_slots =
             "slot report, which nobody reads, keeps 64 MiB of log or more, up to 410MB (max_slot_wal_keep_size)";
       },
       " On c-postgres-1 slot report, which nobody reads, keeps 64 MiB of log or more, up to 410MB "
       "(max_slot_wal_keep_size): let the slot's reader catch up, or drop it with pg_drop_replication_slot."},
      {[](auto& w) { w.seen.instances["c-postgres-3"].strange_slots = "slot x, which nobody reads, keeps much"; },
       " On c-postgres-3 slot x, which nobody reads, keeps much: let"},
      {[](auto& w) { w.annotate_lease(postgres::kTimelineAnnotation, "soon"); },
       " In Lease c-postgres annotation cadence.noslop.tech/timeline says 'soon', which is not the number of a "
       "timeline: it counts as not there. Remove what stays, with kubectl annotate lease."},
      {[](auto& w) { w.annotate_lease(postgres::kRestartAnnotation, "a b c"); },
       " In Lease c-postgres annotation cadence.noslop.tech/restart says 'a b c', which is not an instance and a "
       "token: it"}};
  for (const auto& row : rows) {
    PostgresWorld world;
    row.leave(world);
    EXPECT_EQ(postgres_ready(world).status, "True") << "it keeps nobody from writing";
    EXPECT_NE(postgres_ready(world).message.find(row.says), std::string::npos) << postgres_ready(world).message;
    world.seen.instances["c-postgres-2"].is_streaming = false;
    world.set_state("c-postgres-2", {{"running", json::Value::object()}}, false);
    EXPECT_EQ(postgres_ready(world).reason, "StandbysNotReady");
    EXPECT_NE(postgres_ready(world).message.find(row.says), std::string::npos) << postgres_ready(world).message;
  }
}

TEST(PostgresStatus, NamesWhatKeepsAnybodyFromBeingElected) {
  PostgresWorld world;
  release(world);
  world.annotate_lease(postgres::kSynchronousAnnotation, "Required of all");
  const auto condition = postgres_ready(world);
  EXPECT_EQ(condition.reason, "FailoverBlocked");
  EXPECT_NE(condition.message.find("bring c-postgres-1 back."), std::string::npos) << condition.message;
  EXPECT_NE(condition.message.find("annotation cadence.noslop.tech/synchronous says 'Required of all', which is not a "
                                   "mode, a number and at least so many instances"),
            std::string::npos)
      << condition.message;
}

TEST(PostgresStatus, NamesTheWayOutOfCommitsThatWaitForEver) {
  PostgresWorld world;
  world.change_spec([](auto& spec) {
    spec.postgres.synchronous.mode = "Required";
    spec.postgres.synchronous.number = 3;
  });
  world.seen.instances["c-postgres-1"].unacknowledged = "a commit waits for any 3";
  EXPECT_NE(postgres_ready(world).message.find("raise spec.postgres.instances"), std::string::npos)
      << postgres_ready(world).message;
}

TEST(PostgresStatus, SaysWhatACommitWaitsForNow) {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {R"({"postgres":{"synchronous":{"mode":"Preferred"}}})", "Preferred 0",
       "Preferred, degraded to 0: no standby follows, acknowledged commits may be lost with the primary"},
      {R"({"postgres":{"synchronous":{"mode":"Preferred"}}})", "Preferred 1 c-postgres-2",
       "Preferred: a commit waits for any 1 of c-postgres-2"},
      {R"({"postgres":{"synchronous":{"mode":"Off"}}})", "Off 0 c-postgres-2",
       "Off: a commit waits for no standby, acknowledged commits may be lost with the primary"},
      {"{}", "", "Required: a commit waits for any 1 of the standbys"}};
  for (const auto& [spec, published, expected] : rows) {
    PostgresWorld world(spec);
    world.hold("c-postgres-1", published);
    EXPECT_EQ(summarise(world.seen, {}, {}, world.now).postgres.synchronous, expected);
  }
}

TEST(PostgresStatus, TellsEachFailoverOnce) {
  PostgresWorld world;
  EXPECT_FALSE(fresh_failover(world.seen));
  world.annotate_lease(postgres::kFailoverAnnotation, kFailover);
  const auto story = fresh_failover(world.seen);
  ASSERT_TRUE(story);
  EXPECT_EQ(to_sentence(*story),
            "c-postgres-2 is primary after c-postgres-1: the server had crashed. No write was possible for 1.284s "
            "(disarm 52 ms, collect 8 ms, claim 12 ms, promote 310 ms). Waited for c-postgres-3.");
  EXPECT_FALSE(is_planned(*story));
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_EQ(cluster->status.postgres.last_failover->duration, "1.284s");
  world.seen.cluster = cluster;
  EXPECT_FALSE(fresh_failover(world.seen));
  world.annotate_lease(postgres::kFailoverAnnotation, "");
  EXPECT_EQ(summarise(world.seen, world.plan(), {}, world.now).postgres.last_failover->to, "c-postgres-2")
      << "the last story stays";
}

TEST(PostgresStatus, ReadsNoStoryFromNonsense) {
  for (const char* text : {"", "{", "[]", "null", R"({"from":"a"})", R"({"from":"a","to":"a"})",
                           R"({"from":"","to":"b"})", R"({"from":"a","to":"b","duration_ms":-1})"}) {
    EXPECT_FALSE(read_failover(text)) << text;
  }
  EXPECT_TRUE(read_failover(R"({"from":"a","to":"b","phases":[1]})"));
}

TEST(PostgresStatus, PositionsAloneAreNoNews) {
  PostgresWorld world;
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->status = summarise(world.seen, world.plan(), {}, world.now);
  world.seen.cluster = cluster;
  world.seen.instances["c-postgres-1"].lsn = "0/6000000";
  const auto quiet = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_EQ(json::encode(quiet), json::encode(cluster->status)) << "a quiet cluster is not written to";
  world.seen.instances["c-postgres-3"].state = "Recloning";
  world.set_state("c-postgres-3", {{"running", json::Value::object()}}, false);
  const auto news = summarise(world.seen, world.plan(), {}, world.now);
  EXPECT_EQ(news.postgres.instances[0].lsn, "0/6000000");
  EXPECT_EQ(news.postgres.instances[1].lag, 0x1000000);
  EXPECT_EQ(news.postgres.instances[2].state, "Recloning");
}

TEST(PostgresStatus, AStandbyThatIsNotReadySaysWhy) {
  PostgresWorld world;
  world.set_state("c-postgres-3", {{"running", json::Value::object()}}, false);
  EXPECT_EQ(postgres_ready(world).message.find(" ("), std::string::npos) << "it says nothing";
  world.seen.instances["c-postgres-3"].message = "c-postgres-1 refuses the replication password";
  EXPECT_NE(
      postgres_ready(world).message.find("waiting for c-postgres-3 (c-postgres-1 refuses the replication password)"),
      std::string::npos)
      << postgres_ready(world).message;
}

TEST(PostgresStatus, AFencedInstanceIsNotReady) {
  PostgresWorld world(R"({"postgres":{"fenced":["c-postgres-3"]}})");
  const auto condition = postgres_ready(world);
  EXPECT_EQ(condition.reason, "StandbysNotReady");
  EXPECT_NE(condition.message.find("c-postgres-3 (fenced"), std::string::npos) << condition.message;
}

}  // namespace
}  // namespace cadence::status
