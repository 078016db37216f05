// Jobs as rows of SQLite, and a call's turn at a connection. Knows the order of the columns that the store selects, not
// its statements.
#pragma once

#include <chrono>
#include <mutex>

#include "base/result.hpp"
#include "queue/store.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// From column `first`: event_type, url, repo, full_name, branch, commit_id, author.
queue::JobSpec spec_of(const SqliteRow& row, int first);
// id, a spec, then status, progress, error, replica, attempt, generation, summary, created_at, updated_at.
queue::Job job_of(const SqliteRow& row);

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
