#include "kube/core/conditions.hpp"

#include <algorithm>

namespace cadence::kube::core {

void set_condition(std::vector<Condition>& conditions, Condition condition, base::Wall now) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.type == condition.type; });
  const bool has_flipped = found == conditions.end() || found->status != condition.status;
  condition.last_transition_time = has_flipped ? base::format_rfc3339(now) : found->last_transition_time;
  if (found == conditions.end()) conditions.push_back(std::move(condition));
  else *found = std::move(condition);
}

const Condition* find_condition(const std::vector<Condition>& conditions, const std::string& type) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace cadence::kube::core
