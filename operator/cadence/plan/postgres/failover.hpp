// Taking the Lease from a primary that is dead beyond doubt, so that its standbys need not wait for it to fall silent.
// Pure. Promises: without proof that the holder's server does not run, or cannot acknowledge anything, nothing is
// released; nor where nobody could be elected, since the holder itself may come back sooner. The write fails on any
// Lease but the one that was seen.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/postgres.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// Reads the Lease and the pods only, so that it can be asked before anything is probed.
std::optional<Action> plan_release(const facts::Observation& observation, base::Wall now);

}  // namespace cadence::plan
