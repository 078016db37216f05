// The outbox as rows of SQLite, and what fills it within the transactions that accept and end jobs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "queue/outbox.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// Within a transaction of the caller's; `time`: microseconds since 1970. A job that is new or queued again:
base::Result<void> owe_pending(SqliteDatabase& database, const std::string& job_id, const queue::JobSpec& spec,
                               std::int64_t time);
// A job that is in the history; `is_owed`: a status is made even where nobody was told that it began.
base::Result<void> owe_verdict(SqliteDatabase& database, const std::string& job_id, bool is_owed, std::int64_t time);
// What is left of jobs that no history has any more; rows removed.
base::Result<int> purge_outbox(SqliteDatabase& database, std::int64_t before, int batch);

// Runs a body with one of the store's connections in its turn: the one that writes, in a transaction, or the one that
// reads.
using Using = std::function<base::Result<void>(const std::function<base::Result<void>(SqliteDatabase&)>&)>;

std::unique_ptr<queue::Outbox> make_sqlite_outbox(Using writer, Using reader);

}  // namespace cadence::store
