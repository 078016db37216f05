#include "kube/testing/controller_parts.hpp"

#include "base/text.hpp"

namespace cadence::kube::testing::parts {
namespace {

void add_mount(const json::Value& source, const char* name, const char* plural,
               std::set<std::pair<std::string, std::string>>& out) {
  const auto found = json::string_at(source, {name});
  if (!found.empty() && json::at_path(source, {"optional"}) != true) out.emplace(plural, found);
}

}  // namespace

core::ObjectKey key_of(const json::Value& object) {
  return {json::string_at(object, {"metadata", "namespace"}), json::string_at(object, {"metadata", "name"})};
}

std::string uid_of(const json::Value& object) { return json::string_at(object, {"metadata", "uid"}); }

int number_at(const json::Value& object, std::initializer_list<std::string_view> path, int otherwise) {
  const auto& found = json::at_path(object, path);
  return found.is_number_integer() ? found.get<int>() : otherwise;
}

bool is_going(const json::Value& object) { return !json::string_at(object, {"metadata", "deletionTimestamp"}).empty(); }

bool is_ready(const json::Value& pod) {
  for (const auto& condition : json::at_path(pod, {"status", "conditions"})) {
    if (json::string_at(condition, {"type"}) == "Ready") return json::string_at(condition, {"status"}) == "True";
  }
  return false;
}

json::Value owner(const json::Value& object) {
  return {{"apiVersion", object.at("apiVersion")},
          {"kind", object.at("kind")},
          {"name", key_of(object).name},
          {"uid", uid_of(object)},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

std::size_t number_of(const std::string& text) { return base::fnv1a(text); }

std::string address_of(const json::Value& object, const std::string& prefix) {
  const auto number = base::fnv1a(uid_of(object)) % (254 * 254);
  return prefix + std::to_string(1 + number / 254) + "." + std::to_string(1 + number % 254);
}

std::string hash_of(const json::Value& document) {
  return std::to_string(1000000000 + base::fnv1a(json::dump(document)) % 9000000000);
}

std::set<std::string> claims_of(const json::Value& pod) {
  std::set<std::string> out;
  for (const auto& volume : json::at_path(pod, {"spec", "volumes"})) {
    const auto claim = json::string_at(volume, {"persistentVolumeClaim", "claimName"});
    if (!claim.empty()) out.insert(claim);
  }
  return out;
}

std::set<std::pair<std::string, std::string>> mounts_of(const json::Value& pod) {
  std::set<std::pair<std::string, std::string>> out;
  for (const auto& volume : json::at_path(pod, {"spec", "volumes"})) {
    add_mount(json::at_path(volume, {"secret"}), "secretName", "secrets", out);
    add_mount(json::at_path(volume, {"configMap"}), "name", "configmaps", out);
    for (const auto& source : json::at_path(volume, {"projected", "sources"})) {
      add_mount(json::at_path(source, {"secret"}), "name", "secrets", out);
      add_mount(json::at_path(source, {"configMap"}), "name", "configmaps", out);
    }
  }
  return out;
}

void set_running(json::Value& pod, bool is_ready) {
  auto& status = pod["status"];
  status["phase"] = "Running";
  status["conditions"] = json::Value::array({{{"type", "Ready"}, {"status", is_ready ? "True" : "False"}}});
  auto statuses = json::Value::array();
  for (const auto& container : json::at_path(pod, {"spec", "containers"})) {
    statuses.push_back({{"name", container.at("name")},
                        {"image", container.value("image", "")},
                        {"ready", is_ready},
                        {"started", true},
                        {"restartCount", 0},
                        {"state", {{"running", {{"startedAt", pod.at("metadata").at("creationTimestamp")}}}}}});
  }
  status["containerStatuses"] = std::move(statuses);
}

}  // namespace cadence::kube::testing::parts
