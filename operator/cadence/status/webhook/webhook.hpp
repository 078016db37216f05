// Whether the webhook servers take deliveries and can keep them. Pure.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/status/common/judgement.hpp"

namespace cadence::status {

api::WebhookStatus webhook_status(const facts::Observation& observation);
Judgement judge_webhook(const facts::Observation& observation, const plan::Plan& plan);

}  // namespace cadence::status
