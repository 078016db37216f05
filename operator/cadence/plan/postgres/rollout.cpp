// A new template (image, resources, flags): standbys first, one at a time, each back and streaming before the next; the
// primary last, as a standby, after it has handed over.
#include "cadence/plan/postgres/operation.hpp"

namespace cadence::plan {
namespace {

using Kind = PostgresOperation::Kind;

bool is_alone(const facts::PostgresView& view) {
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && instance.name != view.primary) return false;
  }
  return true;
}

PostgresOperation replace(const facts::PostgresInstance& instance) {
  return {Kind::Delete, instance.name, "", "Replaced", "Replaced Pod " + instance.name + ": its template has changed"};
}

bool are_others_ready(const facts::PostgresView& view, const facts::PostgresInstance& one) {
  for (const auto& other : view.instances) {
    if (other.is_wanted && !other.is_fenced && other.name != one.name && !other.is_ready()) return false;
  }
  return true;
}

// A pod that is not ready may need the new template to become so (a wrong image, no room): it goes where no server runs
// in it, or where it alone is away.
const facts::PostgresInstance* broken(const facts::PostgresView& view,
                                      const std::vector<const facts::PostgresInstance*>& outdated) {
  for (const auto* instance : outdated) {
    if (instance->name == view.primary || instance->is_ready() || instance->is_going()) continue;
    if (!instance->is_running() || are_others_ready(view, *instance)) return instance;
  }
  return nullptr;
}

}  // namespace

PostgresOperation roll_out(const facts::Observation& observation, const resources::Context& context,
                           const facts::PostgresView& view) {
  std::vector<const facts::PostgresInstance*> outdated;
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && is_outdated(context, instance)) outdated.push_back(&instance);
  }
  if (outdated.empty()) return {};
  if (const auto* instance = broken(view, outdated)) return replace(*instance);
  if (const auto waits_for = disturbance(view); !waits_for.empty())
    return {Kind::Wait, "", "", "", "Waits for " + waits_for + " before the roll-out goes on"};
  for (const auto* instance : outdated) {
    if (instance->name != view.primary) return replace(*instance);
  }
  return is_alone(view) ? replace(*outdated.front())
                        : hand_over(observation, context, view, "the template of Pod " + view.primary + " has changed");
}

}  // namespace cadence::plan
