#include <gtest/gtest.h>

#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

TEST(VotesNeeded, FollowThePublishedSet) {
  const std::pair<const char*, int> rows[] = {{"Required 1 a b", 2}, {"Required 2 a b", 1}, {"Preferred 1 a", 1},
                                              {"Preferred 0", 0},    {"Off 0 a b", 1},      {"Off 0", 0}};
  for (const auto& [text, needed] : rows)
    EXPECT_EQ(facts::votes_needed(*postgres::parse_synchronous_set(text)), needed) << text;
}

TEST(Release, IsNotMadeWhileNothingProvesADeath) {
  PostgresWorld world;
  EXPECT_FALSE(world.release());
  world.seen.lease_silence = std::chrono::hours(1);
  EXPECT_FALSE(world.release())
      << "silence is the agents' business: the primary may live and only be cut off from the API server";
  world.set_state("c-postgres-1", {{"running", json::Value::object()}}, false);
  EXPECT_FALSE(world.release()) << "not ready is not dead";
}

TEST(Release, NamesTheHolderAndTheReasonAndKeepsTheRest) {
  PostgresWorld world;
  world.annotate_lease("cadence.noslop.tech/fenced", "c-postgres-9");
  world.kill("c-postgres-1");
  const auto action = world.release();
  ASSERT_TRUE(action);
  EXPECT_EQ(action->why,
            "Released Lease c-postgres of c-postgres-1: The server of Pod c-postgres-1 has ended (OOMKilled)");
  const auto& document = std::get<ReplaceObject>(action->step).document;
  EXPECT_EQ(document["spec"]["holderIdentity"], "");
  EXPECT_EQ(document["spec"]["leaseTransitions"], 1);
  EXPECT_EQ(document["metadata"]["resourceVersion"], "41") << "the write must fail on any other Lease";
  const auto& annotations = document["metadata"]["annotations"];
  EXPECT_EQ(annotations[postgres::kLastHolderAnnotation], "c-postgres-1");
  EXPECT_EQ(annotations[postgres::kReleasedBecauseAnnotation], "The server of Pod c-postgres-1 has ended (OOMKilled)");
  EXPECT_FALSE(annotations.contains(postgres::kHolderUidAnnotation));
  EXPECT_EQ(annotations["cadence.noslop.tech/fenced"], "c-postgres-9");
  EXPECT_EQ(annotations[postgres::kSynchronousAnnotation], "Required 1 c-postgres-2 c-postgres-3");
}

TEST(Release, KnowsAnEndFromABeginning) {
  PostgresWorld world;
  const json::Value ended{{"terminated", {{"exitCode", 1}}}};
  world.set_state("c-postgres-1", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}, false, ended);
  EXPECT_TRUE(world.release());
  world.set_state("c-postgres-1", {{"waiting", {{"reason", "ContainerCreating"}}}}, false);
  EXPECT_FALSE(world.release()) << "a container that waits to be made has not ended under anybody's eyes";
  world.set_state("c-postgres-1", {{"running", json::Value::object()}}, false, ended);
  EXPECT_FALSE(world.release()) << "it runs again: its agent decides";
}

TEST(Release, OfAMissingPodNeedsStandbysThatEachCommitWaitsFor) {
  const std::pair<const char*, bool> rows[] = {{"Required 1 c-postgres-2 c-postgres-3", true},
                                               {"Preferred 1 c-postgres-2 c-postgres-3", true},
                                               {"Preferred 0", false},
                                               {"Off 0 c-postgres-2 c-postgres-3", false},
                                               {"", false}};
  for (const auto& [published, expected] : rows) {
    PostgresWorld world;
    world.hold("c-postgres-1", published);
    world.remove("c-postgres-1");
    EXPECT_EQ(world.release().has_value(), expected) << published;
  }
  PostgresWorld replaced;
  replaced.put(
      kube::types::Lease::kind_info(),
      {{"metadata", {{"name", "c-postgres"}, {"annotations", {{postgres::kHolderUidAnnotation, "uid-of-before"}}}}}});
  EXPECT_TRUE(replaced.release()) << "a pod of the same name is another pod";
}

TEST(Release, OfADeadContainerNeedsNoSynchronousSetButSomebodyToElect) {
  PostgresWorld world;
  world.hold("c-postgres-1", "Off 0 c-postgres-2 c-postgres-3");
  world.kill("c-postgres-1");
  EXPECT_TRUE(world.release());
  world.hold("c-postgres-1", "Preferred 0");
  EXPECT_FALSE(world.release()) << "nobody may be elected: the old primary comes back sooner";
}

TEST(Release, WaitsForEnoughVoters) {
  PostgresWorld world;
  world.kill("c-postgres-1");
  world.kill("c-postgres-3");
  EXPECT_FALSE(world.release()) << "one of two names under ANY 1 proves nothing";
  EXPECT_EQ(facts::electorate_of(facts::view_postgres(world.seen)).missing, std::vector<std::string>{"c-postgres-3"});
  world.hold("c-postgres-1", "Required 2 c-postgres-2 c-postgres-3");
  EXPECT_TRUE(world.release()) << "each of them has every commit";
  PostgresWorld fenced(R"({"postgres":{"fenced":["c-postgres-3"]}})");
  fenced.kill("c-postgres-1");
  EXPECT_FALSE(fenced.release());
}

TEST(Release, IsMadeWithAnInvalidSpecButNotWhenPausedOrGoing) {
  PostgresWorld world;
  world.kill("c-postgres-1");
  world.change_spec([](auto& spec) { spec.redis.shards = 2; });
  EXPECT_TRUE(world.release()) << "a wrong word in the spec must not keep the database down";
  world.change_spec([](auto& spec) { spec.paused = true; });
  EXPECT_FALSE(world.release());
}

TEST(Release, BelievesAPodOverOnlyWhereItCannotAcknowledge) {
  for (const auto& [published, expected] :
       {std::pair{"Required 1 c-postgres-2 c-postgres-3", true}, std::pair{"Off 0 c-postgres-2 c-postgres-3", false}}) {
    PostgresWorld world;
    world.hold("c-postgres-1", published);
    world.put(kube::types::Pod::kind_info(), {{"metadata", {{"name", "c-postgres-1"}}},
                                              {"status", {{"phase", "Failed"}, {"containerStatuses", nullptr}}}});
    EXPECT_EQ(world.release().has_value(), expected) << published;
  }
}

}  // namespace
}  // namespace cadence::plan
