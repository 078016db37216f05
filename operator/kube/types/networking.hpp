// NetworkPolicy, with only the fields we set. A peer with an empty selector means "all", so selectors are optional
// there.
#pragma once

#include "kube/types/core.hpp"

namespace cadence::kube::types {

struct NetworkPolicyPort {
  json::Value port;
  std::string protocol = "TCP";
  static json::Object json_fields();
};

struct IpBlock {
  std::string cidr;
  std::vector<std::string> except;
  static json::Object json_fields();
};

struct NetworkPolicyPeer {
  std::optional<LabelSelector> pod_selector, namespace_selector;
  std::optional<IpBlock> ip_block;
  static json::Object json_fields();
};

struct NetworkPolicyIngressRule {
  std::vector<NetworkPolicyPeer> from;  // empty: from everywhere
  std::vector<NetworkPolicyPort> ports;
  static json::Object json_fields();
};

struct NetworkPolicyEgressRule {
  std::vector<NetworkPolicyPeer> to;  // empty: to everywhere
  std::vector<NetworkPolicyPort> ports;
  static json::Object json_fields();
};

struct NetworkPolicySpec {
  LabelSelector pod_selector;
  std::vector<std::string> policy_types;
  std::vector<NetworkPolicyIngressRule> ingress;
  std::vector<NetworkPolicyEgressRule> egress;
  static json::Object json_fields();
};

struct NetworkPolicy {
  core::ObjectMeta metadata;
  NetworkPolicySpec spec;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
