#include "store/sqlite_migrations.hpp"

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
create index if not exists job_history_age on job_history (finished_at);
create table if not exists result (job_id text not null, generation integer not null, body text not null,
  primary key (job_id, generation)) without rowid;
pragma user_version = 1;
)sql";

}  // namespace

base::Result<void> migrate_sqlite(SqliteDatabase& database) {
  return database.transaction([&]() -> base::Result<void> {
    if (auto made = database.script(kSchema); !made) return made;
    bool has_column = false;
    const auto note = [&](const SqliteRow&) { has_column = true; };
    auto looked = database.run("select 1 from pragma_table_info('job') where name = 'asked_by'", {}, note);
    if (!looked) return looked.error();
    return has_column ? base::ok() : database.script("alter table job add column asked_by text not null default ''");
  });
}

}  // namespace cadence::store
