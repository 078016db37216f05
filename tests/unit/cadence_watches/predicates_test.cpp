#include "cadence/watches/predicates.hpp"

#include <gtest/gtest.h>

#include "cadence/kinds/kinds.hpp"
#include "cadence/names/names.hpp"

namespace cadence::watches {
namespace {

using namespace std::chrono_literals;
using kube::types::Lease;
using kube::types::Node;

kube::core::ObjectMeta child() {
  kube::core::ObjectMeta out;
  out.namespace_ = "n";
  out.labels = {{names::kInstanceLabel, "c"}};
  return out;
}

kube::core::OwnerReference controller(const std::string& api, const std::string& kind) {
  return {api, kind, "o", "u", true, std::nullopt};
}

TEST(ClustersOf, AreTheOnesThatTheLabelNames) {
  EXPECT_EQ(clusters_of(child()), (std::vector<kube::core::ObjectKey>{{"n", "c"}}));
  EXPECT_TRUE(clusters_of({}).empty());
  auto pod = child();
  pod.owner_references = {controller("apps/v1", "StatefulSet")};
  EXPECT_EQ(clusters_of(pod).size(), 1U);
  pod.owner_references = {controller("cadence.noslop.tech/v1alpha1", "CadenceCluster")};
  EXPECT_EQ(clusters_of(pod).size(), 1U);
}

TEST(ClustersOf, WhatAnotherRootOfOursManagesIsThatOnes) {
  auto job = child();
  job.owner_references = {{"cadence.noslop.tech/v1alpha1", "CadenceCluster", "c", "1", std::nullopt, std::nullopt},
                          controller("cadence.noslop.tech/v1alpha1", "CadenceBackup")};
  EXPECT_TRUE(clusters_of(job).empty());
  EXPECT_FALSE(kinds::belongs_to_cluster(job));
}

TEST(Renewal, ChangesTheTimeAndNothingElse) {
  Lease before;
  before.spec.holder_identity = "a";
  auto now = before;
  now.spec.renew_time = "2026-01-01T00:00:00Z";
  EXPECT_TRUE(is_renewal(&before, &now));
  EXPECT_FALSE(is_renewal(nullptr, &now));
  EXPECT_FALSE(is_renewal(&before, nullptr));
  now.spec.holder_identity = "b";
  EXPECT_FALSE(is_renewal(&before, &now));
  now = before;
  now.metadata.annotations["a"] = "b";
  EXPECT_FALSE(is_renewal(&before, &now));
}

TEST(Drain, IsNewsWhenItBeginsAndWhenItEnds) {
  Node calm, drained;
  drained.spec.unschedulable = true;
  EXPECT_TRUE(has_begun_or_ended_drain(&calm, &drained));
  EXPECT_TRUE(has_begun_or_ended_drain(&drained, &calm));
  EXPECT_TRUE(has_begun_or_ended_drain(nullptr, &drained));
  EXPECT_FALSE(has_begun_or_ended_drain(nullptr, &calm));
  EXPECT_FALSE(has_begun_or_ended_drain(&drained, &drained));
  EXPECT_FALSE(has_begun_or_ended_drain(&drained, nullptr));
}

TEST(Silence, IsThatOfALeaseThatSomebodyHolds) {
  Lease lease;
  lease.spec.lease_duration_seconds = 5;
  EXPECT_FALSE(is_silent(lease, 1h));
  lease.spec.holder_identity = "a";
  EXPECT_FALSE(is_silent(lease, 4999ms));
  EXPECT_TRUE(is_silent(lease, 5s));
}

}  // namespace
}  // namespace cadence::watches
