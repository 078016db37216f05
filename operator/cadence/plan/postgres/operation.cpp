#include "cadence/plan/postgres/operation.hpp"

#include "cadence/plan/common/drift.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::plan {

using Kind = PostgresOperation::Kind;

PostgresOperation next_operation(const facts::Observation& observation, const resources::Context& context,
                                 const facts::PostgresView& view, base::Wall now, std::vector<Objection>& objections) {
  if (auto let_in = let_in_again(observation, view); let_in.kind != Kind::None) return let_in;
  // Without a primary, or with one that is silent, the agents decide; nothing may be taken from them.
  if (!view.is_initialised || view.primary.empty() || view.is_silent) return {};
  if (auto asked = wanted_switchover(observation, view, objections); asked.kind != Kind::None) return asked;
  if (auto drained = leave_drained_node(observation, context, view, objections); drained.kind != Kind::None)
    return drained;
  if (auto fewer = scale_down(observation, context, view); fewer.kind != Kind::None) return fewer;
  if (auto renewed = roll_out(observation, context, view); renewed.kind != Kind::None) return renewed;
  return restart_for_parameters(observation, context, view, now);
}

std::string disturbance(const facts::PostgresView& view) {
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.is_fenced) continue;
    if (!instance.is_ready()) return instance.name + " to be ready";
    if (instance.report == nullptr) return "an answer of " + instance.name;
    if (instance.name == view.primary) continue;
    if (!instance.report->is_streaming) return instance.name + " to stream";
    // One that came back streams before the primary counts on it: until then a commit may wait for another one alone.
    if (view.published && view.published->number > 0 && !view.published->has(instance.name))
      return instance.name + " to be among those that a commit may wait for";
  }
  return {};
}

PostgresOperation hand_over(const facts::Observation& observation, const resources::Context& context,
                            const facts::PostgresView& view, const std::string& because) {
  const auto successor = best_successor(observation, context, view);
  if (successor.empty()) return {Kind::Wait, "", "", "", "Waits for a standby that can take over: " + because};
  return {Kind::Switchover, successor, "", "Switchover",
          "Asked for a switchover from " + view.primary + " to " + successor + ": " + because};
}

bool is_outdated(const resources::Context& context, const facts::PostgresInstance& instance) {
  if (!instance.pod) return false;
  const auto applied = instance.pod->metadata.annotations.find(names::kIntentAnnotation);
  const auto intent = kube::core::to_document(resources::build_postgres_pod(context, instance.number));
  return applied == instance.pod->metadata.annotations.end() || applied->second != fingerprint(intent);
}

}  // namespace cadence::plan
