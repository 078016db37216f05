#include "cadence/plan/references.hpp"

#include "cadence/resources/labels.hpp"

namespace cadence::plan {
namespace {

// A Secret of somebody else's carries no label of ours, so no watch tells of it.
constexpr std::chrono::seconds kLookAgain{5};

std::string problem_of(const SecretReference& reference, const Observation& observation) {
  const auto found = observation.named_secrets.find(reference.name);
  if (found == observation.named_secrets.end()) return "";
  const auto secret = "Secret \"" + reference.name + "\"";
  if (!found->second.problem.empty()) return reference.field + ": " + secret + " could not be read: " + found->second.problem + ".";
  if (!found->second.exists) return reference.field + ": " + secret + " not found: create it in namespace " + observation.cluster->metadata.namespace_ + ", or name another.";
  for (const auto& key : reference.keys) {
    if (!found->second.keys.contains(key)) return reference.field + ": " + secret + " has no key \"" + key + "\": add it, or name another.";
  }
  return "";
}

}  // namespace

std::vector<SecretReference> secret_references(const api::CadenceClusterSpec& spec) {
  std::vector<SecretReference> out;
  const auto& github = spec.webhook.secrets.github;
  for (std::size_t i = 0; i < github.size(); ++i) {
    const auto& reference = github[i].secret_ref;
    out.push_back({resources::kWebhook, "spec.webhook.secrets.github[" + std::to_string(i) + "].secretRef", reference.name, {reference.key}});
  }
  if (const auto& name = spec.webhook.clone.credentials_secret_ref; !name.empty()) {
    out.push_back({resources::kWebhook, "spec.webhook.clone.credentialsSecretRef", name, {}, false});
  }
  if (const auto& name = spec.load_balancer.tls.secret_name; !name.empty() && spec.load_balancer.type != "None") {
    out.push_back({resources::kLoadBalancer, "spec.loadBalancer.tls.secretName", name, {"tls.crt", "tls.key"}});
  }
  return out;
}

std::map<std::string, std::string> check_references(const Observation& observation, Plan& plan) {
  std::map<std::string, std::string> waiting;
  for (const auto& reference : secret_references(observation.cluster->spec)) {
    const auto problem = problem_of(reference, observation);
    if (problem.empty()) continue;
    plan.objections.push_back({kSecretMissing, problem});
    if (reference.is_needed) waiting.emplace(reference.component, problem);
    look_again(plan, kLookAgain, problem);
  }
  return waiting;
}

}  // namespace cadence::plan
