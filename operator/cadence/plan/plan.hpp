// From what is wanted and what is, to the next writes. Pure; the rule book of the operator.
// Promises: the same input gives the same plan; a spec that cannot be carried out, or a pause, gives a plan without
// actions; where everything is as wanted the plan is empty.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

Plan make_plan(const facts::Facts& facts, const resources::Images& images, base::Wall now);

}  // namespace cadence::plan
