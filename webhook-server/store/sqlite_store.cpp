#include "store/sqlite_store.hpp"

#include <algorithm>
#include <mutex>

#include "base/text.hpp"
#include "store/full_disk.hpp"
#include "store/job_lists.hpp"
#include "store/sqlite_claims.hpp"
#include "store/sqlite_database.hpp"
#include "store/sqlite_endings.hpp"
#include "store/sqlite_ledger.hpp"
#include "store/sqlite_migrations.hpp"
#include "store/sqlite_outbox.hpp"
#include "store/sqlite_rows.hpp"

namespace cadence::store {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using queue::Accepted;
using queue::Claim;
using std::chrono::milliseconds;

// Times are microseconds since 1970.
constexpr const char* kSpec = "id, event_type, url, repo, full_name, branch, commit_id, author";
// What waits is counted in the index of turns; the rest is few.
constexpr const char* kDepth =
    "select 0, '', 1, count(*) from job indexed by job_turn where claimed_by = '' and owner is not null "
    "union all select 1, asked_by, 1, count(*) from job where claimed_by = '' and owner is null group by asked_by "
    "union all select owner is null, case when owner is null then asked_by else '' end, 0, count(*) from job "
    "where claimed_by > '' group by 1, 2";
const ListDialect kLists{"claimed_by = ''", "?1"};

constexpr milliseconds kPatience{1000};  // of every call that was not told how long it may take

class SqliteStore final : public queue::Store {
 public:
  SqliteStore(std::unique_ptr<SqliteDatabase> database, std::unique_ptr<SqliteDatabase> reader,
              std::unique_ptr<SqliteDatabase> counter, queue::Owes owes)
      : database_(std::move(database)),
        reader_(std::move(reader)),
        counter_(std::move(counter)),
        owes_(std::move(owes)),
        outbox_(make_sqlite_outbox([this](const auto& body) { return in_transaction(body); },
                                   [this](const auto& body) { return in_reader(body); })),
        ledger_(make_sqlite_ledger([this](const auto& body) { return in_transaction(body); },
                                   [this](const auto& body) { return in_reader(body); })) {}

  Result<std::vector<Accepted>> accept(std::span<const queue::Delivery> batch, milliseconds deadline);

  std::unique_ptr<queue::Acceptor> open_acceptor() override;
  queue::Outbox* outbox() override { return outbox_.get(); }
  queue::Ledger* ledger() override { return ledger_.get(); }

  Result<void> migrate() override {
    const Turn turn(mutex_, *database_, kPatience);
    if (!turn) return Turn::refusal();
    return migrate_sqlite(*database_);
  }

  // Whoever may write the file may write each of its tables.
  Result<void> check() override {
    if (!disk_.is_full()) return base::ok();
    return Error{ErrorKind::Transient, "Deliveries could not be stored: " + std::string(queue::kDiskIsFull)};
  }
  // One server, whose log lies beside its file.
  [[nodiscard]] queue::Trouble trouble() const override {
    return disk_.is_full() ? queue::Trouble{"", std::string(queue::kDiskIsFull)} : queue::Trouble{};
  }

  Result<void> renew(const queue::Worker& worker, milliseconds lease) override {
    const auto until = now() + micros(lease);
    return write(
        "insert into worker (incarnation, replica, lease_until) values (?1, ?2, ?3) on conflict (incarnation) do "
        "update set "
        "lease_until = excluded.lease_until",
        {worker.incarnation, worker.replica, until});
  }

  Result<void> leave(const queue::Worker& worker) override {
    return write("delete from worker where incarnation = ?1", {worker.incarnation});
  }

  Result<std::vector<Claim>> claim(const queue::Worker& worker, queue::Room room,
                                   const std::vector<std::string>& held) override;
  Result<bool> complete(const queue::Worker& worker, const Claim& claim, const queue::Outcome& outcome) override;

  Result<void> note_progress(const queue::Worker& worker, const Claim& claim, const std::string& progress) override {
    return write("update job set progress = ?4, updated_at = ?5 where id = ?1 and claimed_by = ?2 and attempt = ?3",
                 {claim.job_id, worker.incarnation, std::int64_t{claim.attempt}, progress, now()});
  }

  Result<bool> hand_back(const queue::Worker& worker, const Claim& claim) override {
    const Turn turn(mutex_, *database_, kPatience);
    if (!turn) return Turn::refusal();
    auto changed = database_->run(
        "update job set claimed_by = '', attempt = attempt - 1, progress = '', updated_at = ?5 where id = ?1 "
        "and claimed_by = ?2 and attempt = ?3 and generation = ?4",
        {claim.job_id, worker.incarnation, std::int64_t{claim.attempt}, std::int64_t{claim.generation}, now()});
    if (!changed) return changed.error();
    return *changed == 1;
  }

  Result<queue::Rescued> rescue(int max_attempts) override;
  Result<std::optional<queue::Job>> find(const std::string& id) override;
  Result<queue::JobPage> list(const queue::JobFilter& filter) override;

  Result<queue::Depth> depth() override {
    const Turn turn(count_mutex_, *counter_, kPatience);
    if (!turn) return Turn::refusal();
    queue::Depth depth;
    auto read = counter_->run(kDepth, {}, [&](const SqliteRow& row) {
      const bool is_asked = row.number(0) != 0, is_waiting = row.number(2) != 0;
      (is_waiting ? depth.waiting : depth.running) += row.number(3);
      if (is_asked && is_waiting) depth.asked += row.number(3);
      if (is_asked) depth.by_caller[row.text(1)] += row.number(3);
    });
    if (!read) return read.error();
    return depth;
  }

  Result<int> purge(const queue::Retention& retention, int batch) override {
    const auto before = [](std::chrono::hours age) { return now() - micros(age); };
    const Turn turn(mutex_, *database_, kPatience);
    if (!turn) return Turn::refusal();
    int removed = 0;
    auto done = database_->transaction([&]() -> Result<void> {
      const std::vector<SqliteValue> old = {before(retention.results), std::int64_t{batch}};
      const std::string ids = "(select id from job_history where finished_at < ?1 order by finished_at limit ?2)";
      for (const char* table : {"result", "job_origin"})
        if (auto ran = database_->run(std::string("delete from ") + table + " where job_id in " + ids, old); !ran)
          return ran.error();
      auto jobs = database_->run("delete from job_history where id in " + ids, old);
      if (!jobs) return jobs.error();
      auto deliveries = database_->run(
          "delete from delivery where key in (select key from delivery where received_at < ?1 order by "
          "received_at limit ?2)",
          {before(retention.deliveries), std::int64_t{batch}});
      if (!deliveries) return deliveries.error();
      auto statuses = purge_outbox(*database_, before(retention.results), batch);
      if (!statuses) return statuses.error();
      removed = *jobs + *deliveries + *statuses;
      return base::ok();
    });
    if (!done) return done.error();
    return removed;
  }

 private:
  Result<void> write(const std::string& sql, const std::vector<SqliteValue>& parameters) {
    const Turn turn(mutex_, *database_, kPatience);
    if (!turn) return Turn::refusal();
    if (auto ran = database_->run(sql, parameters); !ran) return ran.error();
    return base::ok();
  }
  Result<void> in_transaction(const std::function<Result<void>(SqliteDatabase&)>& body) {
    const Turn turn(mutex_, *database_, kPatience);
    if (!turn) return Turn::refusal();
    return database_->transaction([&] { return body(*database_); });
  }
  Result<void> in_reader(const std::function<Result<void>(SqliteDatabase&)>& body) {
    const Turn turn(read_mutex_, *reader_, kPatience);
    if (!turn) return Turn::refusal();
    return body(*reader_);
  }
  [[nodiscard]] bool is_owed(const queue::JobSpec& spec) const { return owes_ && owes_(spec); }
  Result<Accepted> accept_one(const queue::Delivery& delivery);
  // True: the key is new and was stored.
  Result<bool> note_key(const std::string& key, const queue::Delivery& delivery, const std::string& event,
                        std::int64_t time);
  Result<Accepted> answer_repeat(const std::string& key, const queue::JobSpec& spec, bool may_revive);

  FullDisk disk_;
  std::timed_mutex mutex_, read_mutex_, count_mutex_;
  std::unique_ptr<SqliteDatabase> database_, reader_;  // whoever holds the file for writing lets others read it
  std::unique_ptr<SqliteDatabase> counter_;            // a long queue takes a while to count, and nobody waits for that
  queue::Owes owes_;
  std::unique_ptr<queue::Outbox> outbox_;
  std::unique_ptr<queue::Ledger> ledger_;
};

class SqliteAcceptor final : public queue::Acceptor {
 public:
  explicit SqliteAcceptor(SqliteStore& store) : store_(store) {}
  Result<std::vector<Accepted>> accept(std::span<const queue::Delivery> batch, milliseconds deadline) override {
    return store_.accept(batch, deadline);
  }

 private:
  SqliteStore& store_;
};

std::unique_ptr<queue::Acceptor> SqliteStore::open_acceptor() { return std::make_unique<SqliteAcceptor>(*this); }

Result<std::vector<Accepted>> SqliteStore::accept(std::span<const queue::Delivery> batch, milliseconds deadline) {
  const Turn turn(mutex_, *database_, deadline);
  if (!turn) return Turn::refusal();
  std::vector<Accepted> accepted;
  auto done = database_->transaction([&]() -> Result<void> {
    for (const auto& delivery : batch) {
      auto one = accept_one(delivery);
      if (!one) return one.error();
      accepted.push_back(std::move(*one));
    }
    return base::ok();
  });
  if (!done) {
    if (done.error().message.find(queue::kDiskIsFull) != std::string::npos) disk_.note_full();
    return done.error();
  }
  disk_.note_stored();
  return accepted;
}

Result<bool> SqliteStore::note_key(const std::string& key, const queue::Delivery& delivery, const std::string& event,
                                   std::int64_t time) {
  auto inserted = database_->run(
      "insert into delivery (key, provider, event, job_id, received_at) values (?1, ?2, ?3, ?4, ?5) "
      "on conflict (key) do nothing",
      {base::to_hex(key), delivery.provider, event, delivery.job_id, time});
  if (!inserted) return inserted.error();
  return *inserted == 1;
}

Result<Accepted> SqliteStore::accept_one(const queue::Delivery& delivery) {
  const auto time = now();
  bool is_known = false;
  auto looked = database_->run("select 1 from delivery where key = ?1", {base::to_hex(delivery.key)},
                               [&](const SqliteRow&) { is_known = true; });
  if (!looked) return looked.error();
  if (is_known) return answer_repeat(delivery.key, delivery.spec, true);
  if (!delivery.body_key.empty()) {
    auto is_new_body = note_key(delivery.body_key, delivery, "body", time);
    if (!is_new_body) return is_new_body.error();
    if (!*is_new_body) return answer_repeat(delivery.body_key, delivery.spec, false);
  }
  if (auto noted = note_key(delivery.key, delivery, delivery.event, time); !noted) return noted.error();
  const auto& spec = delivery.spec;
  auto queued = database_->run(
      std::string("insert into job (") + kSpec +
          ", created_at, run_at, updated_at, asked_by) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?10)",
      {delivery.job_id, spec.event_type, spec.url, spec.repo, spec.full_name, spec.branch, spec.commit, spec.author,
       time, spec.asked_by});
  if (!queued) return queued.error();
  if (!spec.origin.empty()) {
    auto noted = database_->run("insert into job_origin (job_id, origin) values (?1, ?2) on conflict do nothing",
                                {delivery.job_id, spec.origin});
    if (!noted) return noted.error();
  }
  if (is_owed(spec))
    if (auto owed = owe_pending(*database_, delivery.job_id, spec, time); !owed) return owed.error();
  return Accepted{delivery.job_id, queue::JobStatus::Pending, true};
}

Result<Accepted> SqliteStore::answer_repeat(const std::string& raw_key, const queue::JobSpec& spec, bool may_revive) {
  const std::string key = base::to_hex(raw_key);
  Accepted known{{}, queue::JobStatus::Pending, false};
  std::string claimed_by, finished;
  auto read = database_->run(
      "select d.job_id, coalesce(j.claimed_by, ''), coalesce(h.status, '') from delivery d left join job j on "
      "j.id = d.job_id left join job_history h on h.id = d.job_id where d.key = ?1",
      {key}, [&](const SqliteRow& row) {
        known.job_id = row.text(0);
        claimed_by = row.text(1);
        finished = row.text(2);
      });
  if (!read) return read.error();
  if (auto counted = database_->run("update delivery set repeats = repeats + 1 where key = ?1", {key}); !counted)
    return counted.error();
  if (finished == "completed") known.status = queue::JobStatus::Completed;
  if (!claimed_by.empty()) known.status = queue::JobStatus::Processing;
  if (finished == "failed" && !may_revive) known.status = queue::JobStatus::Failed;
  if (finished != "failed" || !may_revive) return known;
  // A redelivery of a failed job is a wish to try again, under the same id.
  auto again = database_->run(std::string("insert into job (") + kSpec +
                                  ", created_at, generation, run_at, updated_at) select " + kSpec +
                                  ", created_at, generation + 1, ?2, ?2 from job_history where id = ?1",
                              {known.job_id, now()});
  if (!again) return again.error();
  if (auto gone = database_->run("delete from job_history where id = ?1", {known.job_id}); !gone) return gone.error();
  if (is_owed(spec))
    if (auto owed = owe_pending(*database_, known.job_id, spec, now()); !owed) return owed.error();
  return known;
}

Result<std::vector<Claim>> SqliteStore::claim(const queue::Worker& worker, queue::Room room,
                                              const std::vector<std::string>& held) {
  const Turn turn(mutex_, *database_, kPatience);
  if (!turn) return Turn::refusal();
  std::vector<Claim> claims;
  auto done = database_->transaction([&]() -> Result<void> {
    auto claimed = claim_jobs(*database_, worker, room, held, now());
    if (!claimed) return claimed.error();
    claims = std::move(*claimed);
    return base::ok();
  });
  if (!done) return done.error();
  return claims;
}

Result<bool> SqliteStore::complete(const queue::Worker& worker, const Claim& claim, const queue::Outcome& outcome) {
  bool is_held = false;
  auto done = in_transaction([&](SqliteDatabase& database) -> Result<void> {
    auto completed = complete_job(database, worker, claim, outcome, is_owed(claim.spec), now());
    if (!completed) return completed.error();
    is_held = *completed;
    return base::ok();
  });
  if (!done) return done.error();
  return is_held;
}

Result<queue::Rescued> SqliteStore::rescue(int max_attempts) {
  queue::Rescued rescued;
  auto done = in_transaction([&](SqliteDatabase& database) -> Result<void> {
    auto freed = rescue_jobs(database, max_attempts, now());
    if (!freed) return freed.error();
    rescued = *freed;
    return base::ok();
  });
  if (!done) return done.error();
  return rescued;
}

constexpr const char* kJobColumns =
    "select id, event_type, url, repo, full_name, branch, commit_id, author, status, progress, error, replica, "
    "attempt, generation, "
    "summary, created_at, updated_at";

Result<std::optional<queue::Job>> SqliteStore::find(const std::string& id) {
  const Turn turn(read_mutex_, *reader_, kPatience);
  if (!turn) return Turn::refusal();
  std::optional<queue::Job> job;
  auto read = reader_->run(std::string(kJobColumns) + " from " + all_jobs(kLists) + "where id = ?1", {id},
                           [&](const SqliteRow& row) { job = job_of(row); });
  if (!read) return read.error();
  if (!job) return job;
  read = reader_->run("select origin from job_origin where job_id = ?1", {id},
                      [&](const SqliteRow& row) { job->spec.origin = row.text(0); });
  if (!read) return read.error();
  read = reader_->run("select body from result where job_id = ?1 and generation = ?2",
                      {id, std::int64_t{job->generation}}, [&](const SqliteRow& row) { job->result = row.text(0); });
  if (!read) return read.error();
  return job;
}

Result<queue::JobPage> SqliteStore::list(const queue::JobFilter& filter) {
  const Turn turn(read_mutex_, *reader_, kPatience);
  if (!turn) return Turn::refusal();
  queue::JobPage page;
  std::vector<SqliteValue> parameters;
  if (!filter.repo.empty()) parameters.emplace_back(filter.repo);
  auto read =
      reader_->run(count_of(filter, kLists), parameters, [&](const SqliteRow& row) { page.count_all = row.number(0); });
  if (!read) return read.error();
  page.is_more = page.count_all > queue::kMostCounted;
  page.count_all = std::min<std::int64_t>(page.count_all, queue::kMostCounted);
  read = reader_->run(std::string(kJobColumns) + " from " + page_of(filter, kLists) + in_order(filter), parameters,
                      [&](const SqliteRow& row) { page.jobs.push_back(job_of(row)); });
  if (!read) return read.error();
  return page;
}

}  // namespace

Result<std::unique_ptr<queue::Store>> open_sqlite_store(const std::string& path, queue::Owes owes) {
  auto database = SqliteDatabase::open(path);
  if (!database) return database.error();
  auto reader = SqliteDatabase::open(path);
  if (!reader) return reader.error();
  auto counter = SqliteDatabase::open(path);
  if (!counter) return counter.error();
  return std::unique_ptr<queue::Store>(
      std::make_unique<SqliteStore>(std::move(*database), std::move(*reader), std::move(*counter), std::move(owes)));
}

}  // namespace cadence::store
