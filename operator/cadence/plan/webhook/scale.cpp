#include "cadence/plan/webhook/scale.hpp"

#include <algorithm>

#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::plan {

std::optional<int> held_webhook_replicas(const facts::Observation& observation) {
  const auto& scaling = observation.cluster->spec.webhook.autoscaling;
  if (!scaling) return std::nullopt;
  if (!observation.webhook) return scaling->min_replicas;
  // An autoscaler leaves a Deployment of none alone, and one below its least count to the next look.
  const auto& live = *observation.webhook;
  const auto count = live.spec.replicas.value_or(1);
  const auto within = std::clamp(count, scaling->min_replicas, std::max(scaling->min_replicas, scaling->max_replicas));
  const auto set = live.metadata.annotations.find(names::kReplicasAnnotation);
  if (set != live.metadata.annotations.end())
    return set->second == std::to_string(count) ? std::optional(within) : std::nullopt;
  // Let go before, or made by an operator that did not note what it set: then the autoscaler has not begun yet.
  const auto name = names::Names(observation.cluster->metadata.name).webhook();
  return observation.child("HorizontalPodAutoscaler", name) == nullptr ? std::optional(within) : std::nullopt;
}

}  // namespace cadence::plan
