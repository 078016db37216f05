// Whether Redis serves every slot, and with which nodes. Pure.
#pragma once

#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/status/common/judgement.hpp"

namespace cadence::status {

api::RedisStatus redis_status(const facts::Facts& facts, const plan::Plan& plan);
Judgement judge_redis(const facts::Facts& facts, const api::RedisStatus& redis);

}  // namespace cadence::status
