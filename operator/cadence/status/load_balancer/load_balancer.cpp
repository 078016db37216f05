#include "cadence/status/load_balancer/load_balancer.hpp"

#include "cadence/facts/load_balancer.hpp"
#include "cadence/names/names.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/status/common/deployments.hpp"

namespace cadence::status {

api::LoadBalancerStatus load_balancer_status(const facts::Observation& observation) {
  api::LoadBalancerStatus out;
  if (observation.cluster->spec.load_balancer.type == "None") return out;
  if (observation.load_balancer) {
    out.replicas = observation.load_balancer->status.replicas;
    out.ready_replicas = observation.load_balancer->status.ready_replicas;
  }
  if (observation.webhook) out.servers = observation.webhook->status.ready_replicas;
  out.summary = counted(out.ready_replicas, observation.cluster->spec.load_balancer.replicas);
  return out;
}

Judgement judge_load_balancer(const facts::Observation& observation, const plan::Plan& plan) {
  const auto& spec = observation.cluster->spec.load_balancer;
  if (spec.type == "None")
    return {true, "NotWanted",
            "spec.loadBalancer.type is None: Service " + observation.cluster->metadata.name + "-webhook is the entry."};
  const bool is_nginx = spec.type == "Nginx";
  if (is_nginx && !facts::keeps_haproxy(observation)) {
    return {.reason = plan::kNotImplemented,
            .message = "Nginx is not built yet, so there is no load balancer: set spec.loadBalancer.type to HAProxy.",
            .is_final = true};
  }
  const names::Names names(observation.cluster->metadata.name);
  auto judgement =
      unless_held(plan, resources::kLoadBalancer,
                  judge_deployment(observation.load_balancer, names.lb(), spec.replicas, "load balancers"));
  if (!is_nginx || !judgement.is_ready) return judgement;
  return {.reason = plan::kNotImplemented,
          .message = "Nginx is not built yet, so the load balancer stays HAProxy: " + judgement.message +
                     " Set spec.loadBalancer.type back to HAProxy.",
          .is_final = true};
}

}  // namespace cadence::status
