// What the simulated controllers make of workloads, step by step.
#include "kube/testing/controllers.hpp"
#include "simulated.hpp"

namespace cadence::kube::testing {
namespace {

class Workloads : public Simulated {
 protected:
  void make(const core::KindInfo& kind, const std::string& name, int replicas, const std::string& image = "1") {
    server.write(kind, {"n", name}, [&](json::Value& object) {
      auto& spec = object["spec"];
      spec["replicas"] = replicas;
      spec["selector"]["matchLabels"]["app"] = name;
      spec["template"]["metadata"]["labels"]["app"] = name;
      spec["template"]["spec"]["containers"] = json::Value::array({{{"name", "c"}, {"image", image}}});
    });
  }
  std::vector<std::string> pods(const std::string& image = "") {
    std::vector<std::string> out;
    for (const auto& pod : server.list(types::Pod::kind_info(), "n")) {
      if (image.empty() || pod->at("spec").at("containers").at(0).at("image") == image)
        out.push_back(json::string_at(*pod, {"metadata", "name"}));
    }
    return out;
  }
  const core::KindInfo& deployments = types::Deployment::kind_info();
  const core::KindInfo& sets = types::StatefulSet::kind_info();
  bool is_ready = true;
  Controllers controllers{server, {.is_ready = [this](const json::Value&) { return is_ready; }}};
};

TEST_F(Workloads, ADeploymentGetsItsPodsAndCountsThem) {
  make(deployments, "d", 3);
  is_ready = false;
  controllers.settle();
  EXPECT_EQ(pods().size(), 3u);
  EXPECT_EQ(text(deployments, "d", {"status", "readyReplicas"}), "0");
  is_ready = true;
  controllers.settle();
  EXPECT_EQ(text(deployments, "d", {"status", "readyReplicas"}), "3");
  make(deployments, "d", 1);
  controllers.settle();
  EXPECT_EQ(pods().size(), 1u);
  EXPECT_EQ(text(deployments, "d", {"status", "observedGeneration"}), "2");
}

TEST_F(Workloads, OldPodsOfADeploymentStayUntilNewOnesAreReady) {
  make(deployments, "d", 2);
  controllers.settle();
  is_ready = false;
  make(deployments, "d", 2, "2");
  controllers.run_deployments();
  controllers.run_deployments();
  EXPECT_EQ(pods("1").size(), 2u);
  EXPECT_EQ(pods("2").size(), 2u);
  is_ready = true;
  controllers.settle();
  EXPECT_EQ(pods("1").size(), 0u);
  EXPECT_EQ(pods("2").size(), 2u);
}

TEST_F(Workloads, AStatefulSetNumbersItsPodsAndKeepsTheirVolumes) {
  make(sets, "s", 2);
  server.write(sets, {"n", "s"}, [](json::Value& object) {
    object["spec"]["volumeClaimTemplates"] = json::Value::array(
        {{{"metadata", {{"name", "data"}}}, {"spec", {{"resources", {{"requests", {{"storage", "1Gi"}}}}}}}}});
  });
  controllers.settle();
  EXPECT_EQ(pods(), (std::vector<std::string>{"s-0", "s-1"}));
  EXPECT_EQ(text(types::PersistentVolumeClaim::kind_info(), "data-s-1", {"status", "phase"}), "\"Bound\"");
  make(sets, "s", 1);
  controllers.settle();
  EXPECT_EQ(pods(), (std::vector<std::string>{"s-0"}));
  EXPECT_NE(server.find(types::PersistentVolumeClaim::kind_info(), {"n", "data-s-1"}), nullptr);
  make(sets, "s", 1, "2");
  controllers.settle();
  EXPECT_EQ(pods("2"), (std::vector<std::string>{"s-0"}));
}

TEST_F(Workloads, AClaimInUseOutlivesItsDeletion) {
  const auto& claims = types::PersistentVolumeClaim::kind_info();
  make(sets, "s", 1);
  server.write(claims, {"n", "data"}, [](json::Value& object) { object["spec"]["resources"] = json::Value::object(); });
  server.write(types::Pod::kind_info(), {"n", "user"}, [](json::Value& pod) {
    pod["spec"]["containers"] = json::Value::array({{{"name", "c"}}});
    pod["spec"]["volumes"] =
        json::Value::array({{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}});
  });
  controllers.settle();
  server.remove(claims, {"n", "data"});
  controllers.settle();
  EXPECT_NE(server.find(claims, {"n", "data"}), nullptr);
  server.remove(types::Pod::kind_info(), {"n", "user"});
  controllers.settle();
  EXPECT_EQ(server.find(claims, {"n", "data"}), nullptr);
}

TEST_F(Workloads, APodWaitsForWhatItMounts) {
  make(deployments, "d", 1);
  server.write(deployments, {"n", "d"}, [](json::Value& object) {
    object["spec"]["template"]["spec"]["volumes"] =
        json::Value::array({{{"name", "auth"}, {"secret", {{"secretName", "auth"}}}}});
  });
  controllers.settle();
  EXPECT_EQ(text(deployments, "d", {"status", "readyReplicas"}), "0");
  server.write(types::Secret::kind_info(), {"n", "auth"}, [](json::Value& object) { object["data"]["a"] = "eA=="; });
  controllers.settle();
  EXPECT_EQ(text(deployments, "d", {"status", "readyReplicas"}), "1");
}

TEST_F(Workloads, WhatLostItsOwnerIsCollected) {
  make(deployments, "d", 2);
  controllers.settle();
  server.remove(deployments, {"n", "d"});
  controllers.settle();
  EXPECT_EQ(pods().size(), 0u);
  EXPECT_TRUE(server.snapshot().all().empty());
}

TEST_F(Workloads, AServiceLeadsToReadyPods) {
  make(deployments, "d", 2);
  const auto& services = types::Service::kind_info();
  server.write(services, {"n", "d"}, [](json::Value& object) { object["spec"]["selector"]["app"] = "d"; });
  controllers.settle();
  EXPECT_NE(text(services, "d", {"spec", "clusterIP"}), "null");
  const core::KindInfo slices{"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true};
  EXPECT_EQ(server.list(slices, "n").at(0)->at("endpoints").size(), 2u);
}

}  // namespace
}  // namespace cadence::kube::testing
