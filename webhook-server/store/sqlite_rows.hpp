// Jobs as rows of SQLite, and a call's turn at a connection. Knows the order of the columns that the store selects, not
// its statements.
#pragma once

#include <chrono>
#include <mutex>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "queue/store.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// From column `first`: event_type, url, repo, full_name, branch, commit_id, author.
queue::JobSpec spec_of(const SqliteRow& row, int first);
// id, a spec, then status, progress, error, replica, attempt, generation, summary, created_at, updated_at.
queue::Job job_of(const SqliteRow& row);

// Times are microseconds.
inline std::int64_t now() { return base::system_clock().wall().time_since_epoch().count(); }
inline std::int64_t micros(std::chrono::microseconds span) { return span.count(); }
// Of a statement whose number of rows is nobody's concern.
inline base::Result<void> done(const base::Result<int>& ran) {
  return ran ? base::ok() : base::Result<void>(ran.error());
}

// The time goes to those before it, and what is left of it to other processes that hold the file.
class Turn {
 public:
  Turn(std::timed_mutex& mutex, SqliteDatabase& database, std::chrono::milliseconds limit);
  explicit operator bool() const { return lock_.owns_lock(); }
  static base::Error refusal() { return {base::ErrorKind::Transient, "The database file is held by others"}; }

 private:
  std::unique_lock<std::timed_mutex> lock_;
};

}  // namespace cadence::store
