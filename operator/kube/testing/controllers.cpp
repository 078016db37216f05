#include "kube/testing/controllers.hpp"

#include "kube/testing/controller_parts.hpp"

namespace cadence::kube::testing {

using parts::key_of, parts::number_at, parts::uid_of;

bool Controllers::write(const std::string& plural, const core::ObjectKey& key, const Change& change) {
  return server_.write(server_.kind_of(plural)->info, key, change, "kube-controller-manager");
}

bool Controllers::remove(const std::string& plural, const core::ObjectKey& key) {
  return server_.remove(server_.kind_of(plural)->info, key, "kube-controller-manager");
}

std::vector<Document> Controllers::all(const std::string& plural, const std::string& namespace_) const {
  return server_.list(server_.kind_of(plural)->info, namespace_);
}

Document Controllers::find(const std::string& plural, const core::ObjectKey& key) const {
  return server_.find(server_.kind_of(plural)->info, key);
}

std::vector<Document> Controllers::owned_by(const std::string& plural, const json::Value& owner) const {
  std::vector<Document> out;
  for (const auto& object : all(plural, key_of(owner).namespace_)) {
    for (const auto& reference : json::at_path(*object, {"metadata", "ownerReferences"})) {
      if (json::string_at(reference, {"uid"}) == uid_of(owner)) out.push_back(object);
    }
  }
  return out;
}

bool Controllers::step() {
  bool has_changed = run_services();
  has_changed |= run_volumes();
  has_changed |= run_deployments();
  has_changed |= run_stateful_sets();
  has_changed |= run_kubelets();
  has_changed |= collect_garbage();
  return has_changed;
}

void Controllers::settle() {
  constexpr int kMost = 1000;  // what never settles is a fault of this file, and no test that hangs
  for (int i = 0; i < kMost && step(); ++i) {
  }
}

bool Controllers::run_services() {
  bool has_changed = false;
  for (const auto& service : all("services")) {
    const auto wanted = json::string_at(*service, {"spec", "clusterIP"});
    if (wanted.empty()) {
      has_changed |= write("services", key_of(*service), [&](json::Value& object) {
        object["spec"]["clusterIP"] = parts::address_of(*service, "10.96.");
        object["spec"]["clusterIPs"] = json::Value::array({object["spec"]["clusterIP"]});
        if (!object["spec"].contains("type")) object["spec"]["type"] = "ClusterIP";
      });
    }
    if (json::at_path(*service, {"spec", "selector"}).is_object()) has_changed |= write_slice(*service);
  }
  return has_changed;
}

bool Controllers::write_slice(const json::Value& service) {
  const auto key = key_of(service);
  auto endpoints = json::Value::array();
  for (const auto& pod : all("pods", key.namespace_)) {
    const json::Value selector{{"matchLabels", service.at("spec").at("selector")}};
    const auto address = json::string_at(*pod, {"status", "podIP"});
    if (!matches(selector, *pod) || address.empty()) continue;
    endpoints.push_back({{"addresses", {address}},
                         {"conditions", {{"ready", parts::is_ready(*pod)}}},
                         {"targetRef", {{"kind", "Pod"}, {"name", key_of(*pod).name}, {"uid", uid_of(*pod)}}}});
  }
  return write("endpointslices.discovery.k8s.io", {key.namespace_, key.name + "-slice"}, [&](json::Value& slice) {
    slice["metadata"]["labels"]["kubernetes.io/service-name"] = key.name;
    slice["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
    slice["metadata"]["ownerReferences"] = json::Value::array({parts::owner(service)});
    slice["addressType"] = "IPv4";
    slice["endpoints"] = endpoints;
  });
}

bool Controllers::run_volumes() {
  bool has_changed = false;
  for (const auto& claim : all("persistentvolumeclaims")) {
    const auto key = key_of(*claim);
    bool is_used = false;
    for (const auto& pod : all("pods", key.namespace_)) is_used |= parts::claims_of(*pod).contains(key.name);
    const bool is_going = parts::is_going(*claim);
    if (is_going && is_used) continue;
    has_changed |= write("persistentvolumeclaims", key, [&](json::Value& object) {
      if (is_going) {
        object["metadata"].erase("finalizers");
        return;
      }
      object["metadata"]["finalizers"] = {"kubernetes.io/pvc-protection"};
      object["spec"]["volumeName"] = "volume-" + uid_of(*claim);
      object["status"]["phase"] = "Bound";
      object["status"]["capacity"] = json::at_path(object, {"spec", "resources", "requests"});
    });
  }
  return has_changed;
}

bool Controllers::has_its_volumes(const json::Value& pod) const {
  const auto space = key_of(pod).namespace_;
  for (const auto& claim : parts::claims_of(pod)) {
    const auto found = find("persistentvolumeclaims", {space, claim});
    if (found == nullptr || parts::is_going(*found) || json::string_at(*found, {"status", "phase"}) != "Bound")
      return false;
  }
  for (const auto& [plural, name] : parts::mounts_of(pod)) {
    if (find(plural, {space, name}) == nullptr) return false;
  }
  return true;
}

bool Controllers::run_kubelets() {
  bool has_changed = false;
  for (const auto& pod : all("pods")) {
    if (!options_.is_watched || options_.is_watched(*pod)) has_changed |= run_pod(*pod);
  }
  return has_changed;
}

bool Controllers::run_pod(const json::Value& pod) {
  const auto key = key_of(pod);
  const auto& info = server_.kind_of("pods")->info;
  if (parts::is_going(pod)) {
    // What still has a finalizer stays, without its grace.
    if (json::at_path(pod, {"metadata", "finalizers"}).empty()) return server_.erase(info, key, "kubelet");
    return false;
  }
  const auto phase = json::string_at(pod, {"status", "phase"});
  if (phase == "Failed" || phase == "Succeeded" || !has_its_volumes(pod)) return false;
  const bool is_ready = !options_.is_ready || options_.is_ready(pod);
  const bool is_first = phase != "Running";
  if (!is_first && is_ready == parts::is_ready(pod)) return false;
  return server_.write(
      info, key,
      [&](json::Value& object) {
        auto& node = object["spec"]["nodeName"];
        if (node.is_null()) node = options_.nodes[parts::number_of(key.name) % options_.nodes.size()];
        parts::set_running(object, is_ready);
        if (is_first) object["status"]["podIP"] = parts::address_of(pod, "10.1.");
      },
      "kubelet");
}

bool Controllers::collect_garbage() {
  std::set<std::string> living;
  std::vector<std::pair<Id, Document>> owned;
  for (const auto& [id, object] : server_.snapshot().all()) {
    living.insert(uid_of(*object));
    const auto& owners = json::at_path(*object, {"metadata", "ownerReferences"});
    if (owners.is_array() && !owners.empty()) owned.emplace_back(id, object);
  }
  bool has_changed = false;
  for (const auto& [id, object] : owned) {
    bool has_owner = false;
    for (const auto& owner : object->at("metadata").at("ownerReferences"))
      has_owner |= living.contains(json::string_at(owner, {"uid"}));
    if (!has_owner && !parts::is_going(*object)) has_changed |= remove(id.plural, id.key);
  }
  return has_changed;
}

}  // namespace cadence::kube::testing
