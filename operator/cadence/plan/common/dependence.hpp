// Which writes of a plan wait once one before them was refused. Pure; what refuses is not known here.
// Promises: what makes or mends an object waits only for what it is made of, so that one refusal does not keep the rest
// from healing; what removes, restarts or hands over waits for every write of its component; the same object is never
// written after a refusal.
#pragma once

#include <vector>

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// Writes into each action what must_wait asks for.
void note_dependence(const facts::Observation& observation, Plan& plan);

// `refused`: what was refused before it, or waited for that.
bool must_wait(const Action& action, const std::vector<const Action*>& refused);

}  // namespace cadence::plan
