#include "store/postgres_outbox.hpp"

#include "base/text.hpp"
#include "store/postgres_rows.hpp"

namespace cadence::store {

using base::Result;
using queue::OwedStatus;
using std::chrono::milliseconds;

const char* const kOweFresh = R"sql(, owed as (
  insert into outbox (job_id, event_type, full_name, branch, commit_id)
  select id, event_type, full_name, branch, commit_id from input join fresh on id = job_id
   where id = any($15::uuid[])
))sql";

const char* const kOweRevived = R"sql(, owed as (
  insert into outbox (job_id, event_type, full_name, branch, commit_id)
  select id, event_type, full_name, branch, commit_id from revived r
   where exists (select from known k where k.job_id = r.id and k.key = any($3::bytea[]))
  on conflict (job_id) do update set status = 'pending', summary = '', version = outbox.version + 1, attempt = 0,
                                     owed_since = now(), run_at = now()
))sql";

// A claim of the status before stays in force: nobody tells this one while somebody may still be telling that.
const char* const kOweVerdict = R"sql(, owed as (
  insert into outbox (job_id, event_type, full_name, branch, commit_id, status, summary)
  select id, event_type, full_name, branch, commit_id, case when $6 = '' then 'completed' else 'failed' end, $7
    from mine where $8::boolean or exists (select from outbox o where o.job_id = mine.id)
  on conflict (job_id) do update set status = excluded.status, summary = excluded.summary,
                                     version = outbox.version + 1, attempt = 0, owed_since = now(), run_at = now()
))sql";

const char* const kOweLost = R"sql(, owed as (
  update outbox o set status = 'failed', version = version + 1, attempt = 0, owed_since = now(), run_at = now()
    from lost where o.job_id = lost.id
))sql";

namespace {

constexpr const char* kClaim = R"sql(
update outbox set claim = $1::uuid, claimed_until = now() + $2 * interval '1 ms', attempt = attempt + 1
 where job_id = any(array(
   select job_id from outbox where run_at <= now() and (claimed_until is null or claimed_until <= now())
    order by run_at limit $3 for update skip locked))
returning job_id, event_type, '' as url, '' as repo, full_name, branch, commit_id, '' as author, status, summary,
          remote, version, attempt, extract(epoch from now() - owed_since)::bigint as age,
          coalesce((select origin from job where id = job_id), (select origin from job_history where id = job_id), '')
            as origin)sql";

constexpr const char* kSettle = R"sql(
with gone as (
  delete from outbox where job_id = $1::uuid and claim = $2::uuid and version = $3 and status <> 'pending' returning 1
), told as (
  update outbox set claim = null, claimed_until = null, remote = $4,
                    run_at = case when version = $3 then null else run_at end
   where job_id = $1::uuid and claim = $2::uuid and not (version = $3 and status <> 'pending') returning 1
)
select (select count(*) from gone) + (select count(*) from told))sql";

constexpr const char* kPutOff = R"sql(
update outbox set claim = null, claimed_until = null,
                  run_at = case when version = $3 then now() + $4 * interval '1 ms' else run_at end,
                  attempt = case when version = $3 and not $5::boolean then attempt - 1 else attempt end
 where job_id = $1::uuid and claim = $2::uuid)sql";

constexpr const char* kCatchUp = R"sql(
update outbox o set status = h.status, summary = h.summary, version = version + 1, attempt = 0, owed_since = now(),
                    run_at = now()
  from job_history h
 where h.id = o.job_id and o.status = 'pending' and h.finished_at > now() - $1 * interval '1 s'
   and not exists (select from job j where j.id = h.id))sql";

OwedStatus owed_of(const pqxx::row& row, const std::string& claim) {
  OwedStatus owed;
  owed.job_id = row["job_id"].c_str();
  owed.spec = spec_of(row);
  owed.spec.origin = row["origin"].c_str();
  owed.status = queue::parse_status(row["status"].c_str()).value_or(queue::JobStatus::Failed);
  owed.summary = row["summary"].c_str();
  owed.remote = row["remote"].c_str();
  owed.claim = claim;
  owed.version = row["version"].as<int>();
  owed.attempt = row["attempt"].as<int>();
  owed.age = std::chrono::seconds(row["age"].as<long long>());
  return owed;
}

class PostgresOutbox final : public queue::Outbox {
 public:
  explicit PostgresOutbox(Asking ask) : ask_(std::move(ask)) {}

  Result<std::vector<OwedStatus>> claim(int most, milliseconds lease) override {
    const auto token = base::random_uuid();
    return answer<std::vector<OwedStatus>>("Statuses could not be claimed", [&](pqxx::work& work, auto& claimed) {
      for (const auto& row : work.exec_params(kClaim, token, static_cast<long long>(lease.count()), most))
        claimed.push_back(owed_of(row, token));
    });
  }

  Result<bool> settle(const OwedStatus& owed, const std::string& remote) override {
    return answer<bool>("A status could not be settled", [&](pqxx::work& work, bool& is_held) {
      is_held = work.exec_params1(kSettle, owed.job_id, owed.claim, owed.version, remote)[0].as<int>() == 1;
    });
  }

  Result<bool> put_off(const OwedStatus& owed, milliseconds wait, bool is_attempt) override {
    return answer<bool>("A status could not be put off", [&](pqxx::work& work, bool& is_held) {
      is_held = work.exec_params(kPutOff, owed.job_id, owed.claim, owed.version, static_cast<long long>(wait.count()),
                                 is_attempt)
                    .affected_rows() == 1;
    });
  }

  Result<int> catch_up(std::chrono::seconds window) override {
    return answer<int>("Statuses could not be caught up", [&](pqxx::work& work, int& count) {
      count = static_cast<int>(work.exec_params(kCatchUp, static_cast<long long>(window.count())).affected_rows());
    });
  }

  Result<queue::OutboxState> state() override {
    return answer<queue::OutboxState>("Statuses could not be counted", [](pqxx::work& work, auto& state) {
      const auto row = work.exec_params1(
          "select count(*), coalesce(extract(epoch from now() - min(owed_since)), 0)::bigint from "
          "(select owed_since from outbox where run_at is not null order by run_at limit $1) as waiting",
          queue::kMostOwedCounted);
      state = {row[0].template as<std::int64_t>(), std::chrono::seconds(row[1].template as<long long>())};
    });
  }

 private:
  template <class T, class Fill>
  Result<T> answer(const char* what, const Fill& fill) {
    T value{};
    auto asked = ask_(what, [&](pqxx::work& work) {
      value = T{};
      fill(work, value);
    });
    if (!asked) return asked.error();
    return value;
  }

  Asking ask_;
};

}  // namespace

std::unique_ptr<queue::Outbox> make_postgres_outbox(Asking ask) {
  return std::make_unique<PostgresOutbox>(std::move(ask));
}

int purge_outbox(pqxx::work& work, long long hours, int batch) {
  return static_cast<int>(work.exec_params("delete from outbox where job_id in (select job_id from outbox where "
                                           "owed_since < now() - $1 * interval '1 hour' order by owed_since limit $2 "
                                           "for update skip locked) and not exists (select from job where id = job_id)",
                                           hours, batch)
                              .affected_rows());
}

}  // namespace cadence::store
