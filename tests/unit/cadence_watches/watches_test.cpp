// The operator's watches against a server that knows some kinds and not others.
#include "cadence/watches/watches.hpp"

#include <gtest/gtest.h>

#include "cadence/names/names.hpp"
#include "unit/kube_control/kinds_server.hpp"

namespace cadence::watches {
namespace {

using namespace std::chrono_literals;
using kube::control::becomes;
using Keys = std::set<std::string>;

json::Value child(const std::string& name, const std::string& cluster, json::Value labels = json::Value::object()) {
  labels[names::kInstanceLabel] = cluster;
  return {{"metadata", {{"name", name}, {"namespace", "n"}, {"uid", name}, {"labels", labels}}}};
}

struct WatchesTest : ::testing::Test {
  WatchesTest() {
    for (const auto& [kind, manner] : kinds::all()) server.install(kind->plural);
  }
  void start(const std::vector<std::string>& namespaces = {}) {
    watches.emplace(caches, gate, Woken{clusters, releases}, kube::cache::Connections{config, server, client}, registry,
                    namespaces);
    watches->start();
  }
  bool is_filled() {
    return becomes([&] { return watches->missing().empty(); });
  }
  // Who waits in a queue now; they are taken out.
  static Keys taken(kube::control::Queue& queue) {
    Keys out;
    while (queue.depth() > 0) {
      const auto next = queue.take({});
      out.insert(next->key.to_string());
      queue.done(next->key);
    }
    return out;
  }
  bool wakes(kube::control::Queue& queue, const Keys& wanted) {
    Keys woken;
    return becomes([&] {
      woken.merge(taken(queue));
      return woken == wanted;
    });
  }

  kube::control::KindsServer server;
  kube::control::Registry registry;
  std::shared_ptr<kube::client::ConfigSource> config =
      kube::client::make_config_source({.host = "api", .is_tls = false, .exec = {}});
  kube::client::Client client{std::make_unique<kube::control::NoLists>(), config, {}};
  observe::Caches caches;
  kube::cache::ConsistencyGate gate;
  kube::control::Queue clusters{"clusters", {}, registry}, releases{"releases", {}, registry};
  std::optional<Watches> watches;
};

TEST_F(WatchesTest, NodesThatMayNotBeSeenKeepNobodyWaiting) {
  server.forbid("nodes");
  start();
  EXPECT_TRUE(is_filled()) << watches->missing();
  EXPECT_FALSE(caches.nodes.is_synced());
}

TEST_F(WatchesTest, AMissingDefinitionIsNamedWithWhatHelpsAndTakenUpWhenItComes) {
  server.uninstall("cadenceclusters");
  start();
  EXPECT_TRUE(becomes([&] {
    return watches->missing().find("cadenceclusters.cadence.noslop.tech is not installed: install it with") == 0;
  })) << watches->missing();
  server.put("cadenceclusters", {{"metadata", {{"name", "c"}, {"namespace", "n"}, {"uid", "u"}}}});
  EXPECT_TRUE(wakes(clusters, {"n/c"}));
  EXPECT_TRUE(is_filled());
}

TEST_F(WatchesTest, AMissingOptionalChildKeepsNobodyWaitingAndWakesAllClustersWhenItComes) {
  server.uninstall("horizontalpodautoscalers");
  server.put("cadenceclusters", {{"metadata", {{"name", "c"}, {"namespace", "n"}, {"uid", "u"}}}});
  start();
  const auto& autoscalers = caches.of<kube::types::HorizontalPodAutoscaler>();
  ASSERT_TRUE(is_filled());
  ASSERT_TRUE(becomes([&] { return autoscalers.standing("n") == kube::cache::Standing::NotInstalled; }));
  watches->look();
  taken(clusters);
  server.install("horizontalpodautoscalers");
  EXPECT_TRUE(wakes(clusters, {"n/c"}));
  EXPECT_TRUE(autoscalers.has_picture("n"));
  server.uninstall("horizontalpodautoscalers");
  EXPECT_TRUE(becomes([&] { return !autoscalers.has_picture("n"); }));
}

TEST_F(WatchesTest, EachKindIsAskedForAsTheListSays) {
  start({"b", "a"});
  ASSERT_TRUE(is_filled());
  EXPECT_EQ(server.opened("pods"), 2);
  EXPECT_EQ(server.opened("nodes"), 1);
  EXPECT_EQ(server.target("cadenceclusters").find("labelSelector"), std::string::npos);
  EXPECT_EQ(server.target("nodes").find("/api/v1/nodes?"), 0u);
  EXPECT_NE(server.target("pods").find("managed-by%3Dcadence-operator"), std::string::npos);
  EXPECT_NE(server.target("endpointslices").find("cadence-agent"), std::string::npos);
}

TEST_F(WatchesTest, AChildWakesItsClusterAndOneThatChangesHandsBoth) {
  start();
  ASSERT_TRUE(is_filled());
  server.put("configmaps", child("x", "one"));
  ASSERT_TRUE(wakes(clusters, {"n/one"}));
  server.put("configmaps", child("x", "two"));
  EXPECT_TRUE(wakes(clusters, {"n/one", "n/two"}));
  EXPECT_EQ(taken(releases), Keys{});
}

TEST_F(WatchesTest, OnlyInstancesAndTheirLeasesWakeReleases) {
  start();
  ASSERT_TRUE(is_filled());
  server.put("pods", child("web", "c"));
  ASSERT_TRUE(wakes(clusters, {"n/c"}));
  EXPECT_EQ(taken(releases), Keys{});
  server.put("pods", child("c-postgres-1", "c", {{names::kInstanceNumberLabel, "1"}}));
  EXPECT_TRUE(wakes(releases, {"n/c"}));
}

TEST_F(WatchesTest, ALeaseWakesWhenItChangesAndWhenItFallsSilentButNotWhenItIsRenewed) {
  auto lease = child("c-postgres", "c");
  lease["spec"] = {{"holderIdentity", "c-postgres-1"}, {"leaseDurationSeconds", 1}};
  server.put("leases", lease);
  start();
  ASSERT_TRUE(is_filled());
  ASSERT_TRUE(wakes(releases, {"n/c"}));
  taken(clusters);
  lease["spec"]["renewTime"] = "2026-01-01T00:00:00.000000Z";
  server.put("leases", lease);
  ASSERT_TRUE(becomes([&] { return !caches.leases.get({"n", "c-postgres"})->spec.renew_time.value_or("").empty(); }));
  EXPECT_EQ(taken(releases), Keys{});
  EXPECT_TRUE(wakes(clusters, {"n/c"}));  // a second later
}

TEST_F(WatchesTest, ANodeThatIsDrainedWakesThoseWhosePodsAreOnIt) {
  server.put("nodes", {{"metadata", {{"name", "node-1"}}}});
  auto pod = child("p", "c");
  pod["spec"] = {{"nodeName", "node-1"}};
  server.put("pods", pod);
  server.put("pods", child("q", "other"));
  start();
  ASSERT_TRUE(is_filled());
  ASSERT_TRUE(becomes([&] { return caches.nodes.size() == 1 && caches.pods.size() == 2; }));
  taken(clusters);
  server.put("nodes", {{"metadata", {{"name", "node-1"}}}, {"spec", {{"unschedulable", true}}}});
  EXPECT_TRUE(wakes(clusters, {"n/c"}));
}

}  // namespace
}  // namespace cadence::watches
