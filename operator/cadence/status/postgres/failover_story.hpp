// The newest change of primary, as the new primary's agent wrote it into the Lease: for status and for one event. Pure.
#pragma once

#include <optional>
#include <string>

#include "cadence/api/status.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::status {

// Nothing when the annotation is empty or holds no change from one instance to another.
std::optional<postgres::Failover> read_failover(const std::string& annotation);

api::LastFailover last_failover_of(const postgres::Failover& story);
bool is_planned(const postgres::Failover& story);
// "c-postgres-2 is primary after c-postgres-1: …. No write was possible for 1.284 s (disarm 52 ms, …). Waited for
// c-postgres-3."
std::string to_sentence(const postgres::Failover& story);

}  // namespace cadence::status
