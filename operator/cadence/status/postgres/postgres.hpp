// Whether a client's commit would be acknowledged now, by which primary, kept by which standbys. Pure.
#pragma once

#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/status/common/judgement.hpp"

namespace cadence::status {

api::PostgresStatus postgres_status(const facts::Facts& facts);
Judgement judge_postgres(const facts::Facts& facts, const plan::Plan& plan, const api::PostgresStatus& postgres);

}  // namespace cadence::status
