#include "cadence/plan/references.hpp"

#include <algorithm>

#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

// A Secret of somebody else's carries no label of ours, so no watch tells of it.
constexpr std::chrono::seconds kLookAgain{5};
constexpr std::chrono::seconds kLookForRenewal{30};

// Pods mount the operator's copy of the user's pair.
bool has_pair_of_before(const facts::Observation& observation) {
  return observation.child("Secret", names::Names(observation.cluster->metadata.name).lb_tls()) != nullptr;
}

std::string consequence(const SecretReference& reference, const facts::Observation& observation) {
  if (reference.field.starts_with(kFeedbackField))
    return " Pushes are taken and analysed; their statuses wait until it is there.";
  if (reference.field.starts_with(kReconcileField))
    return " Pushes are taken and analysed; what is missing is not asked for until it is there.";
  if (reference.field.starts_with(kTracingField))
    return " Pushes are taken and analysed; their spans are dropped until it is there.";
  if (reference.component != resources::kLoadBalancer) return "";
  return has_pair_of_before(observation) ? " The load balancers keep the certificate that they have."
                                         : " No load balancer starts before that.";
}

std::string problem_of(const SecretReference& reference, const facts::Observation& observation) {
  const auto found = observation.named_secrets.find(reference.name);
  if (found == observation.named_secrets.end()) return "";
  const auto secret = "Secret \"" + reference.name + "\"";
  if (!found->second.problem.empty())
    return reference.field + ": " + secret + " could not be read: " + found->second.problem + ".";
  if (!found->second.exists)
    return reference.field + ": " + secret + " not found: create it in namespace " +
           observation.cluster->metadata.namespace_ + ", or name another.";
  for (const auto& key : reference.keys) {
    if (!found->second.keys.contains(key))
      return reference.field + ": " + secret + " has no key \"" + key +
             "\", or nothing in it: add it, or name another.";
  }
  if (reference.is_pair && !found->second.unfit.empty())
    return reference.field + ": " + secret + " cannot be used: " + found->second.unfit +
           ". Put a certificate and its own key into it, or name another.";
  return "";
}

// Of what no pod waits for.
void add_unneeded(std::vector<SecretReference>& out, const std::string& field,
                  const std::optional<api::SecretKeyReference>& reference) {
  if (reference) out.push_back({resources::kWebhook, field, reference->name, {reference->key}, false});
}

// What opens the APIs of these entries.
void add_openings(std::vector<SecretReference>& out, const char* field, const auto& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto at = field + std::to_string(i) + "].";
    add_unneeded(out, at + "tokenSecretRef", entries[i].token_secret_ref);
    add_unneeded(out, at + "appSecretRef", entries[i].app_secret_ref);
    add_unneeded(out, at + "caSecretRef", entries[i].ca_secret_ref);
  }
}

}  // namespace

std::vector<SecretReference> secret_references(const api::CadenceCluster& cluster) {
  const auto& spec = cluster.spec;
  std::vector<SecretReference> out;
  for (const auto& [sender, secrets] : api::secrets_by_sender(spec.webhook.secrets)) {
    for (std::size_t i = 0; i < secrets->size(); ++i) {
      const auto& reference = (*secrets)[i].secret_ref;
      out.push_back({resources::kWebhook,
                     "spec.webhook.secrets." + sender + "[" + std::to_string(i) + "].secretRef",
                     reference.name,
                     {reference.key}});
    }
  }
  // Deliveries are taken without them too; the statuses wait, and what is missing is not asked for.
  add_openings(out, kFeedbackField, spec.webhook.feedback);
  add_openings(out, kReconcileField, spec.webhook.reconcile_deliveries);
  const std::string tracing = kTracingField;
  add_unneeded(out, tracing + "headersSecretRef", spec.webhook.tracing.headers_secret_ref);
  add_unneeded(out, tracing + "caSecretRef", spec.webhook.tracing.ca_secret_ref);
  if (const auto& name = spec.webhook.clone.credentials_secret_ref; !name.empty()) {
    out.push_back({resources::kWebhook, "spec.webhook.clone.credentialsSecretRef", name, {}, false});
  }
  if (const auto name = given_certificate(cluster); !name.empty() && spec.load_balancer.type != "None") {
    out.push_back(
        {resources::kLoadBalancer, "spec.loadBalancer.tls.secretName", name, {"tls.crt", "tls.key"}, true, true});
  }
  return out;
}

ReferencesPlan check_references(const facts::Observation& observation) {
  ReferencesPlan out;
  auto& plan = out.part;
  for (const auto& reference : secret_references(*observation.cluster)) {
    if (reference.is_pair) look_again(plan, kLookForRenewal, "Secret " + reference.name + " may be renewed");
    const auto problem = problem_of(reference, observation);
    if (problem.empty()) continue;
    const auto& found = observation.named_secrets.at(reference.name);
    const bool is_there = found.exists && std::all_of(reference.keys.begin(), reference.keys.end(),
                                                      [&](const auto& key) { return found.keys.contains(key); });
    const Objection objection{is_there ? kCertificateUnfit : kSecretMissing,
                              problem + consequence(reference, observation)};
    plan.objections.push_back(objection);
    const bool can_start =
        !reference.is_needed || (reference.component == resources::kLoadBalancer && has_pair_of_before(observation));
    if (!can_start) out.waiting.emplace(reference.component, objection);
    look_again(plan, kLookAgain, problem);
  }
  return out;
}

}  // namespace cadence::plan
