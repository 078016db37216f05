#include "cadence/resources/common/rbac.hpp"

#include "cadence/resources/common/labels.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

// Pods that need the token say so themselves; nobody else's pod gets it by naming this account.
types::ServiceAccount account(const Context& context, const std::string& name, const std::string& component) {
  types::ServiceAccount out;
  out.metadata = child_metadata(context, name, component);
  out.automount_service_account_token = false;
  return out;
}

types::RoleBinding binding(const Context& context, const std::string& name, const std::string& component) {
  types::RoleBinding out;
  out.metadata = child_metadata(context, name, component);
  out.role_ref.name = name;
  types::RbacSubject subject;
  subject.name = name;
  subject.namespace_ = context.space();
  out.subjects = {subject};
  return out;
}

}  // namespace

types::ServiceAccount build_lb_service_account(const Context& context) {
  return account(context, context.names().lb(), kLoadBalancer);
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
  return binding(context, context.names().lb(), kLoadBalancer);
}

types::ServiceAccount build_postgres_service_account(const Context& context) {
  return account(context, context.names().postgres(), kPostgres);
}

types::Role build_postgres_role(const Context& context) {
  types::Role out;
  const auto name = context.names().postgres();
  out.metadata = child_metadata(context, name, kPostgres);
  // Creating cannot be limited to a name; everything else is.
  out.rules = {
      {.api_groups = {"coordination.k8s.io"}, .resources = {"leases"}, .resource_names = {}, .verbs = {"create"}},
      {.api_groups = {"coordination.k8s.io"},
       .resources = {"leases"},
       .resource_names = {name},
       .verbs = {"get", "list", "watch", "update", "patch"}},
      {.api_groups = {"discovery.k8s.io"},
       .resources = {"endpointslices"},
       .resource_names = {context.names().postgres_rw()},
       .verbs = {"get", "update", "patch"}},
      {.api_groups = {"events.k8s.io"}, .resources = {"events"}, .resource_names = {}, .verbs = {"create"}}};
  return out;
}

types::RoleBinding build_postgres_role_binding(const Context& context) {
  return binding(context, context.names().postgres(), kPostgres);
}

}  // namespace cadence::resources
