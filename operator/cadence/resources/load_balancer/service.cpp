#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"

namespace cadence::resources {

kube::types::Service build_lb_service(const Context& context) {
  const auto& wanted = context.spec().load_balancer.service;
  kube::types::Service out;
  out.metadata = child_metadata(context, context.names().lb(), kLoadBalancer);
  out.metadata.annotations = wanted.annotations;
  out.spec.type = wanted.type;
  out.spec.selector = names::selector_of(context.name(), kLoadBalancer);
  out.spec.ports = {{.name = "http", .port = 80, .target_port = "http"},
                    {.name = "https", .port = 443, .target_port = "https"}};
  if (wanted.type != "ClusterIP") {
    out.spec.ports[0].node_port = wanted.node_ports.http;
    out.spec.ports[1].node_port = wanted.node_ports.https;
  }
  if (wanted.type == "LoadBalancer") {
    out.spec.load_balancer_source_ranges = wanted.load_balancer_source_ranges;
    // Keeps the sender's address, which rate limits and logs need.
    out.spec.external_traffic_policy = "Local";
  }
  return out;
}

}  // namespace cadence::resources
