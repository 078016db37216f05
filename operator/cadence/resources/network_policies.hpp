// Who may open connections to a cluster's pods: one policy a component. What pods open themselves is not limited: they
// clone repositories and talk to the API server, whose addresses no label names.
#pragma once

#include <vector>

#include "cadence/resources/common/context.hpp"
#include "kube/types/networking.hpp"

namespace cadence::resources {

// Empty when spec.networkPolicies is false.
std::vector<kube::types::NetworkPolicy> build_network_policies(const Context& context);

}  // namespace cadence::resources
