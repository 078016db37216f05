// A new template (image, resources, flags): standbys first, one at a time, each back and streaming before the next; the primary last,
// as a standby, after it has handed over.
#include "cadence/plan/postgres_operation.hpp"

namespace cadence::plan {
namespace {

using Kind = PostgresOperation::Kind;

bool is_alone(const PostgresView& view) {
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && instance.name != view.primary) return false;
  }
  return true;
}

PostgresOperation replace(const PostgresInstance& instance) {
  return {Kind::Delete, instance.name, "", "Replaced", "Replaced Pod " + instance.name + ": its template has changed"};
}

// A pod that never came up (a wrong image, no room) is replaced although it is not ready: only the new template can mend it.
const PostgresInstance* broken(const PostgresView& view, const std::vector<const PostgresInstance*>& outdated) {
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.is_fenced || instance.is_ready()) continue;
    for (const auto* candidate : outdated) {
      if (candidate->name == instance.name && !instance.is_going() && instance.name != view.primary) return candidate;
    }
    return nullptr;  // another one is away: it comes back first
  }
  return nullptr;
}

}  // namespace

PostgresOperation roll_out(const Observation& observation, const resources::Context& context, const PostgresView& view) {
  std::vector<const PostgresInstance*> outdated;
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && is_outdated(context, instance)) outdated.push_back(&instance);
  }
  if (outdated.empty()) return {};
  if (const auto* instance = broken(view, outdated)) return replace(*instance);
  if (const auto waits_for = disturbance(view); !waits_for.empty()) return {Kind::Wait, "", "", "", "Waits for " + waits_for + " before the roll-out goes on"};
  for (const auto* instance : outdated) {
    if (instance->name != view.primary) return replace(*instance);
  }
  return is_alone(view) ? replace(*outdated.front()) : hand_over(observation, context, view, "the template of Pod " + view.primary + " has changed");
}

}  // namespace cadence::plan
