// Whether the load balancer that the spec asks for stands. Pure.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/status/common/judgement.hpp"

namespace cadence::status {

api::LoadBalancerStatus load_balancer_status(const facts::Observation& observation);
Judgement judge_load_balancer(const facts::Observation& observation, const plan::Plan& plan);

}  // namespace cadence::status
