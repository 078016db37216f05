// The children of the PostgreSQL component: pods and volumes of their own, without a StatefulSet.
// Who is primary is the Lease's and the agents' business, not said here.
#pragma once

#include <vector>

#include "cadence/resources/common/context.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"
#include "kube/types/policy.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::resources {

// The postgresql.conf fragment: documented base values under the user's parameters, one a line, sorted.
std::string postgres_configuration(const Context& context);

kube::types::ConfigMap build_postgres_config(const Context& context);
std::vector<kube::types::Service> build_postgres_services(const Context& context);  // headless, rw, ro, r
// What stands behind the rw Service, which has no selector: made empty here, filled in by the agent of whoever is
// primary.
kube::types::EndpointSlice build_postgres_endpoints(const Context& context);
// One for the primary, which is not evicted while it is primary, and one for the standbys; a single instance has
// neither.
std::vector<kube::types::PodDisruptionBudget> build_postgres_pdbs(const Context& context);
// `number` from 1. Instance 1 alone may initialise a database.
kube::types::Pod build_postgres_pod(const Context& context, int number);
kube::types::PersistentVolumeClaim build_postgres_volume(const Context& context, int number);
// Only with spec.postgres.storage.walSize.
kube::types::PersistentVolumeClaim build_postgres_wal_volume(const Context& context, int number);

}  // namespace cadence::resources
