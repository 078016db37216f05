// PostgreSQL's volumes: made, and grown. Pure. Planned before everything else, because a full volume keeps all else
// from working. Promises: never shrunk, never deleted; growth waits for nobody's health; a volume that somebody wants
// to look into (label cadence.noslop.tech/set-aside) is left as it is, and its instance gets another one, unless it is
// the only copy.
#pragma once

#include <map>

#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/plan/postgres/recovery.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

// The volumes that are not named like their instances: those of instances whose earlier ones are set aside.
std::map<int, std::string> claims_of(const facts::Observation& observation, const facts::PostgresView& view,
                                     std::vector<Objection>& objections);

Plan plan_postgres_volumes(const facts::Facts& facts, const PostgresRecovery& recovery,
                           const resources::Context& context);

}  // namespace cadence::plan
