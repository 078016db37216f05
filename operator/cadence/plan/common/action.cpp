#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

void look_again(Plan& plan, std::chrono::milliseconds delay, const std::string& reason) {
  if (plan.requeue_after && *plan.requeue_after <= delay) return;
  plan.requeue_after = delay;
  plan.requeue_reason = reason;
}

std::string to_text(const Plan& plan) {
  std::string out;
  for (const auto& error : plan.invalid)
    out += "invalid: " + json::string_at(error, {"path"}) + ": " + json::string_at(error, {"problem"}) + "\n";
  for (const auto& gap : plan.gaps) out += "not implemented: " + gap.component + ": " + gap.message + "\n";
  for (const auto& action : plan.actions) out += action.reason + ": " + action.why + "\n";
  for (const auto& [component, why] : plan.held) out += "held back: " + component + ": " + why.message + "\n";
  for (const auto& objection : plan.objections) out += objection.reason + ": " + objection.message + "\n";
  if (!plan.postgres_operation.empty()) out += "postgres: " + plan.postgres_operation + "\n";
  if (!plan.redis_operation.empty()) out += "redis: " + plan.redis_operation + "\n";
  if (plan.requeue_after)
    out += "again in " + std::to_string(plan.requeue_after->count()) + " ms: " + plan.requeue_reason + "\n";
  return out;
}

}  // namespace cadence::plan
