// A database whose Lease is gone: the cluster was deleted and created again on its kept volumes. Every volume is asked
// what it holds (postgres/rules/recovery.hpp chooses), and the Lease tells the agents who brings the database back.
// Pure. Promises: decided once; until then only pods on existing volumes run, and no volume is made; a volume that
// somebody deletes or sets aside is no longer waited for.
#pragma once

#include "cadence/facts/postgres.hpp"
#include "postgres/rules/recovery.hpp"

namespace cadence::facts {

struct PostgresRecovery {
  bool is_due = false;
  postgres::RecoveryDecision decision;
  [[nodiscard]] bool is_decided() const { return !decision.instance.empty(); }
};
PostgresRecovery recovery_of(const Observation& observation, const PostgresView& view);

// The Lease was deleted under a primary that reigns: its agent makes it again with all that it knows. One of ours,
// which says nothing, would stop it.
bool is_made_again(const Observation& observation, const PostgresView& view);

// What it waits for, and what people can do where that never comes; whole sentences.
std::string to_sentences(const PostgresRecovery& recovery);

// A Lease of an earlier life of the cluster: nobody writes it any more, and it may tell of volumes that are gone.
bool is_left_over(const Observation& observation, const PostgresView& view);

}  // namespace cadence::facts
