#include "kube/types/networking.hpp"

namespace cadence::kube::types {

using json::field;

json::Object NetworkPolicyPort::json_fields() {
  return {.name = "NetworkPolicyPort",
          .fields = {field<&NetworkPolicyPort::port>("port"), field<&NetworkPolicyPort::protocol>("protocol")},
          .rules = {}};
}

json::Object IpBlock::json_fields() {
  return {.name = "IpBlock", .fields = {field<&IpBlock::cidr>("cidr"), field<&IpBlock::except>("except")}, .rules = {}};
}

json::Object NetworkPolicyPeer::json_fields() {
  return {.name = "NetworkPolicyPeer",
          .fields = {field<&NetworkPolicyPeer::pod_selector>("podSelector"),
                     field<&NetworkPolicyPeer::namespace_selector>("namespaceSelector"),
                     field<&NetworkPolicyPeer::ip_block>("ipBlock")},
          .rules = {}};
}

json::Object NetworkPolicyIngressRule::json_fields() {
  using Rule = NetworkPolicyIngressRule;
  return {.name = "NetworkPolicyIngressRule",
          .fields = {field<&Rule::from>("from"), field<&Rule::ports>("ports")},
          .rules = {}};
}

json::Object NetworkPolicyEgressRule::json_fields() {
  using Rule = NetworkPolicyEgressRule;
  return {
      .name = "NetworkPolicyEgressRule", .fields = {field<&Rule::to>("to"), field<&Rule::ports>("ports")}, .rules = {}};
}

json::Object NetworkPolicySpec::json_fields() {
  using Spec = NetworkPolicySpec;
  return {.name = "NetworkPolicySpec",
          .fields = {field<&Spec::pod_selector>("podSelector").always(), field<&Spec::policy_types>("policyTypes"),
                     field<&Spec::ingress>("ingress"), field<&Spec::egress>("egress")},
          .rules = {}};
}

const core::KindInfo& NetworkPolicy::kind_info() {
  static const core::KindInfo info{
      .group = "networking.k8s.io", .version = "v1", .kind = "NetworkPolicy", .plural = "networkpolicies"};
  return info;
}

json::Object NetworkPolicy::json_fields() {
  return {.name = "NetworkPolicy",
          .fields = {field<&NetworkPolicy::metadata>("metadata"), field<&NetworkPolicy::spec>("spec")},
          .rules = {}};
}

}  // namespace cadence::kube::types
