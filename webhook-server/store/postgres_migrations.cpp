#include "store/postgres_migrations.hpp"

#include <array>

namespace cadence::store {

namespace {

// `job` holds unfinished work only and stays tiny whatever the history: queue speed dies with table size, not with
// rate. No index covers what claims and progress change, so those updates stay heap-only (fillfactor leaves them room).
constexpr const char* kFirst = R"sql(
create table worker (
  incarnation uuid primary key,
  replica text not null,
  started_at timestamptz not null default now(),
  lease_until timestamptz not null
);

create table delivery (
  key bytea primary key,
  provider text not null,
  event text not null,
  job_id uuid not null,
  received_at timestamptz not null default now(),
  repeats integer not null default 0
);
create index delivery_age on delivery (received_at);

create table job (
  id uuid primary key,
  event_type text not null,
  url text not null,
  repo text not null,
  full_name text not null,
  branch text not null,
  commit_id text not null,
  author text not null,
  created_at timestamptz not null default now(),
  run_at timestamptz not null default now(),
  generation integer not null default 0,
  attempt integer not null default 0,
  claimed_by uuid,
  replica text not null default '',
  progress text not null default '',
  updated_at timestamptz not null default now()
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index job_ready on job (run_at, id) where claimed_by is null;
create index job_claimed on job (claimed_by) where claimed_by is not null;
create index job_newest on job (created_at desc, id);

create table job_history (
  id uuid primary key,
  event_type text not null,
  url text not null,
  repo text not null,
  full_name text not null,
  branch text not null,
  commit_id text not null,
  author text not null,
  created_at timestamptz not null,
  generation integer not null,
  attempt integer not null,
  replica text not null,
  progress text not null,
  status text not null check (status in ('completed', 'failed')),
  error text not null,
  summary text not null,
  finished_at timestamptz not null default now()
);
create index job_history_newest on job_history (created_at desc, id);
create index job_history_age on job_history (finished_at);

create table result (
  job_id uuid not null,
  generation integer not null,
  body text not null,
  stored_at timestamptz not null default now(),
  primary key (job_id, generation)
);
)sql";

// Servers of the version before go on meanwhile: they neither write nor read the column, and what they queue is a
// stranger's.
constexpr const char* kSecond = R"sql(
alter table job add column asked_by text not null default '';
create index job_asked on job (run_at, id) where claimed_by is null and event_type like 'api\_%';
)sql";

// Whose push it is, so that owners take turns; null: it was asked for. The database derives it, so rows of servers of
// the version before have it too. They go on claiming the oldest first by `job_ready`, which is kept for them.
constexpr const char* kThird = R"sql(
alter table job add column owner text collate "C" generated always as (
  case when event_type not like 'api\_%'
       then event_type || ' ' || lower(case full_name when '' then url else split_part(full_name, '/', 1) end)
  end) stored;
create index job_turn on job (owner, full_name, run_at, id) where claimed_by is null and owner is not null;
create index job_again on job (run_at, id) where claimed_by is null and attempt > 0;
create table turn (lane text collate "C" primary key, last text not null) with (fillfactor = 20);
)sql";

// A list of jobs is read in order from an index, whatever it is filtered by.
constexpr const char* kFourth = R"sql(
create index job_history_status on job_history (status, created_at desc, id);
create index job_history_repo on job_history (repo, created_at desc, id);
create index job_history_full_name on job_history (full_name, created_at desc, id);
)sql";

// Statuses that senders are owed (queue/outbox.hpp). Servers of the version before write nothing into it; what they end
// is caught up with.
constexpr const char* kFifth = R"sql(
create table outbox (
  job_id uuid primary key,
  event_type text not null,
  full_name text not null,
  branch text not null,
  commit_id text not null,
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed')),
  summary text not null default '',
  version integer not null default 0,
  remote text not null default '',
  owed_since timestamptz not null default now(),
  run_at timestamptz default now(),
  attempt integer not null default 0,
  claim uuid,
  claimed_until timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index outbox_due on outbox (run_at) where run_at is not null;
create index outbox_age on outbox (owed_since);
)sql";

// What log lines and spans of a job carry; null: nothing is known. Servers of the version before neither write nor read
// it, and what they end or queue again has none.
constexpr const char* kSixth = R"sql(
alter table job add column origin text;
alter table job_history add column origin text;
)sql";

// What was found at hooks whose deliveries are watched (queue/ledger.hpp).
constexpr const char* kSeventh = R"sql(
create table watched_hook (
  hook text collate "C" primary key,
  notes text not null default '',
  begun_at timestamptz not null,
  run_at timestamptz not null default now(),
  claim uuid,
  claimed_until timestamptz
);
)sql";

constexpr std::array kSteps = {Migration{1, kFirst},  Migration{2, kSecond}, Migration{3, kThird},
                               Migration{4, kFourth}, Migration{5, kFifth},  Migration{6, kSixth},
                               Migration{7, kSeventh}};

}  // namespace

std::span<const Migration> postgres_migrations() { return kSteps; }

}  // namespace cadence::store
