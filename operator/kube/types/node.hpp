// Node, with only what says whether pods may be put there. Cluster-wide: it has no namespace.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct Taint {
  std::string key, value, effect;
  static json::Object json_fields();
};

struct NodeSpec {
  bool unschedulable = false;  // kubectl cordon and drain
  std::vector<Taint> taints;
  static json::Object json_fields();
};

struct Node {
  core::ObjectMeta metadata;
  NodeSpec spec;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

// Somebody wants the node empty: it is cordoned, or about to be removed by an autoscaler.
bool is_being_drained(const Node& node);

}  // namespace cadence::kube::types
