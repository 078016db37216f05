#include "kube/testing/selectors.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::kube::testing {
namespace {

std::string value_at(const json::Value& object, const std::string& path) {
  const auto* at = &object;
  for (const auto& part : base::split(path, '.')) {
    if (part.empty()) continue;
    if (!at->is_object() || !at->contains(part)) return {};
    at = &at->at(part);
  }
  return at->is_string() ? at->get<std::string>() : at->is_null() ? "" : at->dump();
}

// One requirement of a list: "a=b", "a==b", "a!=b", "a", "!a".
template <class Find>
bool holds(const std::string& requirement, Find find) {
  if (const auto at = requirement.find("!="); at != std::string::npos) {
    const auto found = find(requirement.substr(0, at));
    return !found || *found != requirement.substr(at + 2);
  }
  if (const auto at = requirement.find('='); at != std::string::npos) {
    const auto found = find(requirement.substr(0, at));
    return found && *found == requirement.substr(requirement.find_last_of('=') + 1);
  }
  if (requirement.starts_with("!")) return !find(requirement.substr(1));
  return find(requirement).has_value();
}

template <class Find>
bool all_hold(const std::string& selector, Find find) {
  const auto requirements = base::split(selector, ',');
  return std::all_of(requirements.begin(), requirements.end(),
                     [&](const auto& one) { return one.empty() || holds(one, find); });
}

}  // namespace

bool Selectors::takes(const json::Value& object) const {
  const auto& own = json::at_path(object, {"metadata", "labels"});
  const auto label = [&](const std::string& name) -> std::optional<std::string> {
    return own.is_object() && own.contains(name) ? std::optional(own.at(name).get<std::string>()) : std::nullopt;
  };
  const auto field = [&](const std::string& path) -> std::optional<std::string> { return value_at(object, path); };
  return all_hold(labels, label) && all_hold(fields, field);
}

bool matches(const json::Value& label_selector, const json::Value& object) {
  const auto& wanted = json::at_path(label_selector, {"matchLabels"});
  if (!wanted.is_object() || wanted.empty() || label_selector.contains("matchExpressions")) return false;
  const auto& own = json::at_path(object, {"metadata", "labels"});
  for (const auto& [name, value] : wanted.items()) {
    if (!own.is_object() || !own.contains(name) || own.at(name) != value) return false;
  }
  return true;
}

}  // namespace cadence::kube::testing
