#include "kube/types/coordination.hpp"

namespace cadence::kube::types {

using json::field;

json::Object LeaseSpec::json_fields() {
  return {.name = "LeaseSpec",
          .fields = {field<&LeaseSpec::holder_identity>("holderIdentity"),
                     field<&LeaseSpec::lease_duration_seconds>("leaseDurationSeconds"),
                     field<&LeaseSpec::lease_transitions>("leaseTransitions"),
                     field<&LeaseSpec::acquire_time>("acquireTime"), field<&LeaseSpec::renew_time>("renewTime")},
          .rules = {}};
}

json::Object Lease::json_fields() {
  return {.name = "Lease", .fields = {field<&Lease::metadata>("metadata"), field<&Lease::spec>("spec")}, .rules = {}};
}

const core::KindInfo& Lease::kind_info() {
  static const core::KindInfo info{"coordination.k8s.io", "v1", "Lease", "leases", true};
  return info;
}

}  // namespace cadence::kube::types
