#include "cadence/plan/common/refusals.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

// A 500 that stays until somebody looks after that webhook; about other objects it may not be asked.
constexpr std::string_view kWebhookAway = "failed calling webhook \"";
constexpr std::string_view kUnknownKind = "the server could not find the requested resource";

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What stands between two marks, or after the first where the second is missing.
std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return std::string(base::trim(text.substr(0, text.find(end))));
}

std::string count_field(const std::string& field) {
  const std::array<std::pair<const char*, const char*>, 4> table{{{"spec.webhook", ".replicas"},
                                                                  {"spec.loadBalancer", ".replicas"},
                                                                  {"spec.redis", ".replicasPerShard"},
                                                                  {"spec.postgres", ".instances"}}};
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

// Which fields cannot be changed is known to the API server alone; the object comes back as it should be.
std::string advice_on_fixed_field(std::string_view said, const facts::ChildId& object) {
  const std::array<const char*, 4> words{"field is immutable", "may not change once set", "cannot change roleRef",
                                         "updates to statefulset spec for fields other than"};
  if (std::none_of(words.begin(), words.end(), [said](const char* word) { return holds(said, word); })) return {};
  const auto& kind = object.kind;
  if (kind == "Secret")
    return std::string("Delete ") + object + ": it is made again, with what the operator still remembers of it.";
  if (kind == "StatefulSet")
    return std::string("Delete ") + object + " with --cascade=orphan: it is made again and takes its pods back.";
  if (kind == "Deployment") return std::string("Delete ") + object + ": it is made again, and its pods with it.";
  const std::array<const char*, 4> others{"ConfigMap", "Service", "RoleBinding", "ServiceAccount"};
  return std::find(others.begin(), others.end(), kind) == others.end()
             ? std::string()
             : std::string("Delete ") + object + ": it is made again.";
}

std::string advice_of_last_resort(const base::Error& error, const facts::ChildId& object) {
  if (holds(error.message, kLabelTaken)) return "Except this namespace from the policy that takes labels off.";
  if (holds(error.message, kUnknownKind))
    return "Look into kubectl api-resources: this API server does not serve the kind of " + object.to_string() + ".";
  if (holds(error.message, "it is being terminated")) return "Its namespace is being deleted.";
  if (holds(error.message, " cannot ") && holds(error.message, "User \""))
    return "Give the operator this right again: install its chart's roles as they were.";
  if (error.kind == base::ErrorKind::Forbidden) return "Ask whoever runs the Kubernetes cluster what forbids it.";
  return std::string("Look at ") + object +
         ", which somebody may have changed, and at the fields of the spec that this speaks of.";
}

}  // namespace

bool is_refusal(const base::Error& error) {
  if (error.kind == base::ErrorKind::NotFound) return holds(error.message, kUnknownKind);
  if (error.kind == base::ErrorKind::Transient) return holds(error.message, kWebhookAway);
  return error.kind == base::ErrorKind::Invalid ||
         (error.kind == base::ErrorKind::Forbidden && error.message.ends_with("(403)"));
}

Refusal refusal_of(const base::Error& error, const Action& action) {
  // The API server may add a whole diff of the object.
  const auto said = error.message.substr(0, error.message.find('\n'));
  auto advice = action.hint.empty() ? advice_on_refusal(said, action.field) : action.hint;
  if (advice.empty()) advice = advice_on_fixed_field(said, action.object);
  if (advice.empty()) advice = advice_of_last_resort(error, action.object);
  return {action.object, said + ". " + advice};
}

std::string field_of(const std::string& component) {
  return component == resources::kLoadBalancer ? "spec.loadBalancer" : "spec." + component;
}

std::string advice_on_refusal(std::string_view said, const std::string& field) {
  const auto resources = field.empty() ? "the container's resources" : field + ".resources";
  if (holds(said, "exceeded quota: ")) return advice_on_quota(said, field);
  if (holds(said, "failed quota: ")) {
    return "ResourceQuota " + between(said, "failed quota: ", ":") +
           " wants it said: give the namespace a LimitRange with defaults, or set it in " + resources + ".";
  }
  if (holds(said, " usage per ") || holds(said, "limit to request ratio") ||
      holds(said, "must be less than or equal to memory limit") ||
      holds(said, "must be less than or equal to cpu limit"))
    return "Change " + resources + ", or the namespace's LimitRange.";
  if (holds(said, "violates PodSecurity"))
    return "Our pods keep to level restricted: look for what adds to them, or change the namespace's label "
           "pod-security.kubernetes.io/enforce.";
  if (holds(said, "no PriorityClass with name"))
    return "Correct spec.podTemplate.priorityClassName, or make the PriorityClass.";
  if (const auto webhook = between(said, kWebhookAway, "\""); !webhook.empty())
    return "Look after the admission webhook " + webhook + ", which does not answer, or except this namespace from it.";
  if (const auto webhook = between(said, "admission webhook \"", "\""); !webhook.empty())
    return "Ask whoever runs the admission webhook " + webhook + ", or except this namespace from it.";
  if (const auto policy = between(said, "ValidatingAdmissionPolicy '", "'"); !policy.empty())
    return "Change ValidatingAdmissionPolicy " + policy + ", or except this namespace from it.";
  return {};
}

}  // namespace cadence::plan
