#include "store/sqlite_migrations.hpp"

#include <set>
#include <string>

namespace cadence::store {
namespace {

// Times are microseconds since 1970. The layout is the one of PostgreSQL (postgres_migrations.cpp), with text ids.
constexpr const char* kSchema = R"sql(
create table if not exists worker (incarnation text primary key, replica text not null,
  lease_until integer not null) without rowid;
create table if not exists delivery (key text primary key, provider text not null, event text not null,
  job_id text not null, received_at integer not null, repeats integer not null default 0) without rowid;
create index if not exists delivery_age on delivery (received_at);
create table if not exists job (id text primary key, event_type text not null, url text not null, repo text not null,
  full_name text not null, branch text not null, commit_id text not null, author text not null,
  created_at integer not null, run_at integer not null, generation integer not null default 0,
  attempt integer not null default 0, claimed_by text not null default '', replica text not null default '',
  progress text not null default '', updated_at integer not null) without rowid;
create index if not exists job_ready on job (claimed_by, run_at);
create table if not exists job_history (id text primary key, event_type text not null, url text not null,
  repo text not null, full_name text not null, branch text not null, commit_id text not null, author text not null,
  created_at integer not null, generation integer not null, attempt integer not null, replica text not null,
  progress text not null, status text not null, error text not null, summary text not null,
  finished_at integer not null) without rowid;
create index if not exists job_history_newest on job_history (created_at desc, id);
create index if not exists job_history_status on job_history (status, created_at desc, id);
create index if not exists job_history_repo on job_history (repo, created_at desc, id);
create index if not exists job_history_full_name on job_history (full_name, created_at desc, id);
create index if not exists job_newest on job (created_at desc, id);
create index if not exists job_history_age on job_history (finished_at);
create table if not exists result (job_id text not null, generation integer not null, body text not null,
  primary key (job_id, generation)) without rowid;
pragma user_version = 1;
)sql";

// Whose push it is, so that owners take turns; null: it was asked for. The file derives it, so rows of programs of the
// version before have it too.
constexpr const char* kTurns = R"sql(
alter table job add column owner text generated always as (case when event_type not like 'api\_%' escape '\'
  then event_type || ' ' || lower(case full_name when '' then url
    else substr(full_name, 1, instr(full_name || '/', '/') - 1) end) end) virtual;
create index job_turn on job (owner, full_name, run_at, id) where claimed_by = '' and owner is not null;
create index job_asked on job (run_at) where claimed_by = '' and owner is null;
create index job_again on job (run_at) where claimed_by = '' and attempt > 0;
create table turn (lane text primary key, last text not null) without rowid;
)sql";

// Statuses that senders are owed (queue/outbox.hpp); run_at is null when there is nothing to be told.
constexpr const char* kOutbox = R"sql(
create table if not exists outbox (job_id text primary key, event_type text not null, full_name text not null,
  branch text not null, commit_id text not null, status text not null default 'pending',
  summary text not null default '', version integer not null default 0, remote text not null default '',
  owed_since integer not null, run_at integer, attempt integer not null default 0, claim text not null default '',
  claimed_until integer not null default 0) without rowid;
create index if not exists outbox_due on outbox (run_at) where run_at is not null;
create index if not exists outbox_age on outbox (owed_since);
)sql";

// What log lines and spans of a job carry, where something is known. A table of its own, for programs of the version
// before write whole rows of job_history.
constexpr const char* kOrigins = R"sql(
create table if not exists job_origin (job_id text primary key, origin text not null) without rowid;
)sql";

// What was found at hooks whose deliveries are watched (queue/ledger.hpp).
constexpr const char* kWatchedHooks = R"sql(
create table if not exists watched_hook (hook text primary key, notes text not null default '',
  begun_at integer not null, run_at integer not null default 0, claim text not null default '',
  claimed_until integer not null default 0) without rowid;
)sql";

}  // namespace

base::Result<void> migrate_sqlite(SqliteDatabase& database) {
  return database.transaction([&]() -> base::Result<void> {
    if (auto made = database.script(std::string(kSchema) + kOutbox + kOrigins + kWatchedHooks); !made) return made;
    std::set<std::string> columns;
    const auto note = [&](const SqliteRow& row) { columns.insert(row.text(0)); };
    auto looked = database.run("select name from pragma_table_xinfo('job')", {}, note);
    if (!looked) return looked.error();
    if (!columns.contains("asked_by"))
      if (auto made = database.script("alter table job add column asked_by text not null default ''"); !made)
        return made;
    return columns.contains("owner") ? base::ok() : database.script(kTurns);
  });
}

}  // namespace cadence::store
