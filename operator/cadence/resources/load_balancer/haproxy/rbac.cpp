#include "cadence/resources/load_balancer/haproxy/rbac.hpp"

#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/common/rbac.hpp"

namespace cadence::resources {

namespace types = kube::types;

types::ServiceAccount build_lb_service_account(const Context& context) {
  return service_account(context, context.names().lb(), kLoadBalancer);
}

types::Role build_lb_role(const Context& context) {
  types::Role out;
  out.metadata = child_metadata(context, context.names().lb(), kLoadBalancer);
  out.rules = {{.api_groups = {"discovery.k8s.io"},
                .resources = {"endpointslices"},
                .resource_names = {},
                .verbs = {"get", "list", "watch"}}};
  return out;
}

types::RoleBinding build_lb_role_binding(const Context& context) {
  return role_binding(context, context.names().lb(), kLoadBalancer);
}

}  // namespace cadence::resources
