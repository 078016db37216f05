#include "kube/types/node.hpp"

#include <algorithm>

namespace cadence::kube::types {

using json::field;

json::Object Taint::json_fields() {
  return {.name = "Taint",
          .fields = {field<&Taint::key>("key"), field<&Taint::value>("value"), field<&Taint::effect>("effect")},
          .rules = {}};
}

json::Object NodeSpec::json_fields() {
  return {.name = "NodeSpec",
          .fields = {field<&NodeSpec::unschedulable>("unschedulable"), field<&NodeSpec::taints>("taints")},
          .rules = {}};
}

json::Object Node::json_fields() {
  return {.name = "Node", .fields = {field<&Node::metadata>("metadata"), field<&Node::spec>("spec")}, .rules = {}};
}

const core::KindInfo& Node::kind_info() {
  static const core::KindInfo info{
      .group = "", .version = "v1", .kind = "Node", .plural = "nodes", .is_namespaced = false};
  return info;
}

bool is_being_drained(const Node& node) {
  // Cluster autoscalers and Karpenter mark the node before they evict its pods.
  return node.spec.unschedulable ||
         std::any_of(node.spec.taints.begin(), node.spec.taints.end(), [](const Taint& taint) {
           return taint.key == "ToBeDeletedByClusterAutoscaler" || taint.key == "karpenter.sh/disrupted" ||
                  taint.key == "karpenter.sh/disruption";
         });
}

}  // namespace cadence::kube::types
