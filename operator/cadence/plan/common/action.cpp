#include "cadence/plan/common/action.hpp"

#include <iterator>

namespace cadence::plan {

void add(Plan& plan, Plan part) {
  const auto move_all = [](auto& from, auto& into) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move_all(part.actions, plan.actions);
  move_all(part.invalid, plan.invalid);
  move_all(part.gaps, plan.gaps);
  move_all(part.objections, plan.objections);
  plan.held.merge(part.held);
  if (!part.postgres_operation.empty()) plan.postgres_operation = std::move(part.postgres_operation);
  if (!part.redis_operation.empty()) plan.redis_operation = std::move(part.redis_operation);
  if (part.requeue_after) look_again(plan, *part.requeue_after, part.requeue_reason);
}

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
