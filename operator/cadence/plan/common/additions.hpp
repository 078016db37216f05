// What others put into our objects that changes whom they reach or whether they act: an extra key of a Service's
// selector leads to no pod, a paused Deployment is not rolled out. Server-side apply never takes away what somebody
// else added, so it is taken away here. Pure. Promises: additions that change nothing of this kind (labels,
// annotations, sidecars in a template) are left alone.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// The merge patch (RFC 7386) that takes them away; null: there are none.
json::Value additions_in(const std::string& kind, const json::Value& intent, const json::Value& live);

Plan plan_additions(const facts::Observation& observation, const std::vector<resources::Document>& documents,
                    base::Wall now);

}  // namespace cadence::plan
