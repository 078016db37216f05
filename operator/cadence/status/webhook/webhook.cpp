#include "cadence/status/webhook/webhook.hpp"

#include <algorithm>
#include <map>

#include "cadence/names/names.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/status/common/deployments.hpp"
#include "cadence/status/webhook/store_trouble.hpp"

namespace cadence::status {
namespace {

int wanted_webhooks(const facts::Observation& observation) {
  const auto& spec = observation.cluster->spec.webhook;
  if (spec.autoscaling && observation.webhook)
    return observation.webhook->spec.replicas.value_or(spec.autoscaling->min_replicas);
  return spec.replicas;
}

// A pod that is ready takes requests; whether it can keep a delivery it says itself.
Judgement unless_unable_to_store(const facts::Observation& observation, Judgement judgement) {
  if (!judgement.is_ready) return judgement;
  const auto& reports = observation.webhook_stores;
  const auto count =
      std::count_if(reports.begin(), reports.end(), [](const auto& entry) { return !entry.second.is_up; });
  if (count == 0) return judgement;
  // One of an older image does not tell, and may take everything.
  const bool are_all = count >= wanted_webhooks(observation);
  const auto& policy = observation.cluster->spec.webhook.ingest.on_database_unavailable;
  return {.reason = "StoreUnavailable",
          .message = std::string(are_all ? "No webhook server" : "Not every webhook server") +
                     " can write to its job store (" + store_reasons(observation) +
                     "): a delivery there is held for spec.webhook.ingest.ackDeadline, then " +
                     (policy == "SpoolDisk" ? "spooled on the pod's disk. " : "answered 503 with Retry-After. ") +
                     store_steps(observation)};
}

}  // namespace

api::WebhookStatus webhook_status(const facts::Observation& observation) {
  const auto& cluster = observation.cluster->metadata.name;
  api::WebhookStatus out;
  for (const auto& [key, value] : names::selector_of(cluster, "webhook"))
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

std::string openness_of(const facts::Observation& observation) {
  const auto& spec = observation.cluster->spec;
  if (spec.webhook.api.access != "Open") return "";
  return " Everybody who reaches " +
         std::string(spec.load_balancer.type == "None" ? "the webhook servers" : "the load balancer") +
         " may read jobs, commit messages included, and start analyses: spec.webhook.api.access is Open; Token asks "
         "for a token of Secret " +
         names::Names(observation.cluster->metadata.name).webhook_api() + ".";
}

// A status would carry a link that nobody outside can open.
std::string blindness_of(const facts::Observation& observation) {
  const auto& webhook = observation.cluster->spec.webhook;
  if (webhook.links.public_url.empty() || webhook.api.access != "Internal") return "";
  return " Links of spec.webhook.links.publicURL open nothing through the load balancer: spec.webhook.api.access is "
         "Internal; Token opens them.";
}

// What an acknowledged delivery is worth is for the user to know before it is lost.
std::string spooling_of(const facts::Observation& observation) {
  if (observation.cluster->spec.webhook.ingest.on_database_unavailable != "SpoolDisk") return "";
  return " While the database is away deliveries are spooled on the disks of the webhook pods (SpoolDisk): they "
         "outlive "
         "restarts of the container; a pod that is deleted by force, evicted or lost with its node takes those with it "
         "that the database does not have yet.";
}

// The servers are ready without the Secrets of spec.webhook.feedback, reconcileDeliveries and tracing, and whoever
// waits for a status, a delivery or a span looks here.
std::string unanswered_of(const plan::Plan& plan) {
  std::string out;
  for (const auto& objection : plan.objections)
    for (const char* field : {plan::kFeedbackField, plan::kReconcileField, plan::kTracingField})
      if (objection.message.starts_with(field)) out += " " + objection.message;
  return out;
}

// As the servers say it themselves; all look at the same hooks.
std::string uncompared_of(const facts::Observation& observation) {
  if (observation.cluster->spec.webhook.reconcile_deliveries.empty()) return "";
  std::map<std::string, std::string> hooks;
  for (const auto& [pod, report] : observation.webhook_stores) hooks.insert(report.hooks.begin(), report.hooks.end());
  constexpr std::size_t kMost = 3;
  std::string out;
  std::size_t count = 0;
  for (const auto& [hook, problem] : hooks) {
    if (count++ == kMost) break;
    out += (out.empty() ? " Deliveries are not compared (spec.webhook.reconcileDeliveries) of " : "; of ") + hook +
           ": " + problem;
  }
  if (hooks.size() > kMost) out += "; and of " + std::to_string(hooks.size() - kMost) + " more";
  return out.empty() ? out : out + ".";
}

}  // namespace

Judgement judge_webhook(const facts::Observation& observation, const plan::Plan& plan) {
  const names::Names names(observation.cluster->metadata.name);
  const int wanted = wanted_webhooks(observation);
  if (observation.webhook && wanted == 0) {
    return {.reason = "ScaledToZero",
            .message = "No webhook server is wanted: deliveries are refused until spec.webhook.replicas is raised.",
            .is_final = observation.webhook->status.replicas == 0};
  }
  auto judgement = unless_held(plan, resources::kWebhook,
                               judge_deployment(observation.webhook, names.webhook(), wanted, "webhook servers"));
  judgement = unless_unable_to_store(observation, std::move(judgement));
  judgement.message += openness_of(observation) + blindness_of(observation) + spooling_of(observation) +
                       unanswered_of(plan) + uncompared_of(observation);
  return judgement;
}

}  // namespace cadence::status
