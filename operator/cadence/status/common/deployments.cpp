#include "cadence/status/common/deployments.hpp"

namespace cadence::status {

std::string counted(int ready, int wanted) { return std::to_string(ready) + "/" + std::to_string(wanted); }

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

Judgement unless_held(const plan::Plan& plan, const char* component, Judgement judgement) {
  const auto held = plan.held.find(component);
  if (held == plan.held.end()) return judgement;
  return {.reason = held->second.reason,
          .message = held->second.message + " Nothing is changed before that: " + judgement.message};
}

}  // namespace cadence::status
