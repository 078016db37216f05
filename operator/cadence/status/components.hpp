// The judgement of each component: True, False or Unknown, one CamelCase reason, a whole sentence. Pure.
#pragma once

#include <string>

#include "cadence/api/status.hpp"
#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"

namespace cadence::status {

struct Judgement {
  bool is_ready = false;
  std::string reason, message;
  bool is_final = false;  // nothing is on its way to change it: the spec would have to change
};

api::WebhookStatus webhook_status(const plan::Observation& observation);
api::LoadBalancerStatus load_balancer_status(const plan::Observation& observation);
api::RedisStatus redis_status(const plan::Observation& observation, const plan::Plan& plan);
api::PostgresStatus postgres_status(const plan::Observation& observation);

Judgement judge_webhook(const plan::Observation& observation, const plan::Plan& plan);
Judgement judge_load_balancer(const plan::Observation& observation, const plan::Plan& plan);
Judgement judge_redis(const plan::Observation& observation, const api::RedisStatus& redis);
Judgement judge_postgres(const plan::Observation& observation, const api::PostgresStatus& postgres);

}  // namespace cadence::status
