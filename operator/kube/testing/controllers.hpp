// The little that we lean on of what Kubernetes' own controllers do: Deployments and StatefulSets make pods, the
// kubelet runs and ends them, claims are bound and grow, Services get an address and slices, orphans are collected.
// Promises: nothing happens but in a step; a step is one look at everything by one controller, in a fixed order, and
// answers whether it changed anything; the same objects lead to the same names and addresses.
// Does not know: pauses, quotas, probes, capacity of nodes. A rolling update replaces one pod at a time.
#pragma once

#include <functional>
#include <set>

#include "kube/testing/api_server.hpp"

namespace cadence::kube::testing {

class Controllers {
 public:
  struct Options {
    // Whether a pod that runs passes its readiness probe; empty: all do.
    std::function<bool(const json::Value& pod)> is_ready{};
    // Whether the kubelet looks at this pod now: one that does not is neither started nor ended. Empty: it always does.
    std::function<bool(const json::Value& pod)> is_watched{};
    std::vector<std::string> nodes{"node-1", "node-2", "node-3"};
  };

  explicit Controllers(ApiServer& server) : Controllers(server, {}) {}
  Controllers(ApiServer& server, Options options) : server_(server), options_(std::move(options)) {}

  bool run_services();
  bool run_volumes();
  bool run_deployments();
  bool run_stateful_sets();
  bool run_kubelets();
  bool collect_garbage();

  bool step();    // each of them once
  void settle();  // until nothing changes

 private:
  using Change = std::function<void(json::Value&)>;
  bool write(const std::string& plural, const core::ObjectKey& key, const Change& change);
  bool remove(const std::string& plural, const core::ObjectKey& key);
  [[nodiscard]] std::vector<Document> all(const std::string& plural, const std::string& namespace_ = {}) const;
  [[nodiscard]] Document find(const std::string& plural, const core::ObjectKey& key) const;
  [[nodiscard]] std::vector<Document> owned_by(const std::string& plural, const json::Value& owner) const;

  bool run_deployment(const json::Value& deployment);
  bool run_replicas(const json::Value& set, int wanted);
  bool run_stateful_set(const json::Value& set);
  bool make_member(const json::Value& set, const std::string& name, const std::string& revision);
  bool update_members(const json::Value& set, const std::string& revision);
  bool has_its_volumes(const json::Value& pod) const;
  bool run_pod(const json::Value& pod);
  bool write_slice(const json::Value& service);

  ApiServer& server_;
  Options options_;
};

}  // namespace cadence::kube::testing
