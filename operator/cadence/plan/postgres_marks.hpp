// What we write onto objects whose content is others': the Lease's labels, owner and requests to the agents; a pod's
// role and the word that its configuration has changed; the rw Service's address, where its agent failed to write it.
// Pure. Promises: one document an object, under a field manager of its own; nothing that an agent writes is undone by
// an older view.
#pragma once

#include "cadence/plan/postgres_operation.hpp"
#include "cadence/plan/postgres_recovery.hpp"

namespace cadence::plan {

// "HASH TIME" on a pod: writing it makes the kubelet look at the pod's mounts at once.
inline constexpr const char* kConfigurationAnnotation = "cadence.noslop.tech/configuration";
struct ConfigurationMark {
  std::string hash;
  base::Wall at;
};
std::optional<ConfigurationMark> configuration_mark(const PostgresInstance& instance);

void plan_lease_marks(const Observation& observation, const resources::Context& context, const PostgresView& view,
                      const PostgresRecovery& recovery, const PostgresOperation& operation, Plan& plan);
void plan_pod_marks(const resources::Context& context, const PostgresView& view, const PostgresInstance& instance,
                    base::Wall now, Plan& plan);
void plan_endpoints(const Observation& observation, const resources::Context& context, const PostgresView& view,
                    Plan& plan);

}  // namespace cadence::plan
