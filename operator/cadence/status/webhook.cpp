#include <algorithm>

#include "cadence/plan/children.hpp"
#include "cadence/resources/labels.hpp"
#include "cadence/resources/names.hpp"
#include "cadence/status/components.hpp"
#include "cadence/status/store_trouble.hpp"

namespace cadence::status {
namespace {

std::string counted(int ready, int wanted) { return std::to_string(ready) + "/" + std::to_string(wanted); }

// Whether a Deployment has rolled out its newest template to all its pods.
Judgement judge_deployment(const std::shared_ptr<const kube::types::Deployment>& deployment, const std::string& name,
                           int wanted, const char* noun) {
  const std::string object = "Deployment " + name;
  if (!deployment) return {false, "Missing", object + " does not exist yet."};
  const auto& status = deployment->status;
  if (status.observed_generation < deployment->metadata.generation.value_or(0))
    return {false, "RollingOut", object + " was changed just now."};
  const auto counts = counted(status.ready_replicas, wanted) + " " + noun;
  if (status.updated_replicas < wanted || status.replicas > status.updated_replicas) {
    return {false, "RollingOut",
            object + " is rolling out: " + counts + " are ready, " + std::to_string(status.updated_replicas) +
                " are up to date."};
  }
  if (status.available_replicas < wanted)
    return {false, "PodsNotReady", counts + " are ready: look at the pods of " + object + "."};
  return {true, "Available", counts + " are ready."};
}

// A change that waits for the user is not carried out, however well the pods of before it do.
Judgement unless_held(const plan::Plan& plan, const char* component, Judgement judgement) {
  const auto held = plan.held.find(component);
  if (held == plan.held.end()) return judgement;
  return {.reason = held->second.reason,
          .message = held->second.message + " Nothing is changed before that: " + judgement.message};
}

int wanted_webhooks(const plan::Observation& observation) {
  const auto& spec = observation.cluster->spec.webhook;
  if (spec.autoscaling && observation.webhook)
    return observation.webhook->spec.replicas.value_or(spec.autoscaling->min_replicas);
  return spec.replicas;
}

// A pod that is ready takes requests; whether it can keep a delivery it says itself.
Judgement unless_unable_to_store(const plan::Observation& observation, Judgement judgement) {
  if (!judgement.is_ready) return judgement;
  const auto& reports = observation.webhook_stores;
  const auto count =
      std::count_if(reports.begin(), reports.end(), [](const auto& entry) { return !entry.second.is_up; });
  if (count == 0) return judgement;
  const bool are_all = static_cast<std::size_t>(count) == reports.size();
  return {.reason = "StoreUnavailable",
          .message = std::string(are_all ? "No webhook server" : "Not every webhook server") +
                     " can write to its job store (" + store_reasons(observation) +
                     "): a delivery there is held for spec.webhook.ackDeadline, then answered 503 with Retry-After. " +
                     store_steps(observation)};
}

}  // namespace

api::WebhookStatus webhook_status(const plan::Observation& observation) {
  const auto& cluster = observation.cluster->metadata.name;
  api::WebhookStatus out;
  for (const auto& [key, value] : resources::selector_of(cluster, "webhook"))
    out.selector += (out.selector.empty() ? "" : ",") + key + "=" + value;
  const auto& deployment = observation.webhook;
  if (deployment) {
    out.replicas = deployment->status.replicas;
    out.ready_replicas = deployment->status.ready_replicas;
    out.updated_replicas = deployment->status.updated_replicas;
    const auto& containers = deployment->spec.template_.spec.containers;
    if (!containers.empty()) out.version = containers.front().image;
  }
  out.summary = counted(out.ready_replicas, wanted_webhooks(observation));
  return out;
}

namespace {

std::string openness_of(const plan::Observation& observation) {
  const auto& spec = observation.cluster->spec;
  if (spec.webhook.api.access != "Open") return "";
  return " Everybody who reaches " +
         std::string(spec.load_balancer.type == "None" ? "the webhook servers" : "the load balancer") +
         " may read jobs, commit messages included, and start analyses: spec.webhook.api.access is Open; Token asks "
         "for a token of Secret " +
         resources::Names(observation.cluster->metadata.name).webhook_api() + ".";
}

}  // namespace

Judgement judge_webhook(const plan::Observation& observation, const plan::Plan& plan) {
  const resources::Names names(observation.cluster->metadata.name);
  const int wanted = wanted_webhooks(observation);
  if (observation.webhook && wanted == 0) {
    return {.reason = "ScaledToZero",
            .message = "No webhook server is wanted: deliveries are refused until spec.webhook.replicas is raised.",
            .is_final = observation.webhook->status.replicas == 0};
  }
  auto judgement = unless_held(plan, resources::kWebhook,
                               judge_deployment(observation.webhook, names.webhook(), wanted, "webhook servers"));
  judgement = unless_unable_to_store(observation, std::move(judgement));
  judgement.message += openness_of(observation);
  return judgement;
}

api::LoadBalancerStatus load_balancer_status(const plan::Observation& observation) {
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

Judgement judge_load_balancer(const plan::Observation& observation, const plan::Plan& plan) {
  const auto& spec = observation.cluster->spec.load_balancer;
  if (spec.type == "None")
    return {true, "NotWanted",
            "spec.loadBalancer.type is None: Service " + observation.cluster->metadata.name + "-webhook is the entry."};
  const bool is_nginx = spec.type == "Nginx";
  if (is_nginx && !plan::keeps_haproxy(observation)) {
    return {.reason = plan::kNotImplemented,
            .message = "Nginx is not built yet, so there is no load balancer: set spec.loadBalancer.type to HAProxy.",
            .is_final = true};
  }
  const resources::Names names(observation.cluster->metadata.name);
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
