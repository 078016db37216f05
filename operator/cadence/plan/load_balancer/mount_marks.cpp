#include "cadence/plan/load_balancer/mount_marks.hpp"

#include "base/clock.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

// Copies say when they were made, certificates of our own when they were last given something to trust.
std::string changed_at(const facts::LiveChild& secret) {
  const auto copied = json::string_at(secret.document, {"metadata", "annotations", names::kCopiedAtAnnotation});
  return copied.empty() ? json::string_at(secret.document, {"metadata", "annotations", names::kTrustedAnnotation})
                        : copied;
}

bool must_hear(const kube::types::Pod& pod, const std::string& changed) {
  const auto component = pod.metadata.labels.find(names::kComponentLabel);
  if (component == pod.metadata.labels.end() || component->second != resources::kLoadBalancer ||
      !pod.metadata.deletion_timestamp.empty())
    return false;
  if (pod.status.start_time.empty() || base::parse_rfc3339(pod.status.start_time) > base::parse_rfc3339(changed))
    return false;
  const auto told = pod.metadata.annotations.find(names::kCertificateAnnotation);
  return told == pod.metadata.annotations.end() || told->second != changed;
}

}  // namespace

Plan plan_mount_marks(const facts::Observation& observation) {
  Plan plan;
  const auto* secret = observation.child("Secret", names::Names(observation.cluster->metadata.name).lb_tls());
  if (secret == nullptr) return plan;
  const auto changed = changed_at(*secret);
  if (changed.empty()) return plan;
  for (const auto& [name, pod] : observation.pods) {
    if (!must_hear(*pod, changed)) continue;
    const json::Value metadata{{"name", name},
                               {"namespace", pod->metadata.namespace_},
                               {"annotations", {{names::kCertificateAnnotation, changed}}}};
    plan.actions.push_back(
        {LabelObject{&kube::types::Pod::kind_info(), {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}}},
         {"Pod", name},
         "Configured",
         "Told Pod " + name + " of its new certificate"});
  }
  return plan;
}

}  // namespace cadence::plan
