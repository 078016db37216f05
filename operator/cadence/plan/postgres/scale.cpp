// Fewer instances: the highest number first, never the primary, and only once the published synchronous set does
// without it.
#include "cadence/plan/postgres/operation.hpp"

namespace cadence::plan {

using Kind = PostgresOperation::Kind;

PostgresOperation scale_down(const facts::Observation& observation, const resources::Context& context,
                             const facts::PostgresView& view) {
  const facts::PostgresInstance* last = nullptr;
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted && instance.exists()) last = &instance;
  }
  if (last == nullptr) return {};
  if (last->is_going()) return {Kind::Wait, "", "", "", "Waits for Pod " + last->name + " to end"};
  if (last->name == view.primary)
    return hand_over(observation, context, view, "spec.postgres.instances is lower than the number of " + last->name);
  // The agents no longer count it, so the primary takes it out of the set before it may go: no commit waits for it or
  // relies on it.
  if (!view.published || view.published->has(last->name)) {
    return {Kind::Wait, "", "", "",
            "Waits until the primary no longer counts " + last->name + " among its synchronous standbys"};
  }
  return {Kind::Delete, last->name, "", "Removed",
          "Removed Pod " + last->name + ": spec.postgres.instances is lower; its volume stays"};
}

}  // namespace cadence::plan
