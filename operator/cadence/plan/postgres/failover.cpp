#include "cadence/plan/postgres/failover.hpp"

#include "cadence/facts/primary_loss.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::plan {

std::optional<Action> plan_release(const facts::Observation& observation, base::Wall now) {
  if (!observation.postgres_lease || observation.cluster->spec.paused ||
      !observation.cluster->metadata.deletion_timestamp.empty())
    return std::nullopt;
  const auto view = facts::view_postgres(observation);
  const auto because = facts::proof_of_death(observation, view);
  if (because.empty() || !facts::can_elect(view)) return std::nullopt;
  const auto& lease = *observation.postgres_lease;
  auto document =
      postgres::released(kube::core::to_document(lease), {because, {}, ""}, base::format_rfc3339_micro(now));
  const facts::ChildId object{"Lease", lease.metadata.name};
  return Action{ReplaceObject{&kube::types::Lease::kind_info(), std::move(document)}, object, "PrimaryDead",
                "Released " + object.to_string() + " of " + view.primary + ": " + because};
}

}  // namespace cadence::plan
