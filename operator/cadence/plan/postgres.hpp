// PostgreSQL's pods, volumes and role labels. Pure.
// Promises: instance 1 alone may initialise, the others wait for its system identifier in the Lease; a pod is never deleted while
// another one is missing or not ready; volumes are never deleted here. Who is primary is read from the Lease, from nothing else.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"
#include "cadence/plan/postgres_view.hpp"
#include "cadence/resources/context.hpp"

namespace cadence::plan {

// The holder of the Lease; empty when nobody is primary.
std::string postgres_primary(const Observation& observation);
bool is_postgres_initialised(const Observation& observation);

void plan_postgres(const Observation& observation, const resources::Context& context, Plan& plan);

}  // namespace cadence::plan
