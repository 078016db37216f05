#include "cadence/facts/accounts.hpp"

#include "cadence/names/annotations.hpp"
#include "cadence/names/names.hpp"

namespace cadence::facts {
namespace {

// RFC 3339 in UTC, of whole seconds: as text they are in order.
std::string made_at(const Observation& observation, const std::string& account) {
  const auto* child = observation.child("ServiceAccount", account);
  return child == nullptr ? std::string() : json::string_at(child->document, {"metadata", "creationTimestamp"});
}

}  // namespace

bool is_older_than_its_account(const Observation& observation, const kube::types::Pod& pod) {
  const auto made = made_at(observation, pod.spec.service_account_name);
  return !pod.metadata.creation_timestamp.empty() && pod.metadata.creation_timestamp < made;
}

std::vector<const PostgresInstance*> instances_without_account(const Observation& observation,
                                                               const PostgresView& view) {
  std::vector<const PostgresInstance*> out;
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && instance.exists() && !instance.is_going() &&
        is_older_than_its_account(observation, *instance.pod))
      out.push_back(&instance);
  }
  return out;
}

std::string load_balancers_next_account(const Observation& observation) {
  const auto account = names::Names(observation.cluster->metadata.name).lb();
  for (const auto& [name, pod] : observation.pods) {
    if (pod->spec.service_account_name == account && is_older_than_its_account(observation, *pod))
      return made_at(observation, account);
  }
  const auto* deployment = observation.child("Deployment", account);
  return deployment == nullptr ? std::string()
                               : json::string_at(deployment->document, {"spec", "template", "metadata", "annotations",
                                                                        names::kAccountAnnotation});
}

}  // namespace cadence::facts
