// Taking the Lease from a primary that is dead beyond doubt, so that its standbys need not wait for it to fall silent.
// Pure. Promises: without proof that the holder's server does not run, or cannot acknowledge anything, nothing is
// released; nor where nobody could be elected, since the holder itself may come back sooner. The write fails on any
// Lease but the one that was seen.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/postgres.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// Why the holder is known to be dead: one sentence; empty without proof.
std::string proof_of_death(const facts::Observation& observation, const facts::PostgresView& view);

// The published names whose servers run, and those that do not.
struct Electorate {
  std::vector<std::string> running, missing;
};
Electorate electorate_of(const facts::PostgresView& view);
// Enough of the published names run to elect one of them.
bool can_elect(const facts::PostgresView& view);

// Reads the Lease and the pods only, so that it can be asked before anything is probed.
std::optional<Action> plan_release(const facts::Observation& observation, base::Wall now);

}  // namespace cadence::plan
