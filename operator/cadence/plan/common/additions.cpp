#include "cadence/plan/common/additions.hpp"

#include <algorithm>

namespace cadence::plan {
namespace {

using Path = std::vector<std::string>;

// Kubernetes' controllers may be about to make another slice of a selector that they saw.
constexpr std::chrono::seconds kSlicesMayCome{15};
constexpr std::chrono::seconds kLookAgain{3};

struct Whole {
  const char* kind;
  Path path;  // of a map or field that is ours as a whole
};

const std::vector<Whole>& wholes() {
  static const std::vector<Whole> out{
      {"Service", {"spec", "selector"}},
      {"Service", {"spec", "publishNotReadyAddresses"}},
      {"Service", {"spec", "internalTrafficPolicy"}},
      {"Service", {"spec", "sessionAffinity"}},
      {"Service", {"spec", "sessionAffinityConfig"}},
      {"Service", {"spec", "externalIPs"}},
      {"Service", {"spec", "trafficDistribution"}},
      {"PodDisruptionBudget", {"spec", "selector", "matchLabels"}},
      {"PodDisruptionBudget", {"spec", "selector", "matchExpressions"}},
      {"PodDisruptionBudget", {"spec", "unhealthyPodEvictionPolicy"}},
      {"NetworkPolicy", {"spec", "podSelector", "matchLabels"}},
      {"NetworkPolicy", {"spec", "podSelector", "matchExpressions"}},
      {"Deployment", {"spec", "paused"}},
      {"Deployment", {"spec", "minReadySeconds"}},
      {"StatefulSet", {"spec", "minReadySeconds"}},
      {"Deployment", {"spec", "template", "spec", "nodeSelector"}},
      {"StatefulSet", {"spec", "template", "spec", "nodeSelector"}},
  };
  return out;
}

const json::Value* find(const json::Value& document, const Path& path) {
  const auto* at = &document;
  for (const auto& key : path) {
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &(*at)[key];
  }
  return at;
}

void set(json::Value& patch, const Path& path, const json::Value& value) {
  auto* at = &patch;
  for (const auto& key : path) at = &(*at)[key];
  *at = value;
}

// What the API server fills in says no more.
bool says_nothing(const json::Value& value) {
  if ((value.is_object() || value.is_array()) && value.empty()) return true;
  return value.is_null() || value == false || value == 0 || value == "" || value == "None" || value == "Cluster";
}

void prune(const facts::Observation& observation, const resources::Document& document, base::Wall now, Plan& plan) {
  const auto* live = observation.child(document.kind->kind, document.name);
  if (live == nullptr || live->is_going()) return;
  auto patch = additions_in(document.kind->kind, document.body, live->document);
  if (patch.is_null()) return;
  const auto* selector = find(patch, {"spec", "selector"});
  if (document.kind->kind == "Service" && selector != nullptr && selector->is_null())
    patch["metadata"]["annotations"][names::kHadSelectorAnnotation] = base::format_rfc3339(now);
  const facts::ChildId object{document.kind->kind, document.name};
  plan.actions.push_back(
      {PatchObject{document.kind, document.name, live->uid(), live->resource_version(), std::move(patch)}, object,
       "Restored", "Restored " + object.to_string() + ": somebody had added to whom it reaches, or held it up"});
}

void remove_slices(const facts::LiveChild& service, base::Wall now, Plan& plan) {
  const auto name = json::string_at(service.document, {"metadata", "name"});
  const auto since = json::string_at(service.document, {"metadata", "annotations", names::kHadSelectorAnnotation});
  if (since.empty()) return;
  const facts::ChildId object{"Service", name};
  plan.actions.push_back({PruneSlices{name}, object, "Restored",
                          "Removed the EndpointSlices that " + object.to_string() + " had got by a selector"});
  look_again(plan, kLookAgain, "a Service without selector had one");
  if (now - base::parse_rfc3339(since) < kSlicesMayCome) return;
  const json::Value patch{{"metadata", {{"annotations", {{names::kHadSelectorAnnotation, nullptr}}}}}};
  plan.actions.push_back({PatchObject{service.kind, name, service.uid(), service.resource_version(), patch}, object,
                          "Restored", object + " leads to the primary alone again"});
}

// Ports that somebody else opened; ours stay as they are there, with what the API server gave them.
void close_ports(const json::Value& intent, const json::Value& live, json::Value& patch) {
  const auto& wanted = json::at_path(intent, {"spec", "ports"});
  auto ours = json::Value::array();
  for (const auto& port : json::at_path(live, {"spec", "ports"})) {
    const auto is_same = [&](const json::Value& other) {
      return json::at_path(other, {"port"}) == json::at_path(port, {"port"}) &&
             json::string_at(other, {"name"}) == json::string_at(port, {"name"});
    };
    if (std::any_of(wanted.begin(), wanted.end(), is_same)) ours.push_back(port);
  }
  if (ours.size() == wanted.size() && ours.size() != json::at_path(live, {"spec", "ports"}).size())
    patch["spec"]["ports"] = std::move(ours);
}

}  // namespace

json::Value additions_in(const std::string& kind, const json::Value& intent, const json::Value& live) {
  json::Value patch;
  for (const auto& whole : wholes()) {
    if (kind != whole.kind) continue;
    const auto* there = find(live, whole.path);
    if (there == nullptr || says_nothing(*there)) continue;
    const auto* wanted = find(intent, whole.path);
    if (wanted == nullptr || says_nothing(*wanted)) {
      set(patch, whole.path, nullptr);
      continue;
    }
    if (!there->is_object() || !wanted->is_object()) continue;  // another value than ours is drift
    for (const auto& [key, value] : there->items()) {
      if (wanted->contains(key)) continue;
      auto path = whole.path;
      path.push_back(key);
      set(patch, path, nullptr);
    }
  }
  if (kind == "Service") close_ports(intent, live, patch);
  return patch;
}

Plan plan_additions(const facts::Observation& observation, const std::vector<resources::Document>& documents,
                    base::Wall now) {
  Plan plan;
  for (const auto& document : documents) {
    prune(observation, document, now, plan);
    if (document.kind->kind != "Service") continue;
    const auto* live = observation.child("Service", document.name);
    if (live != nullptr && additions_in("Service", document.body, live->document).is_null())
      remove_slices(*live, now, plan);
  }
  return plan;
}

}  // namespace cadence::plan
