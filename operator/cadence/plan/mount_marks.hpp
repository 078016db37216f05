// The word to a load balancer's pod that its certificate has changed. Pure.
// Promises: a pod that started after the change is told nothing. Without the word the kubelet looks at mounts once in a
// minute or so.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"

namespace cadence::plan {

// When the certificate changed that a pod was last told of; writing it makes the kubelet look at the pod's mounts at
// once.
inline constexpr const char* kCertificateAnnotation = "cadence.noslop.tech/certificate-of";

void plan_mount_marks(const Observation& observation, Plan& plan);

}  // namespace cadence::plan
