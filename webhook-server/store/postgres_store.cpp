#include "store/postgres_store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <pqxx/pqxx>

#include "base/text.hpp"
#include "store/job_lists.hpp"
#include "store/postgres_acceptor.hpp"
#include "store/postgres_address.hpp"
#include "store/postgres_check.hpp"
#include "store/postgres_claims.hpp"
#include "store/postgres_ledger.hpp"
#include "store/postgres_migrations.hpp"
#include "store/postgres_outbox.hpp"
#include "store/postgres_rows.hpp"
#include "store/postgres_trouble.hpp"

namespace cadence::store {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

constexpr long long kMigrationLock = 0x636164656e6365;  // "cadence": one replica migrates, the others wait for it
constexpr long long kRescueLock = kMigrationLock + 1;

// The claim is the fence: a claim lost to another worker deletes no row, and then nothing else happens.
constexpr const char* kComplete = R"sql(
with mine as (
  delete from job where id = $1::uuid and claimed_by = $2::uuid and attempt = $3 and generation = $4 returning *
), stored as (
  insert into result (job_id, generation, body) select id, generation, $5 from mine where $5 <> ''
), kept as (
  insert into job_history (id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation,
                           attempt, replica, progress, status, error, summary, origin)
  select id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation, attempt, replica,
         case when $6 = '' then 'completed' else progress end,
         case when $6 = '' then 'completed' else 'failed' end, $6, $7, origin from mine
))sql";

const std::string& complete_sql() {
  static const std::string sql = std::string(kComplete) + kOweVerdict + " select count(*) from mine";
  return sql;
}

constexpr const char* kHandBack = R"sql(
update job set claimed_by = null, attempt = attempt - 1, progress = '', updated_at = now()
 where id = $1::uuid and claimed_by = $2::uuid and attempt = $3 and generation = $4)sql";

constexpr const char* kRequeue = R"sql(
update job set claimed_by = null, progress = '', updated_at = now()
 where claimed_by is not null and attempt < $1
   and not exists (select from worker w where w.incarnation = job.claimed_by and w.lease_until > now()))sql";

constexpr const char* kGiveUp = R"sql(
with lost as (
  delete from job where claimed_by is not null and attempt >= $1
     and not exists (select from worker w where w.incarnation = job.claimed_by and w.lease_until > now()) returning *
))sql";

constexpr const char* kLost = R"sql(
insert into job_history (id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation,
                         attempt, replica, progress, status, error, summary, origin)
select id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation, attempt, replica,
       progress, 'failed', 'analysis failed: the replica running it was lost ' || attempt || ' times', '',
       origin
  from lost)sql";

constexpr const char* kOrigin =
    "select coalesce((select origin from job where id = $1::uuid), (select origin from job_history where id = "
    "$1::uuid), '')";

const ListDialect kLists{"claimed_by is null", "$1"};

// What waits is counted in the index of turns; the rest is few.
constexpr const char* kDepth = R"sql(
select false as is_asked, '' as caller, true as is_waiting, count(*) as jobs from job
 where claimed_by is null and owner is not null
union all
select true, asked_by, true, count(*) from job where claimed_by is null and event_type like 'api\_%' group by asked_by
union all
select owner is null, case when owner is null then asked_by else '' end, false, count(*) from job
 where claimed_by is not null group by 1, 2)sql";

class PostgresStore final : public queue::Store {
 public:
  PostgresStore(AddressSource address, OpenOptions options)
      : address_(std::make_shared<KnownAddress>(std::move(address), options.replica)),
        options_(std::move(options)),
        outbox_(make_postgres_outbox([this](auto... arguments) { return ask<void>(arguments...); })),
        ledger_(make_postgres_ledger([this](auto... arguments) { return ask<void>(arguments...); })) {}

  std::unique_ptr<queue::Acceptor> open_acceptor() override {
    return make_postgres_acceptor(address_, disk_, options_.owes);
  }
  queue::Outbox* outbox() override { return outbox_.get(); }
  queue::Ledger* ledger() override { return ledger_.get(); }

  Result<void> migrate() override {
    for (const auto& step : postgres_migrations()) {
      // Each in a transaction of its own: what one locks is free before the next begins.
      auto done = ask_for_keeper<void>("The database could not be prepared", [&](pqxx::work& work) {
        work.exec_params("select pg_advisory_xact_lock($1)", kMigrationLock);
        work.exec("set local statement_timeout = '30min'");
        work.exec(
            "create table if not exists migration (number integer primary key, applied_at timestamptz not null default "
            "now())");
        const auto present = work.exec1("select coalesce(max(number), 0) from migration")[0].as<int>();
        if (step.number <= present) return;
        work.exec(step.sql);
        work.exec_params("insert into migration (number) values ($1)", step.number);
      });
      if (!done) return done;
    }
    return base::ok();
  }

  Result<void> check() override {
    auto logged = ask_for_keeper<void>("The tables of the job store could not be kept", set_logged);
    if (!logged) return logged;
    auto looked = ask_for_keeper<void>("The job store could not be written to", [](pqxx::work& work) {
      auto statements = std::vector<Statement>{claim_statement(), {complete_sql().c_str(), 8}, {kHandBack, 4}};
      for (const auto& statement : acceptor_statements()) statements.push_back(statement);
      look_up(work, statements);
    });
    if (!looked || !disk_->is_full()) return looked;
    const std::lock_guard lock(mutex_);
    trouble_ = {"53100", std::string(queue::kDiskIsFull)};
    return Error{ErrorKind::Transient, "Deliveries could not be stored: " + trouble_.text};
  }

  [[nodiscard]] queue::Trouble trouble() const override {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

  Result<void> renew(const queue::Worker& worker, milliseconds lease) override {
    return ask_for_keeper<void>("The worker lease could not be renewed", [&](pqxx::work& work) {
      work.exec_params(
          "insert into worker (incarnation, replica, lease_until) values ($1, $2, now() + $3 * interval '1 ms') "
          "on conflict (incarnation) do update set lease_until = excluded.lease_until",
          worker.incarnation, worker.replica, static_cast<long long>(lease.count()));
    });
  }

  Result<void> leave(const queue::Worker& worker) override {
    return ask<void>("The worker could not sign off", [&](pqxx::work& work) {
      work.exec_params("delete from worker where incarnation = $1", worker.incarnation);
    });
  }

  Result<std::vector<queue::Claim>> claim(const queue::Worker& worker, queue::Room room,
                                          const std::vector<std::string>& held) override {
    // Nobody else's claim shall wait for a replica that stops between two messages: no transaction spans them.
    return ask_for_keeper<std::vector<queue::Claim>, pqxx::nontransaction>(
        "Jobs could not be claimed",
        [&](pqxx::nontransaction& session) { return claim_jobs(session, worker, room, held); });
  }

  Result<void> note_progress(const queue::Worker& worker, const queue::Claim& claim,
                             const std::string& progress) override {
    return ask<void>("The progress of a job could not be noted", [&](pqxx::work& work) {
      work.exec_params(
          "update job set progress = $4, updated_at = now() where id = $1 and claimed_by = $2 and attempt = $3",
          claim.job_id, worker.incarnation, claim.attempt, progress);
    });
  }

  Result<bool> complete(const queue::Worker& worker, const queue::Claim& claim,
                        const queue::Outcome& outcome) override {
    return ask<bool, pqxx::nontransaction>(
        "The outcome of a job could not be stored", [&](pqxx::nontransaction& single) {
          return single
                     .exec_prepared1("complete", claim.job_id, worker.incarnation, claim.attempt, claim.generation,
                                     outcome.result, as_text(outcome.error), as_text(outcome.summary),
                                     options_.owes && options_.owes(claim.spec))[0]
                     .as<int>() == 1;
        });
  }

  Result<bool> hand_back(const queue::Worker& worker, const queue::Claim& claim) override {
    return ask<bool>("A job could not be handed back", [&](pqxx::work& work) {
      return work.exec_params(kHandBack, claim.job_id, worker.incarnation, claim.attempt, claim.generation)
                 .affected_rows() == 1;
    });
  }

  Result<queue::Rescued> rescue(int max_attempts) override {
    return ask<queue::Rescued>("Jobs of lost replicas could not be freed", [&](pqxx::work& work) {
      queue::Rescued rescued;
      if (!work.exec_params1("select pg_try_advisory_xact_lock($1)", kRescueLock)[0].as<bool>()) return rescued;
      rescued.requeued = static_cast<int>(work.exec_params(kRequeue, max_attempts).affected_rows());
      rescued.given_up =
          static_cast<int>(work.exec_params(std::string(kGiveUp) + kOweLost + kLost, max_attempts).affected_rows());
      work.exec("delete from worker where lease_until < now() - interval '1 hour'");
      return rescued;
    });
  }

  Result<std::optional<queue::Job>> find(const std::string& id) override {
    return ask<std::optional<queue::Job>>("The job could not be read", [&](pqxx::work& work) {
      const auto rows = work.exec_params(
          std::string("select ") + kJobColumns + "from " + all_jobs(kLists) + "where id = $1::uuid", id);
      if (rows.empty()) return std::optional<queue::Job>();
      std::optional<queue::Job> job = job_of(rows[0]);
      job->spec.origin = work.exec_params1(kOrigin, id)[0].c_str();
      const auto results =
          work.exec_params("select body from result where job_id = $1 and generation = $2", id, job->generation);
      if (!results.empty()) job->result = results[0][0].c_str();
      return job;
    });
  }

  Result<queue::JobPage> list(const queue::JobFilter& filter) override {
    if (!is_text(filter.repo)) return queue::JobPage{};
    return ask<queue::JobPage>("Jobs could not be listed", [&](pqxx::work& work) {
      // What claims need (prepare_to_claim) would count the first rows in the order of an index, and so slowly.
      work.exec("set local enable_seqscan = on");
      const auto rows_of = [&](const std::string& sql) {
        return filter.repo.empty() ? work.exec(sql) : work.exec_params(sql, filter.repo);
      };
      queue::JobPage page;
      const auto counted = rows_of(count_of(filter, kLists))[0][0].as<std::int64_t>();
      page.is_more = counted > queue::kMostCounted;
      page.count_all = std::min<std::int64_t>(counted, queue::kMostCounted);
      for (const auto& row :
           rows_of(std::string("select ") + kJobColumns + "from " + page_of(filter, kLists) + in_order(filter)))
        page.jobs.push_back(job_of(row));
      return page;
    });
  }

  Result<queue::Depth> depth() override {
    return ask<queue::Depth>("The queue could not be measured", [](pqxx::work& work) {
      queue::Depth depth;
      for (const auto& row : work.exec(kDepth)) {
        const bool is_asked = row["is_asked"].as<bool>(), is_waiting = row["is_waiting"].as<bool>();
        const auto jobs = row["jobs"].as<std::int64_t>();
        (is_waiting ? depth.waiting : depth.running) += jobs;
        if (is_asked && is_waiting) depth.asked += jobs;
        if (is_asked) depth.by_caller[row["caller"].c_str()] += jobs;
      }
      return depth;
    });
  }

  Result<int> purge(const queue::Retention& retention, int batch) override {
    return ask<int>("Old jobs could not be removed", [&](pqxx::work& work) {
      const auto results = static_cast<long long>(retention.results.count()),
                 deliveries = static_cast<long long>(retention.deliveries.count());
      int removed = static_cast<int>(
          work.exec_params("with old as (delete from job_history where id in (select id from job_history where "
                           "finished_at < now() - $1 * "
                           "interval '1 hour' order by finished_at limit $2 for update skip locked) returning id) "
                           "delete from result r using old where r.job_id = old.id",
                           results, batch)
              .affected_rows());
      removed += static_cast<int>(work.exec_params("delete from delivery where key in (select key from delivery where "
                                                   "received_at < now() - $1 * interval "
                                                   "'1 hour' order by received_at limit $2 for update skip locked)",
                                                   deliveries, batch)
                                      .affected_rows());
      removed += purge_outbox(work, results, batch);
      return removed;
    });
  }

 private:
  // A bounded set of connections. One that failed in any way is thrown away: after a failover the next one finds the
  // primary.
  std::unique_ptr<pqxx::connection> take() {
    {
      std::unique_lock lock(mutex_);
      if (!returned_.wait_for(lock, std::chrono::seconds(5), [this] { return in_use_ < options_.connections; }))
        throw pqxx::broken_connection("all connections are busy");
      ++in_use_;
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    try {
      return connect();
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

  std::unique_ptr<pqxx::connection> connect() {
    const auto addresses = address_->to_try();
    if (!addresses) throw pqxx::broken_connection(addresses.error().message);
    std::exception_ptr first;
    for (const auto& address : *addresses) {
      try {
        auto connection = std::make_unique<pqxx::connection>(address.conninfo());
        connection->set_verbosity(pqxx::connection_base::terse);
        prepare_to_claim(*connection);
        connection->prepare("complete", complete_sql());
        address_->note_connected(address);
        return connection;
      } catch (const pqxx::broken_connection&) {
        if (!first) first = std::current_exception();
      }
    }
    std::rethrow_exception(first);
  }

  void give_back(std::unique_ptr<pqxx::connection> connection) {
    {
      std::lock_guard lock(mutex_);
      --in_use_;
      if (connection != nullptr) idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  // What the keeper of the workers asks tells how the store is; a reader's failure does not.
  template <class T, class Work = pqxx::work, class Ask>
  Result<T> ask_for_keeper(const char* what, const Ask& question) {
    queue::Trouble trouble;
    auto answer = ask<T, Work>(what, question, &trouble);
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
    return answer;
  }

  template <class T, class Work = pqxx::work, class Ask>
  Result<T> ask(const char* what, const Ask& question, queue::Trouble* trouble = nullptr) {
    std::unique_ptr<pqxx::connection> connection;
    bool is_taken = false;
    try {
      connection = take();
      is_taken = true;
      Work work(*connection);
      if constexpr (std::is_void_v<T>) {
        question(work);
        work.commit();
        give_back(std::move(connection));
        return base::ok();
      } else {
        T answer = question(work);
        work.commit();
        give_back(std::move(connection));
        return answer;
      }
    } catch (const pqxx::sql_error& fault) {
      if (is_taken) give_back(nullptr);
      const auto state = state_of(fault);
      if (trouble != nullptr)
        *trouble = state.empty() ? queue::Trouble{"", "a statement failed"} : trouble_of(state, fault.what());
      return Error{is_transient_sqlstate(state) ? ErrorKind::Transient : ErrorKind::Invalid,
                   std::string(what) + ": " + fault.what()};
    } catch (const std::exception& fault) {
      if (is_taken) give_back(nullptr);
      if (trouble != nullptr) *trouble = trouble_of({}, fault.what());
      return Error{ErrorKind::Transient, std::string(what) + ": " + fault.what()};
    }
  }

  std::shared_ptr<KnownAddress> address_;
  std::shared_ptr<FullDisk> disk_ = std::make_shared<FullDisk>();
  OpenOptions options_;
  std::unique_ptr<queue::Outbox> outbox_;
  std::unique_ptr<queue::Ledger> ledger_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<pqxx::connection>> idle_;
  int in_use_ = 0;
  queue::Trouble trouble_;
};

}  // namespace

std::unique_ptr<queue::Store> make_postgres_store(AddressSource address, OpenOptions options) {
  return std::make_unique<PostgresStore>(std::move(address), std::move(options));
}

}  // namespace cadence::store
