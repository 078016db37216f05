// Which load balancer stands, where it is not the one that the spec asks for. Pure.
#pragma once

#include "cadence/facts/observation.hpp"

namespace cadence::facts {

// The spec asks for a load balancer that this version lacks, and HAProxy stands: what works stays until its successor
// can be built.
bool keeps_haproxy(const Observation& observation);

}  // namespace cadence::facts
