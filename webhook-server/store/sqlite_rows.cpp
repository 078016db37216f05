#include "store/sqlite_rows.hpp"

#include <algorithm>

namespace cadence::store {

using std::chrono::milliseconds;

queue::JobSpec spec_of(const SqliteRow& row, int first) {
  return {row.text(first),
          row.text(first + 1),
          row.text(first + 2),
          row.text(first + 3),
          row.text(first + 4),
          row.text(first + 5),
          row.text(first + 6),
          {},
          {}};
}

queue::Job job_of(const SqliteRow& row) {
  queue::Job job;
  job.id = row.text(0);
  job.spec = spec_of(row, 1);
  job.status = queue::parse_status(row.text(8)).value_or(queue::JobStatus::Failed);
  job.progress = row.text(9);
  job.error = row.text(10);
  job.replica = row.text(11);
  job.attempts = static_cast<int>(row.number(12));
  job.generation = static_cast<int>(row.number(13));
  job.summary = row.text(14);
  job.created_at = base::Wall(std::chrono::microseconds(row.number(15)));
  job.updated_at = base::Wall(std::chrono::microseconds(row.number(16)));
  return job;
}

Turn::Turn(std::timed_mutex& mutex, SqliteDatabase& database, milliseconds limit) : lock_(mutex, std::defer_lock) {
  const auto begun = std::chrono::steady_clock::now();
  if (!lock_.try_lock_for(limit)) return;
  const auto waited = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
  database.wait_at_most(std::max(limit - waited, milliseconds(1)));
}

}  // namespace cadence::store
