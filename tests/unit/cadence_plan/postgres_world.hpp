// A World whose database runs: three instances, the first is primary, each standby streams. Tests then break one thing.
#pragma once

#include <algorithm>

#include "base/text.hpp"
#include "cadence/facts/primary_loss.hpp"
#include "cadence/plan/postgres/failover.hpp"
#include "world.hpp"

namespace cadence::plan {

class PostgresWorld : public World {
 public:
  explicit PostgresWorld(const char* spec = "{}") : World(spec) {
    settle();
    hold("c-postgres-1", "Required 1 c-postgres-2 c-postgres-3");
    settle();
    start_all();
    settle();
  }

  [[nodiscard]] std::string name(int number) const { return "c-postgres-" + std::to_string(number); }

  // The Lease as agents would write it; labels and the operator's annotations stay.
  void hold(const std::string& primary, const std::string& synchronous) {
    json::Value document{{"metadata",
                          {{"name", "c-postgres"},
                           {"resourceVersion", "41"},
                           {"annotations",
                            {{postgres::kSystemIdentifierAnnotation, "7"},
                             {postgres::kHolderUidAnnotation, "uid-" + primary},
                             {postgres::kSynchronousAnnotation, synchronous}}}}},
                         {"spec", {{"holderIdentity", primary}, {"leaseTransitions", 1}, {"leaseDurationSeconds", 9}}}};
    put(kube::types::Lease::kind_info(), document);
    seen.lease_silence = std::chrono::milliseconds(500);
  }
  void annotate_lease(const std::string& key, const std::string& value) {
    put(kube::types::Lease::kind_info(), {{"metadata", {{"name", "c-postgres"}, {"annotations", {{key, value}}}}}});
  }

  void start_all() {
    for (const auto& [pod, object] : std::map(seen.pods)) {
      if (object->metadata.labels.contains("cadence.noslop.tech/number")) start(pod);
    }
  }
  // The kubelet's and the agent's word that the instance runs.
  void start(const std::string& pod) {
    set_state(pod, {{"running", {{"startedAt", "2026-03-04T09:00:00Z"}}}}, true);
    const bool is_primary = seen.postgres_lease->spec.holder_identity == pod;
    postgres::InstanceStatus report;
    report.role = is_primary ? "primary" : "standby";
    report.state = is_primary ? "Primary" : "Standby";
    report.is_writable = is_primary;
    report.is_streaming = !is_primary;
    report.lsn = report.receive_lsn = report.replay_lsn = "0/5000000";
    report.config_hash = config_hash();
    report.disk.size_bytes = std::int64_t{20} << 30;
    report.disk.free_bytes = std::int64_t{15} << 30;
    seen.instances[pod] = report;
    stream_to_all();
  }
  // The primary's rows of those that say they stream.
  void stream_to_all() {
    for (auto& [primary, report] : seen.instances) {
      report.replication.clear();
      if (!report.is_writable) continue;
      for (const auto& [standby, other] : seen.instances) {
        if (other.is_streaming) report.replication.push_back({standby, "streaming", "quorum", "0/5000000", 0});
      }
    }
  }
  void set_state(const std::string& pod, const json::Value& state, bool is_ready,
                 const json::Value& last_state = json::Value::object()) {
    const json::Value container{{"name", "postgres"}, {"ready", is_ready}, {"state", state}, {"lastState", last_state}};
    const json::Value condition{{"type", "Ready"}, {"status", is_ready ? "True" : "False"}};
    put(kube::types::Pod::kind_info(), {{"metadata", {{"name", pod}}},
                                        {"spec", {{"nodeName", "node-of-" + pod}}},
                                        {"status",
                                         {{"phase", "Running"},
                                          {"podIP", "10.0.0.1"},
                                          {"conditions", json::Value::array({condition})},
                                          {"containerStatuses", json::Value::array({container})}}}});
  }
  void kill(const std::string& pod) {
    set_state(pod, {{"terminated", {{"exitCode", 137}, {"reason", "OOMKilled"}}}}, false);
    seen.instances.erase(pod);
  }
  void remove(const std::string& pod) {
    seen.pods.erase(pod);
    seen.children.erase({"Pod", pod});
    seen.instances.erase(pod);
  }
  void drain_node_of(const std::string& pod) {
    auto node = std::make_shared<kube::types::Node>();
    node->metadata.name = "node-of-" + pod;
    node->spec.unschedulable = true;
    seen.nodes[node->metadata.name] = node;
  }
  template <class Change>
  void change_spec(Change change) {
    auto cluster = std::make_shared<api::CadenceCluster>(*seen.cluster);
    change(cluster->spec);
    seen.cluster = cluster;
  }

  // As an agent reckons it from the file it has mounted.
  [[nodiscard]] std::string config_hash() const {
    const auto found = seen.children.find({"ConfigMap", "c-postgres"});
    return found == seen.children.end()
               ? ""
               : std::to_string(base::fnv1a(json::string_at(found->second.document, {"data", "cadence.conf"})));
  }
  void load_configuration() {
    for (auto& [pod, report] : seen.instances) report.config_hash = config_hash();
    now += std::chrono::minutes(1);
  }
  // The Lease's newest word, as the agents carry it out.
  void switch_over(const std::string& to) {
    hold(to, "Required 1 " + std::string(to == "c-postgres-1" ? "c-postgres-2" : "c-postgres-1") + " c-postgres-3");
    for (auto& [pod, report] : seen.instances) {
      report.is_writable = pod == to;
      report.is_streaming = pod != to;
    }
    stream_to_all();
  }
  [[nodiscard]] std::string lease_annotation(const char* key) const { return facts::lease_annotation(seen, key); }
  [[nodiscard]] std::optional<Action> release() const { return plan_release(seen, now); }
};

inline const Action* action_on(const Plan& plan, const std::string& object) {
  const auto found = std::find_if(plan.actions.begin(), plan.actions.end(),
                                  [&](const Action& a) { return a.object.to_string() == object; });
  return found == plan.actions.end() ? nullptr : &*found;
}
inline std::string objection_in(const Plan& plan) {
  return plan.objections.empty() ? "" : plan.objections.front().reason + ": " + plan.objections.front().message;
}
inline bool deletes(const Plan& plan, const std::string& pod) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [&](const Action& a) {
    return a.object == facts::ChildId{"Pod", pod} && std::holds_alternative<DeleteObject>(a.step);
  });
}

inline bool deletes_nothing(const Plan& plan) {
  return std::none_of(plan.actions.begin(), plan.actions.end(),
                      [](const Action& a) { return std::holds_alternative<DeleteObject>(a.step); });
}

}  // namespace cadence::plan
