// Whose objects bear the names that a cluster's children have. Pure.
// Promises: what is not ours is never changed, taken over or removed, and is named with the way out; what is ours and
// has lost its labels gets them back before anything else is done, because without them it looks as if it were not
// there; where that is refused, its component alone waits. The same for owners, which a deletion with --cascade=orphan
// takes away: without them passwords and servers outlive the cluster.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cadence/facts/wishes.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// All that the cluster may consist of now, there or not; of a spec that is not carried out the Lease alone, because who
// is primary is said all the same.
std::vector<facts::ExpectedObject> expected_objects(const facts::Observation& observation);

// Gives labels and owners back (Plan::first): the rest of the plan comes only where none of that could be done.
// Returns the components whose objects were seen so and cannot be judged now, by label; "": nothing can.
std::set<std::string> take_back(const facts::Observation& observation, Plan& plan);

// After all else: drops the writes that meet somebody else's object and the pods that would use one, and says so. What
// is new may only be made where nothing is.
void spare_others(const facts::Observation& observation, Plan& plan);

}  // namespace cadence::plan
