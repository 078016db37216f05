#include "store/sqlite_outbox.hpp"

#include "base/text.hpp"
#include "store/sqlite_rows.hpp"

namespace cadence::store {

using base::Result;
using queue::OwedStatus;
using std::chrono::milliseconds;

namespace {

constexpr const char* kDue = "run_at <= ?1 and claimed_until <= ?1 order by run_at limit ?2";

OwedStatus owed_of(const SqliteRow& row, const std::string& claim, std::int64_t time) {
  OwedStatus owed;
  owed.job_id = row.text(0);
  owed.spec.event_type = row.text(1);
  owed.spec.full_name = row.text(2);
  owed.spec.branch = row.text(3);
  owed.spec.commit = row.text(4);
  owed.status = queue::parse_status(row.text(5)).value_or(queue::JobStatus::Failed);
  owed.summary = row.text(6);
  owed.remote = row.text(7);
  owed.version = static_cast<int>(row.number(8));
  owed.attempt = static_cast<int>(row.number(9));
  owed.age = std::chrono::seconds((time - row.number(10)) / 1000000);
  owed.spec.origin = row.text(11);
  owed.claim = claim;
  return owed;
}

class SqliteOutbox final : public queue::Outbox {
 public:
  SqliteOutbox(Using writer, Using reader) : write_(std::move(writer)), read_(std::move(reader)) {}

  // Looking costs no writer anything, and mostly there is nothing to be told.
  Result<std::vector<OwedStatus>> claim(int most, milliseconds lease) override {
    bool is_due = false;
    auto looked = read_([&](SqliteDatabase& database) {
      return done(database.run(std::string("select 1 from outbox where ") + kDue, {now(), std::int64_t{1}},
                               [&](const SqliteRow&) { is_due = true; }));
    });
    if (!looked) return looked.error();
    std::vector<OwedStatus> claimed;
    if (!is_due) return claimed;
    auto taken = write_([&](SqliteDatabase& database) { return take(database, most, lease, claimed); });
    if (!taken) return taken.error();
    return claimed;
  }

  Result<bool> settle(const OwedStatus& owed, const std::string& remote) override {
    return change([&](SqliteDatabase& database) -> Result<int> {
      auto gone =
          database.run("delete from outbox where job_id = ?1 and claim = ?2 and version = ?3 and status <> 'pending'",
                       {owed.job_id, owed.claim, std::int64_t{owed.version}});
      if (!gone || *gone == 1) return gone;
      return database.run(
          "update outbox set claim = '', claimed_until = 0, remote = ?4, "
          "run_at = case when version = ?3 then null else run_at end where job_id = ?1 and claim = ?2",
          {owed.job_id, owed.claim, std::int64_t{owed.version}, remote});
    });
  }

  Result<bool> put_off(const OwedStatus& owed, milliseconds wait, bool is_attempt) override {
    return change([&](SqliteDatabase& database) {
      return database.run(
          "update outbox set claim = '', claimed_until = 0, run_at = case when version = ?3 then ?4 else run_at end, "
          "attempt = case when version = ?3 then attempt - ?5 else attempt end where job_id = ?1 and claim = ?2",
          {owed.job_id, owed.claim, std::int64_t{owed.version}, now() + micros(wait),
           std::int64_t{is_attempt ? 0 : 1}});
    });
  }

  Result<int> catch_up(std::chrono::seconds window) override {
    int count = 0;
    auto caught = write_([&](SqliteDatabase& database) -> Result<void> {
      auto updated = database.run(
          "update outbox set status = h.status, summary = h.summary, version = version + 1, attempt = 0, "
          "owed_since = ?1, run_at = ?1 from job_history h where h.id = outbox.job_id and outbox.status = 'pending' "
          "and h.finished_at > ?2 and not exists (select 1 from job j where j.id = h.id)",
          {now(), now() - micros(window)});
      if (updated) count = *updated;
      return done(updated);
    });
    if (!caught) return caught.error();
    return count;
  }

  Result<queue::OutboxState> state() override {
    queue::OutboxState state;
    const auto time = now();
    auto counted = read_([&](SqliteDatabase& database) {
      return done(
          database.run("select count(*), coalesce(min(owed_since), ?1) from "
                       "(select owed_since from outbox where run_at is not null order by run_at limit ?2)",
                       {time, std::int64_t{queue::kMostOwedCounted}}, [&](const SqliteRow& row) {
                         state = {row.number(0), std::chrono::seconds((time - row.number(1)) / 1000000)};
                       }));
    });
    if (!counted) return counted.error();
    return state;
  }

 private:
  static Result<void> take(SqliteDatabase& database, int most, milliseconds lease, std::vector<OwedStatus>& claimed) {
    const auto token = base::random_uuid();
    const auto time = now();
    claimed.clear();
    return done(database.run(
        std::string("update outbox set claim = ?3, claimed_until = ?4, attempt = attempt + 1 where job_id in "
                    "(select job_id from outbox where ") +
            kDue +
            ") returning job_id, event_type, full_name, branch, commit_id, status, summary, remote, version, attempt, "
            "owed_since, coalesce((select origin from job_origin o where o.job_id = outbox.job_id), '')",
        {time, std::int64_t{most}, token, time + micros(lease)},
        [&](const SqliteRow& row) { claimed.push_back(owed_of(row, token, time)); }));
  }

  Result<bool> change(const std::function<Result<int>(SqliteDatabase&)>& statement) {
    bool is_held = false;
    auto changed = write_([&](SqliteDatabase& database) {
      auto ran = statement(database);
      is_held = ran && *ran == 1;
      return done(ran);
    });
    if (!changed) return changed.error();
    return is_held;
  }

  Using write_, read_;
};

}  // namespace

Result<void> owe_pending(SqliteDatabase& database, const std::string& job_id, const queue::JobSpec& spec,
                         std::int64_t time) {
  return done(database.run(
      "insert into outbox (job_id, event_type, full_name, branch, commit_id, owed_since, run_at) "
      "values (?1, ?2, ?3, ?4, ?5, ?6, ?6) on conflict (job_id) do update set status = 'pending', summary = '', "
      "version = version + 1, attempt = 0, owed_since = ?6, run_at = ?6",
      {job_id, spec.event_type, spec.full_name, spec.branch, spec.commit, time}));
}

// A claim of the status before stays in force: nobody tells this one while somebody may still be telling that.
Result<void> owe_verdict(SqliteDatabase& database, const std::string& job_id, bool is_owed, std::int64_t time) {
  return done(database.run(
      "insert into outbox (job_id, event_type, full_name, branch, commit_id, status, summary, owed_since, run_at) "
      "select id, event_type, full_name, branch, commit_id, status, summary, ?3, ?3 from job_history where id = ?1 "
      "and (?2 or exists (select 1 from outbox o where o.job_id = ?1)) on conflict (job_id) do update set "
      "status = excluded.status, summary = excluded.summary, version = version + 1, attempt = 0, owed_since = ?3, "
      "run_at = ?3",
      {job_id, std::int64_t{is_owed ? 1 : 0}, time}));
}

Result<int> purge_outbox(SqliteDatabase& database, std::int64_t before, int batch) {
  return database.run(
      "delete from outbox where job_id in (select job_id from outbox where owed_since < ?1 order by owed_since limit "
      "?2) and not exists (select 1 from job where id = job_id)",
      {before, std::int64_t{batch}});
}

std::unique_ptr<queue::Outbox> make_sqlite_outbox(Using writer, Using reader) {
  return std::make_unique<SqliteOutbox>(std::move(writer), std::move(reader));
}

}  // namespace cadence::store
