#include "kube/core/owners.hpp"

#include <gtest/gtest.h>

namespace cadence::kube::core {
namespace {

const KindInfo kKiln{"test.example", "v1", "Kiln", "kilns", true};

OwnerReference owner(const std::string& api, const std::string& kind, const std::string& uid, bool is_controller) {
  return {api, kind, "name-" + uid, uid, is_controller ? std::optional(true) : std::nullopt, std::nullopt};
}

TEST(Owners, AreComparedByGroupAndKindAndNotByVersion) {
  EXPECT_TRUE(refers_to(owner("test.example/v1alpha1", "Kiln", "1", false), kKiln));
  EXPECT_FALSE(refers_to(owner("other.example/v1", "Kiln", "1", false), kKiln));
  EXPECT_FALSE(refers_to(owner("test.example/v1", "Pot", "1", false), kKiln));
  EXPECT_FALSE(refers_to(owner("v1", "Kiln", "1", false), kKiln));
  EXPECT_TRUE(refers_to(owner("v1", "Pod", "1", false), {"", "v1", "Pod", "pods", true}));
}

TEST(Owners, AnObjectIsItsControllersAndOnlyWithoutOneItsOwners) {
  ObjectMeta object;
  EXPECT_FALSE(is_managed_by(object, kKiln, "1"));
  object.owner_references = {owner("test.example/v1", "Kiln", "1", false)};
  EXPECT_TRUE(is_managed_by(object, kKiln, "1"));
  EXPECT_FALSE(is_managed_by(object, kKiln, "2"));
  object.owner_references.push_back(owner("test.example/v1", "Pot", "2", true));
  EXPECT_FALSE(is_managed_by(object, kKiln, "1"));
  EXPECT_EQ(controller_of(object)->uid, "2");
  object.owner_references[0].controller = true;
  object.owner_references[1].controller = false;
  EXPECT_TRUE(is_managed_by(object, kKiln, "1"));
}

TEST(Owners, BecomeKeysInTheChildsNamespace) {
  ObjectMeta object;
  object.namespace_ = "demo";
  object.owner_references = {owner("test.example/v1", "Kiln", "1", false), owner("test.example/v2", "Kiln", "2", true),
                             owner("apps/v1", "Deployment", "3", false)};
  EXPECT_EQ(owners_of(object, kKiln), (std::vector<ObjectKey>{{"demo", "name-2"}}));
  EXPECT_EQ(owners_of(object, kKiln, false), (std::vector<ObjectKey>{{"demo", "name-1"}, {"demo", "name-2"}}));
  auto cluster_wide = kKiln;
  cluster_wide.is_namespaced = false;
  EXPECT_EQ(owners_of(object, cluster_wide), (std::vector<ObjectKey>{{"", "name-2"}}));
}

}  // namespace
}  // namespace cadence::kube::core
