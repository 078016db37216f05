// Whether PostgreSQL's primary is dead beyond doubt, and whether those that are left can elect another. Pure. Promises:
// speaks of what the Lease and the pods say, so that it can be asked before anything is probed. Decides nothing.
#pragma once

#include <string>
#include <vector>

#include "cadence/facts/postgres.hpp"

namespace cadence::facts {

// Why the holder is known to be dead: one sentence; empty without proof.
std::string proof_of_death(const Observation& observation, const PostgresView& view);

// The published names whose servers run, and those that do not.
struct Electorate {
  std::vector<std::string> running, missing;
};
Electorate electorate_of(const PostgresView& view);
// Enough of the published names run to elect one of them.
bool can_elect(const PostgresView& view);

}  // namespace cadence::facts
