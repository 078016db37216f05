// PostgreSQL's volumes: made, and grown. Pure. Planned before everything else, because a full volume keeps all else from working.
// Promises: never shrunk, never deleted; growth waits for nobody's health.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/postgres_view.hpp"

namespace cadence::plan {

void plan_postgres_volumes(const Observation& observation, const resources::Context& context, Plan& plan);

}  // namespace cadence::plan
