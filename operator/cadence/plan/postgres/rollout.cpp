// A new template (image, resources, flags): standbys first, one at a time, each back and streaming before the next; the
// primary last, as a standby, after it has handed over.
#include <algorithm>

#include "cadence/facts/accounts.hpp"
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

// While the primary takes writes, those that may acknowledge them stream, and nobody else is away.
std::string what_a_commit_lacks(const facts::PostgresView& view) {
  const auto* primary = view.primary_instance();
  const bool takes_writes = primary != nullptr && primary->report != nullptr && primary->report->is_writable;
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.is_fenced) continue;
    if (!instance.is_running()) return instance.name + " to run";
    if (!takes_writes || instance.name == view.primary) continue;
    if (instance.report == nullptr || !instance.report->is_streaming) return instance.name + " to stream";
  }
  return {};
}

}  // namespace

PostgresOperation let_in_again(const facts::Observation& observation, const facts::PostgresView& view) {
  const auto refused = facts::instances_without_account(observation, view);
  if (refused.empty()) return {};
  if (const auto lacks = what_a_commit_lacks(view); !lacks.empty())
    return {Kind::Wait, "", "", "", "Waits for " + lacks + " before a pod that the API server refuses is replaced"};
  const auto standby = std::find_if(refused.begin(), refused.end(),
                                    [&](const auto* instance) { return instance->name != view.primary; });
  const auto& name = (standby == refused.end() ? refused.front() : *standby)->name;
  return {Kind::Delete, name, "", "Replaced",
          "Replaced Pod " + name + ": the API server refuses its agent, whose ServiceAccount was deleted"};
}

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
