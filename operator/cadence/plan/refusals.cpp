#include "cadence/plan/refusals.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "cadence/resources/labels.hpp"

namespace cadence::plan {
namespace {

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What stands between two marks, or after the first where the second is missing.
std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return std::string(base::trim(text.substr(0, text.find(end))));
}

std::string count_field(const std::string& field) {
  const std::array<std::pair<const char*, const char*>, 4> table{{
      {"spec.webhook", ".replicas"}, {"spec.loadBalancer", ".replicas"}, {"spec.redis", ".replicasPerShard"}, {"spec.postgres", ".instances"}}};
  for (const auto& [component, count] : table) {
    if (field == component) return field + count;
  }
  return {};
}

// The fields that ask for less of what a quota counts.
std::string smaller(std::string_view requested, const std::string& field) {
  if (field.empty()) return {};
  std::string out;
  const auto add = [&out](const std::string& name) { out += (out.empty() ? "" : " or ") + name; };
  if (holds(requested, "storage")) add(field + ".storage.size");
  if (holds(requested, "cpu") || holds(requested, "memory")) add(field + ".resources");
  if (const auto count = count_field(field); !count.empty() && holds(requested, "pods")) add(count);
  return out;
}

std::string advice_on_quota(std::string_view said, const std::string& field) {
  const auto name = between(said, "exceeded quota: ", ",");
  const auto lower = smaller(between(said, "requested: ", ", used:"), field);
  return "Raise ResourceQuota " + name + (lower.empty() ? "." : ", or lower " + lower + ".");
}

}  // namespace

std::string field_of(const std::string& component) { return component == resources::kLoadBalancer ? "spec.loadBalancer" : "spec." + component; }

std::string advice_on_refusal(std::string_view said, const std::string& field) {
  const auto resources = field.empty() ? "the container's resources" : field + ".resources";
  if (holds(said, "exceeded quota: ")) return advice_on_quota(said, field);
  if (holds(said, "failed quota: ")) {
    return "ResourceQuota " + between(said, "failed quota: ", ":") + " wants it said: give the namespace a LimitRange with defaults, or set it in " + resources + ".";
  }
  if (holds(said, " usage per ") || holds(said, "limit to request ratio") || holds(said, "must be less than or equal to memory limit") || holds(said, "must be less than or equal to cpu limit"))
    return "Change " + resources + ", or the namespace's LimitRange.";
  if (holds(said, "violates PodSecurity")) return "Our pods keep to level restricted: look for what adds to them, or change the namespace's label pod-security.kubernetes.io/enforce.";
  if (holds(said, "no PriorityClass with name")) return "Correct spec.podTemplate.priorityClassName, or make the PriorityClass.";
  if (const auto webhook = between(said, "admission webhook \"", "\""); !webhook.empty()) return "Ask whoever runs the admission webhook " + webhook + ", or except this namespace from it.";
  if (const auto policy = between(said, "ValidatingAdmissionPolicy '", "'"); !policy.empty()) return "Change ValidatingAdmissionPolicy " + policy + ", or except this namespace from it.";
  return {};
}

}  // namespace cadence::plan
