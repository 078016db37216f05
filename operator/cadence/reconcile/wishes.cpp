#include "cadence/reconcile/wishes.hpp"

#include "cadence/plan/common/troubles.hpp"
#include "cadence/plan/ownership.hpp"
#include "cadence/plan/references.hpp"
#include "cadence/plan/secrets/secrets.hpp"

namespace cadence::reconcile {
namespace {

std::vector<std::string> named_secrets(const api::CadenceCluster& cluster) {
  std::vector<std::string> out;
  for (const auto& reference : plan::secret_references(cluster)) out.push_back(reference.name);
  return out;
}

std::vector<std::string> whole_secrets(const facts::Observation& observation) {
  std::vector<std::string> out;
  for (const auto& recipe : plan::wanted_secrets(*observation.cluster)) {
    const auto* live = observation.child("Secret", recipe.name);
    if (live != nullptr && plan::is_whole(recipe, *live)) out.push_back(recipe.name);
  }
  return out;
}

}  // namespace

observe::Wishes planners_wishes() {
  return {.objects = plan::expected_objects,
          .secrets = named_secrets,
          .warnings = plan::unexplained,
          .keepsakes = whole_secrets};
}

}  // namespace cadence::reconcile
