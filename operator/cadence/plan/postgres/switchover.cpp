// Planned changes of primary: asked for by the user, or because the primary's node is being drained.
#include <algorithm>
#include <tuple>

#include "cadence/plan/postgres/operation.hpp"

namespace cadence::plan {
namespace {

using Kind = PostgresOperation::Kind;

// More than this takes longer to catch up with than writers should wait.
constexpr std::int64_t kMostLag = std::int64_t{16} << 20;

Objection objection(const std::string& reason, const std::string& target, const std::string& problem) {
  return {reason, "spec.postgres.switchoverTo: " + target + " " + problem + ". The primary stays as it is."};
}

// The primary's own word: a standby whose receiver hangs believes for long that it streams.
bool is_streamed_to(const postgres::InstanceStatus& primary, const std::string& standby) {
  return std::any_of(primary.replication.begin(), primary.replication.end(),
                     [&](const auto& row) { return row.name == standby && row.state == "streaming"; });
}

// Of a primary that should leave its node.
std::string why_nobody_follows(const facts::PostgresView& view) {
  std::string out;
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.name == view.primary) continue;
    const auto problem = objection_to_switchover(view, instance.name);
    out += (out.empty() ? "" : "; ") + instance.name + " " +
           (problem.empty() ? "is on a node that is being left, too" : problem);
  }
  if (!out.empty()) return "no standby can take over now: " + out + ".";
  return "it is the only instance. Raise spec.postgres.instances, so that there is somebody to hand over to, or delete "
         "Pod " +
         view.primary +
         " by hand: the database is away until it runs again, on another node if its volume can move there.";
}

}  // namespace

std::string objection_to_switchover(const facts::PostgresView& view, const std::string& target) {
  const auto* standby = view.find(target);
  const auto* primary = view.primary_instance();
  if (standby == nullptr || !standby->exists()) return "has no pod: wait until it exists, or name another instance";
  if (standby->is_fenced) return "is fenced: take it out of spec.postgres.fenced first";
  if (!standby->is_ready()) return "is not ready: look at its pod, or name another instance";
  if (standby->report == nullptr) return "does not answer the operator: look at its pod";
  if (!standby->report->is_streaming)
    return "does not stream from the primary: wait until it has joined, or name another instance";
  if (primary != nullptr && primary->report != nullptr && !is_streamed_to(*primary->report, target))
    return "is not streamed to by the primary, which no longer hears it: wait until it has caught up, or name another "
           "instance";
  if (!view.published || !view.published->has(target))
    return "is not in the published synchronous set, so it may lack acknowledged commits: wait until it has caught up";
  const auto lag = primary == nullptr || primary->report == nullptr ? std::nullopt
                                                                    : facts::lag_of(*primary->report, *standby->report);
  if (!lag) return "cannot be compared with the primary, which does not say where it is: look at the primary's pod";
  if (*lag > kMostLag)
    return "is " + std::to_string(*lag >> 20) + " MiB behind: wait until it is less than 16 MiB behind";
  return {};
}

std::string best_successor(const facts::Observation& observation, const resources::Context& context,
                           const facts::PostgresView& view) {
  const facts::PostgresInstance* best = nullptr;
  const auto rank = [&](const facts::PostgresInstance& instance) {
    const auto lag = facts::lag_of(*view.primary_instance()->report, *instance.report).value_or(0);
    // Whom we asked for before stays asked for, as long as it may.
    const bool is_other = facts::lease_annotation(observation, postgres::kSwitchoverToAnnotation) != instance.name;
    return std::tuple(is_other, is_outdated(context, instance), instance.report->is_restart_pending, lag,
                      instance.number);
  };
  for (const auto& instance : view.instances) {
    if (instance.name == view.primary || !instance.is_wanted || instance.is_on_drained_node ||
        !objection_to_switchover(view, instance.name).empty())
      continue;
    if (best == nullptr || rank(instance) < rank(*best)) best = &instance;
  }
  return best == nullptr ? std::string() : best->name;
}

PostgresOperation wanted_switchover(const facts::Observation& observation, const facts::PostgresView& view,
                                    std::vector<Objection>& objections) {
  const auto& target = observation.cluster->spec.postgres.switchover_to;
  if (target.empty() || target == view.primary) return {};
  const auto* instance = view.find(target);
  if (instance == nullptr || !instance->is_wanted) {
    std::string known;
    for (const auto& candidate : view.instances) {
      if (candidate.is_wanted) known += (known.empty() ? "" : ", ") + candidate.name;
    }
    objections.push_back(objection("InvalidSpec", target, "is none of the instances: name one of " + known));
    return {};
  }
  // What was asked for is remembered where it was done, so that a later failover is not undone by an old wish.
  if (facts::lease_annotation(observation, names::kSwitchoverDoneAnnotation) == target) return {};
  if (const auto problem = objection_to_switchover(view, target); !problem.empty()) {
    objections.push_back(objection("SwitchoverRefused", target, problem));
    return {};
  }
  return {Kind::Switchover, target, "", "Switchover",
          "Asked for a switchover from " + view.primary + " to " + target + ": spec.postgres.switchoverTo names it"};
}

PostgresOperation leave_drained_node(const facts::Observation& observation, const resources::Context& context,
                                     const facts::PostgresView& view, std::vector<Objection>& objections) {
  const auto* primary = view.primary_instance();
  if (primary == nullptr || !primary->is_on_drained_node) return {};
  if (best_successor(observation, context, view).empty()) {
    objections.push_back(
        {"DrainBlocked", "Node " + primary->pod->spec.node_name +
                             " takes no more pods (cordoned, or being drained), and primary " + view.primary +
                             " stays on it, kept by its disruption budget: " + why_nobody_follows(view)});
    return {};
  }
  return hand_over(observation, context, view, "node " + primary->pod->spec.node_name + " is being drained");
}

}  // namespace cadence::plan
