#include "cadence/watches/predicates.hpp"

#include "cadence/kinds/kinds.hpp"
#include "cadence/names/names.hpp"

namespace cadence::watches {

std::vector<kube::core::ObjectKey> clusters_of(const kube::core::ObjectMeta& object) {
  const auto cluster = object.labels.find(names::kInstanceLabel);
  if (cluster == object.labels.end() || !kinds::belongs_to_cluster(object)) return {};
  return {{object.namespace_, cluster->second}};
}

bool is_renewal(const kube::types::Lease* before, const kube::types::Lease* now) {
  return before != nullptr && now != nullptr && before->spec.holder_identity == now->spec.holder_identity &&
         before->metadata.annotations == now->metadata.annotations && before->metadata.labels == now->metadata.labels;
}

bool is_instance(const kube::core::ObjectMeta& pod) { return pod.labels.contains(names::kInstanceNumberLabel); }

bool has_begun_or_ended_drain(const kube::types::Node* before, const kube::types::Node* now) {
  const bool was_drained = before != nullptr && kube::types::is_being_drained(*before);
  return now != nullptr && was_drained != kube::types::is_being_drained(*now);
}

bool is_silent(const kube::types::Lease& lease, std::chrono::milliseconds silence) {
  const bool is_held = !lease.spec.holder_identity.value_or("").empty();
  return is_held && silence >= std::chrono::seconds(lease.spec.lease_duration_seconds.value_or(0));
}

}  // namespace cadence::watches
