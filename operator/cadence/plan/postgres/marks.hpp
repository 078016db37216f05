// What we write onto objects whose content is others': the Lease's labels, owner and requests to the agents; a pod's
// role and the word that its configuration has changed; the rw Service's address, where its agent failed to write it.
// Pure. Promises: one document an object, under a field manager of its own; nothing that an agent writes is undone by
// an older view.
#pragma once

#include "cadence/plan/postgres/operation.hpp"
#include "cadence/plan/postgres/recovery.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

struct ConfigurationMark {
  std::string hash;
  base::Wall at;
};
std::optional<ConfigurationMark> configuration_mark(const facts::PostgresInstance& instance);

void plan_lease_marks(const facts::Observation& observation, const resources::Context& context,
                      const facts::PostgresView& view, const PostgresRecovery& recovery,
                      const PostgresOperation& operation, Plan& plan);
void plan_pod_marks(const resources::Context& context, const facts::PostgresView& view,
                    const facts::PostgresInstance& instance, base::Wall now, Plan& plan);
void plan_endpoints(const facts::Observation& observation, const resources::Context& context,
                    const facts::PostgresView& view, Plan& plan);

}  // namespace cadence::plan
