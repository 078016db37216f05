#include "cadence/resources/common/rbac.hpp"

#include "cadence/resources/common/labels.hpp"

namespace cadence::resources {

namespace types = kube::types;

types::ServiceAccount service_account(const Context& context, const std::string& name, const std::string& component) {
  types::ServiceAccount out;
  out.metadata = child_metadata(context, name, component);
  out.automount_service_account_token = false;
  return out;
}

types::RoleBinding role_binding(const Context& context, const std::string& name, const std::string& component) {
  types::RoleBinding out;
  out.metadata = child_metadata(context, name, component);
  out.role_ref.name = name;
  types::RbacSubject subject;
  subject.name = name;
  subject.namespace_ = context.space();
  out.subjects = {subject};
  return out;
}

}  // namespace cadence::resources
