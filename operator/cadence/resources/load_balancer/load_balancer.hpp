// The children of the load balancer. The endpoints behind it are not written here: the agent fills the slots as they
// come and go.
#pragma once

#include "cadence/resources/common/context.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/core.hpp"
#include "kube/types/policy.hpp"

namespace cadence::resources {

inline constexpr int kHttpPort = 8080, kHttpsPort = 8443;

// haproxy.cfg for this spec.
std::string haproxy_configuration(const Context& context);
// Places for webhook servers: the next power of two from twice the most replicas, at least 16.
int haproxy_slots(const api::CadenceClusterSpec& spec);

kube::types::ConfigMap build_lb_config(const Context& context);
kube::types::Service build_lb_service(const Context& context);
kube::types::PodDisruptionBudget build_lb_pdb(const Context& context);
kube::types::Deployment build_lb_deployment(const Context& context);

}  // namespace cadence::resources
