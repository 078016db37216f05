// An account for a component's pods and what binds a Role of the same name to it.
#pragma once

#include "cadence/resources/common/context.hpp"
#include "kube/types/core.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::resources {

// Pods that need the token say so themselves; nobody else's pod gets it by naming this account.
kube::types::ServiceAccount service_account(const Context& context, const std::string& name,
                                            const std::string& component);
kube::types::RoleBinding role_binding(const Context& context, const std::string& name, const std::string& component);

}  // namespace cadence::resources
