// Role and RoleBinding, for the agents in the data pods.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct PolicyRule {
  std::vector<std::string> api_groups, resources, resource_names, verbs;
  static json::Object json_fields();
};

struct Role {
  core::ObjectMeta metadata;
  std::vector<PolicyRule> rules;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct RoleReference {
  std::string api_group = "rbac.authorization.k8s.io", kind = "Role", name;
  static json::Object json_fields();
};

struct RbacSubject {
  std::string kind = "ServiceAccount", name, namespace_;
  static json::Object json_fields();
};

struct RoleBinding {
  core::ObjectMeta metadata;
  RoleReference role_ref;
  std::vector<RbacSubject> subjects;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
