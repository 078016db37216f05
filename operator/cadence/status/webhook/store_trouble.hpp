// What a webhook server says of its job store, for people: the reason with whom it concerns, and what to do about it.
// Promises: servers with the same reason are named together; a reason that is not known points to the pod's log. Pure.
#pragma once

#include <string>

#include "cadence/facts/observation.hpp"

namespace cadence::status {

// "c-webhook-a, c-webhook-b: PostgreSQL says: permission denied for table job (42501)"; only those that cannot write.
std::string store_reasons(const facts::Observation& observation);
// A sentence for each cause, in the order of the codes.
std::string store_steps(const facts::Observation& observation);

}  // namespace cadence::status
