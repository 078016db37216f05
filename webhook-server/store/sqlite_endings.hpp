// How jobs end on SQLite: completed or failed by who holds the claim, or given up because their workers were lost; with
// the status that is owed for each. Within a transaction of the caller's. `time`: microseconds since 1970.
#pragma once

#include "queue/store.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// False: the claim is no longer held, and nothing was written.
base::Result<bool> complete_job(SqliteDatabase& database, const queue::Worker& worker, const queue::Claim& claim,
                                const queue::Outcome& outcome, bool is_owed, std::int64_t time);
base::Result<queue::Rescued> rescue_jobs(SqliteDatabase& database, int max_attempts, std::int64_t time);

}  // namespace cadence::store
