#include "store/sqlite_endings.hpp"

#include "store/sqlite_outbox.hpp"

namespace cadence::store {

using base::Result;

namespace {

constexpr const char* kToHistory =
    "insert into job_history select id, event_type, url, repo, full_name, branch, commit_id, author, created_at, "
    "generation, attempt, "
    "replica, case ?1 when 'completed' then 'completed' else progress end, ?1, ?2, ?3, ?4 from job where id = ?5";
constexpr const char* kIsLost =
    "claimed_by <> '' and not exists (select 1 from worker w where w.incarnation = job.claimed_by and w.lease_until > "
    "?1)";

// From the queue into the history, with the status that is owed for it; `error` empty: completed.
Result<void> end_job(SqliteDatabase& database, const std::string& id, const std::string& error,
                     const std::string& summary, bool is_owed, std::int64_t time) {
  const std::string status = error.empty() ? "completed" : "failed";
  auto kept = database.run(kToHistory, {status, error, summary, time, id});
  if (!kept) return kept.error();
  if (auto gone = database.run("delete from job where id = ?1", {id}); !gone) return gone.error();
  return owe_verdict(database, id, is_owed, time);
}

}  // namespace

Result<bool> complete_job(SqliteDatabase& database, const queue::Worker& worker, const queue::Claim& claim,
                          const queue::Outcome& outcome, bool is_owed, std::int64_t time) {
  bool is_held = false;
  auto held =
      database.run("select 1 from job where id = ?1 and claimed_by = ?2 and attempt = ?3 and generation = ?4",
                   {claim.job_id, worker.incarnation, std::int64_t{claim.attempt}, std::int64_t{claim.generation}},
                   [&](const SqliteRow&) { is_held = true; });
  if (!held) return held.error();
  if (!is_held) return false;
  if (!outcome.result.empty()) {
    auto stored = database.run("insert into result (job_id, generation, body) values (?1, ?2, ?3)",
                               {claim.job_id, std::int64_t{claim.generation}, outcome.result});
    if (!stored) return stored.error();
  }
  if (auto ended = end_job(database, claim.job_id, outcome.error, outcome.summary, is_owed, time); !ended)
    return ended.error();
  return true;
}

Result<queue::Rescued> rescue_jobs(SqliteDatabase& database, int max_attempts, std::int64_t time) {
  std::vector<std::pair<std::string, std::int64_t>> hopeless;
  auto read = database.run(std::string("select id, attempt from job where attempt >= ?2 and ") + kIsLost,
                           {time, std::int64_t{max_attempts}},
                           [&](const SqliteRow& row) { hopeless.emplace_back(row.text(0), row.number(1)); });
  if (!read) return read.error();
  for (const auto& [id, attempts] : hopeless) {
    const auto error = "analysis failed: the replica running it was lost " + std::to_string(attempts) + " times";
    if (auto ended = end_job(database, id, error, {}, false, time); !ended) return ended.error();
  }
  auto freed = database.run(
      std::string("update job set claimed_by = '', progress = '', updated_at = ?1 where ") + kIsLost, {time});
  if (!freed) return freed.error();
  auto tidied = database.run("delete from worker where lease_until < ?1 - 3600000000", {time});
  if (!tidied) return tidied.error();
  return queue::Rescued{*freed, static_cast<int>(hopeless.size())};
}

}  // namespace cadence::store
