// Whose turn it is, on SQLite: the same order as in postgres_claims.hpp, by the same table `turn` and an index of what
// waits, so a claim reads a handful of entries however long the queue is.
#pragma once

#include <string>
#include <vector>

#include "queue/store.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// Within a transaction of the caller's. `time`: microseconds since 1970.
base::Result<std::vector<queue::Claim>> claim_jobs(SqliteDatabase& database, const queue::Worker& worker,
                                                   queue::Room room, std::vector<std::string> held, std::int64_t time);

}  // namespace cadence::store
