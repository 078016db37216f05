#include "kube/types/rbac.hpp"

namespace cadence::kube::types {

using json::field;

json::Object PolicyRule::json_fields() {
  return {.name = "PolicyRule",
          .fields = {field<&PolicyRule::api_groups>("apiGroups"), field<&PolicyRule::resources>("resources"),
                     field<&PolicyRule::resource_names>("resourceNames"), field<&PolicyRule::verbs>("verbs")},
          .rules = {}};
}

const core::KindInfo& Role::kind_info() {
  static const core::KindInfo info{
      .group = "rbac.authorization.k8s.io", .version = "v1", .kind = "Role", .plural = "roles"};
  return info;
}

json::Object Role::json_fields() {
  return {.name = "Role", .fields = {field<&Role::metadata>("metadata"), field<&Role::rules>("rules")}, .rules = {}};
}

json::Object RoleReference::json_fields() {
  return {.name = "RoleReference",
          .fields = {field<&RoleReference::api_group>("apiGroup"), field<&RoleReference::kind>("kind"),
                     field<&RoleReference::name>("name")},
          .rules = {}};
}

json::Object RbacSubject::json_fields() {
  return {.name = "RbacSubject",
          .fields = {field<&RbacSubject::kind>("kind"), field<&RbacSubject::name>("name"),
                     field<&RbacSubject::namespace_>("namespace")},
          .rules = {}};
}

const core::KindInfo& RoleBinding::kind_info() {
  static const core::KindInfo info{
      .group = "rbac.authorization.k8s.io", .version = "v1", .kind = "RoleBinding", .plural = "rolebindings"};
  return info;
}

json::Object RoleBinding::json_fields() {
  return {.name = "RoleBinding",
          .fields = {field<&RoleBinding::metadata>("metadata"), field<&RoleBinding::role_ref>("roleRef"),
                     field<&RoleBinding::subjects>("subjects")},
          .rules = {}};
}

}  // namespace cadence::kube::types
