// PostgreSQL's pods, the requests to their agents, and the one disruptive step that is due. Pure.
// Promises: instance 1 alone may initialise, the others wait for its system identifier in the Lease; a pod is taken
// away by one rule only (operation.hpp), or when it has ended by itself; volumes are never deleted. Who is
// primary is read from the Lease, from nothing else. The Lease of a dead primary is released elsewhere and faster
// (failover.hpp).
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/plan/postgres/recovery.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

Plan plan_postgres(const facts::Facts& facts, const PostgresRecovery& recovery, const resources::Context& context,
                   base::Wall now);

}  // namespace cadence::plan
