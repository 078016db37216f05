// Parameters that need a restart. Standbys first, since a standby with less room than its primary stops replaying;
// where a parameter gets smaller the primary first, in place, for the same reason (postgres.md 1.10).
#include "base/text.hpp"
#include "cadence/plan/postgres/marks.hpp"
#include "cadence/plan/postgres/operation.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::plan {
namespace {

using Kind = PostgresOperation::Kind;

// From the file's arrival to the agent's word whether the server wants a restart for it.
constexpr std::chrono::seconds kSettling{5};

PostgresOperation restart(const facts::PostgresInstance& instance, const std::string& token) {
  return {Kind::Restart, instance.name, token, "Restarting",
          "Asked " + instance.name + " to restart its server: parameters need it"};
}

// Whose configuration is not the present one, or so fresh that nobody knows yet what it needs; empty: all have settled.
std::string unsettled(const facts::PostgresView& view, const std::string& wanted, base::Wall now) {
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.report == nullptr || instance.report->config_hash.empty()) continue;
    if (instance.report->config_hash != wanted) return instance.name;
    if (const auto mark = configuration_mark(instance); mark && now - mark->at < kSettling) return instance.name;
  }
  return {};
}

bool is_any_pending(const facts::PostgresView& view) {
  for (const auto& instance : view.instances) {
    if (instance.is_wanted && instance.report != nullptr && instance.report->is_restart_pending) return true;
  }
  return false;
}

}  // namespace

PostgresOperation restart_for_parameters(const facts::Observation& observation, const resources::Context& context,
                                         const facts::PostgresView& view, base::Wall now) {
  // as agents reckon config_hash
  const auto token = std::to_string(base::fnv1a(resources::postgres_configuration(context)));
  const auto late = unsettled(view, token, now);
  if (!late.empty() && (is_any_pending(view) || view.find(late)->report->config_hash != token)) {
    return {Kind::Wait, "", "", "", "Waits for the configuration to reach " + late};
  }
  if (!is_any_pending(view)) return {};
  const auto* primary = view.primary_instance();
  if (const auto waits_for = disturbance(view); !waits_for.empty())
    return {Kind::Wait, "", "", "", "Waits for " + waits_for + " before the restart for parameters"};
  if (primary->report->is_restart_pending && primary->report->is_decrease_pending) return restart(*primary, token);
  bool is_alone = true;
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || instance.name == view.primary) continue;
    is_alone = false;
    if (instance.report != nullptr && instance.report->is_restart_pending) return restart(instance, token);
  }
  if (!primary->report->is_restart_pending) return {};
  return is_alone ? restart(*primary, token)
                  : hand_over(observation, context, view, "parameters need a restart of " + view.primary);
}

}  // namespace cadence::plan
