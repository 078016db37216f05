#include "kube/cache/consistency.hpp"

#include <gtest/gtest.h>

namespace cadence::kube::cache {
namespace {

struct Gate : ::testing::Test {
  void SetUp() override {
    gate.add_cache("Pod", {[this](const std::string& space) { return space == "other" ? other_pods_seen : pods_seen; },
                           [this](const std::string& uid) { return held.contains(uid); }});
    gate.add_cache("Service",
                   {[this](const std::string&) { return services_seen; }, [](const std::string&) { return false; }});
  }
  ConsistencyGate gate;
  std::string pods_seen = "10", other_pods_seen = "10", services_seen = "10";
  std::set<std::string> held;
};

TEST_F(Gate, AnOwnerThatWroteNothingPasses) { EXPECT_EQ(gate.behind("u1"), ""); }

TEST_F(Gate, WaitsForTheHighestVersionOfEachKind) {
  gate.wrote("u1", "demo", "Pod", "12");
  gate.wrote("u1", "demo", "Pod", "11");
  gate.wrote("u1", "demo", "Service", "15");
  EXPECT_EQ(gate.behind("u1"), "Pod");
  pods_seen = "12";
  EXPECT_EQ(gate.behind("u1"), "Service");
  services_seen = "100";
  EXPECT_EQ(gate.behind("u1"), "");
  pods_seen = "1";  // caught up once is caught up: nothing is remembered
  EXPECT_EQ(gate.behind("u1"), "");
}

// Each namespace may have a watch of its own, and one that is quiet is not behind.
TEST_F(Gate, WaitsForTheNamespaceThatWasWrittenTo) {
  gate.wrote("u1", "demo", "Pod", "12");
  other_pods_seen = "20";
  EXPECT_EQ(gate.behind("u1"), "Pod");
  gate.wrote("u2", "other", "Pod", "19");
  EXPECT_EQ(gate.behind("u2"), "");
}

TEST_F(Gate, OwnersDoNotWaitForEachOther) {
  gate.wrote("u1", "demo", "Pod", "12");
  EXPECT_EQ(gate.behind("u2"), "");
}

TEST_F(Gate, WaitsUntilADeletedObjectHasLeft) {
  held.insert("p1");
  gate.removed("u1", "Pod", "p1");
  EXPECT_EQ(gate.behind("u1"), "Pod");
  held.clear();
  EXPECT_EQ(gate.behind("u1"), "");
}

TEST_F(Gate, FailsOpenOnWhatItCannotCompare) {
  gate.wrote("u1", "demo", "Pod", "not-a-number");
  EXPECT_EQ(gate.behind("u1"), "");
  gate.wrote("u1", "demo", "Pod", "12");
  pods_seen = "";  // no cache yet
  EXPECT_EQ(gate.behind("u1"), "");
  gate.wrote("u1", "demo", "Secret", "99");  // no cache of that kind
  EXPECT_EQ(gate.behind("u1"), "");
}

TEST_F(Gate, ForgetsAnOwnerThatIsGone) {
  gate.wrote("u1", "demo", "Pod", "12");
  gate.forget("u1");
  EXPECT_EQ(gate.behind("u1"), "");
}

}  // namespace
}  // namespace cadence::kube::cache
