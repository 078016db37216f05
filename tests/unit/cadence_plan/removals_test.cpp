// What is left over goes by who manages it: a second controller of ours may make objects for the same cluster.
#include "cadence/plan/removals.hpp"

#include <gtest/gtest.h>

#include "world.hpp"

namespace cadence::plan {
namespace {

json::Value owner(const std::string& kind, const std::string& uid, bool is_controller) {
  json::Value out{{"apiVersion", "cadence.noslop.tech/v1alpha1"}, {"kind", kind}, {"name", "x"}, {"uid", uid}};
  if (is_controller) out["controller"] = true;
  return out;
}

struct RemovalsTest : ::testing::Test {
  bool is_removed(json::Value owners) {
    World world;
    world.put(kube::types::ConfigMap::kind_info(),
              {{"metadata", {{"name", "c-more"}, {"namespace", "n"}, {"ownerReferences", std::move(owners)}}}});
    return to_text(world.plan()).find("Removed ConfigMap c-more: the spec no longer asks for it") != std::string::npos;
  }
};

TEST_F(RemovalsTest, AChildOfTheClusterThatTheSpecDoesNotAskForGoes) {
  EXPECT_TRUE(is_removed(json::Value::array({owner("CadenceCluster", "uid-c", true)})));
}

TEST_F(RemovalsTest, WhatAnotherControllerManagesStaysThoughTheClusterOwnsItToo) {
  EXPECT_FALSE(
      is_removed(json::Value::array({owner("CadenceCluster", "uid-c", false), owner("CadenceBackup", "uid-b", true)})));
  EXPECT_FALSE(is_removed(json::Value::array({owner("CadenceBackup", "uid-c", true)})));
}

TEST_F(RemovalsTest, AChildOfANamesakeOrOfNobodyStays) {
  EXPECT_FALSE(is_removed(json::Value::array({owner("CadenceCluster", "uid-of-another", true)})));
  EXPECT_FALSE(is_removed(json::Value::array()));
}

}  // namespace
}  // namespace cadence::plan
