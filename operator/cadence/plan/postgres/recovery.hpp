// Who brings the database back when no Lease tells of it: every volume is asked what it holds
// (postgres/rules/recovery.hpp chooses), and the Lease tells the agents. Pure. Promises: decided once; until then only
// pods on existing volumes run, and no volume is made; a volume that somebody deletes or sets aside is no longer waited
// for.
#pragma once

#include "cadence/facts/recovery.hpp"

namespace cadence::plan {

struct PostgresRecovery {
  bool is_due = false;
  postgres::RecoveryDecision decision;
  [[nodiscard]] bool is_decided() const { return !decision.instance.empty(); }
};
PostgresRecovery recovery_of(const facts::Observation& observation, const facts::PostgresView& view);

// What it waits for, and what people can do where that never comes; whole sentences. Empty: nothing is to be recovered.
std::string to_sentences(const PostgresRecovery& recovery);

}  // namespace cadence::plan
