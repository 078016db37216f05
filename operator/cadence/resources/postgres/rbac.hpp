// What the agents around PostgreSQL may do at the API server, and as whom. The operator can grant only
// what it holds itself, so its own role (charts/cadence-operator) contains these rules.
#pragma once

#include "cadence/resources/common/context.hpp"
#include "kube/types/core.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::resources {

kube::types::ServiceAccount build_postgres_service_account(const Context& context);
kube::types::Role build_postgres_role(const Context& context);
kube::types::RoleBinding build_postgres_role_binding(const Context& context);

}  // namespace cadence::resources
