#include "cadence/resources/postgres/rbac.hpp"

#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/common/rbac.hpp"

namespace cadence::resources {

namespace types = kube::types;

types::ServiceAccount build_postgres_service_account(const Context& context) {
  return service_account(context, context.names().postgres(), kPostgres);
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
  return role_binding(context, context.names().postgres(), kPostgres);
}

}  // namespace cadence::resources
