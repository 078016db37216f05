// A roll-out: tables and rows of the version before turns, and its statements beside the present ones. What they say is
// fixed: such servers are out there.
#include <algorithm>
#include <array>

#include "store/postgres_migrations.hpp"
#include "store/sqlite_database.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

// How that version stored a push.
std::string old_insert(const std::string& id, const std::string& full_name, bool is_postgres) {
  const std::string columns = "id, event_type, url, repo, full_name, branch, commit_id, author, asked_by";
  const std::string values =
      "'" + id + "', 'github_push', 'https://h/r.git', 'kiln', '" + full_name + "', 'trunk', '9c', 'mira', ''";
  if (is_postgres) return "insert into job (" + columns + ") values (" + values + ")";
  return "insert into job (" + columns + ", created_at, run_at, updated_at) values (" + values + ", 5, 5, 5)";
}

constexpr const char* kOldClaim = R"sql(
with pushes as (
  select id from job
   where ((claimed_by is null and run_at <= now()) or (claimed_by = 'W'::uuid and id <> all('{}'::uuid[])))
     and event_type not like 'api\_%'
   order by run_at, id limit 1 for update skip locked
)
update job j set claimed_by = 'W'::uuid, replica = 'old', attempt = attempt + 1,
                 progress = 'initializing', updated_at = now()
  from pushes as mine where j.id = mine.id
   and exists (select from worker where incarnation = 'W'::uuid and lease_until > now())
returning j.id)sql";

constexpr const char* kOldFile = R"sql(
create table worker (incarnation text primary key, replica text not null, lease_until integer not null) without rowid;
create table job (id text primary key, event_type text not null, url text not null, repo text not null,
  full_name text not null, branch text not null, commit_id text not null, author text not null,
  created_at integer not null, run_at integer not null, generation integer not null default 0,
  attempt integer not null default 0, claimed_by text not null default '', replica text not null default '',
  progress text not null default '', updated_at integer not null) without rowid;
create index job_ready on job (claimed_by, run_at);
alter table job add column asked_by text not null default '';
pragma user_version = 1;
)sql";

class StoreUpgrade : public StoreTest {
 protected:
  void SetUp() override {
    is_postgres = GetParam() == "postgres";
    file = (folder.path() / "cadence.db").string();
    address = is_postgres ? postgres().create_database() : "sqlite:" + file;
    if (is_postgres) {
      as_before("create table migration (number integer primary key, applied_at timestamptz not null default now())");
      for (const auto& step : store::postgres_migrations())
        if (step.number <= 2)
          as_before(std::string(step.sql) + "; insert into migration (number) values (" + std::to_string(step.number) +
                    ")");
    } else {
      as_before(kOldFile);
    }
  }
  // A statement of the version before.
  void as_before(const std::string& sql) {
    if (is_postgres) {
      postgres().query(address, sql);
      return;
    }
    const auto opened = store::SqliteDatabase::open(file);
    ASSERT_TRUE(opened && (*opened)->script(sql));
  }
  std::string store_as_before(const std::string& full_name) {
    const auto id = base::random_uuid();
    as_before(old_insert(id, full_name, is_postgres));
    return id;
  }
  void upgrade() {
    store = open();
    const auto migrated = store->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    acceptor = store->open_acceptor();
    for (const auto& worker : {one, two}) ASSERT_TRUE(store->renew(worker, std::chrono::hours(1)));
  }

  bool is_postgres = false;
  std::string file;
};

TEST_P(StoreUpgrade, WhatWaitedAndWhatOldServersStillStoreTakesTurns) {
  for (int i = 0; i < 5; ++i) store_as_before("flood/main");
  const auto waited = store_as_before("hatters/hat");
  upgrade();
  const auto beside = store_as_before("weavers/loom");
  const auto made = delivery("n");
  (void)accept(made);
  std::vector<std::string> ids;
  const auto claims = store->claim(one, 4, {});
  ASSERT_TRUE(claims) << claims.error().message;
  for (const auto& claim : *claims) ids.push_back(claim.job_id);
  for (const auto& id : {waited, beside, made.job_id})
    EXPECT_TRUE(std::find(ids.begin(), ids.end(), id) != ids.end()) << "each owner once";
  EXPECT_EQ(store->depth()->waiting, 4);
}

// A file has one server at a time.
class OldServer : public StoreUpgrade {};

TEST_P(OldServer, ClaimsWhatANewOneStored) {
  upgrade();
  const auto made = delivery("n");
  (void)accept(made);
  EXPECT_EQ(postgres().query(address, base::replace_all(kOldClaim, "'W'", "'" + one.incarnation + "'")).substr(0, 36),
            made.job_id);
  EXPECT_EQ(find(made.job_id).replica, "old");
}

INSTANTIATE_TEST_SUITE_P(Adapters, OldServer, testing::Values("postgres"),
                         [](const auto& tested) { return tested.param; });
INSTANTIATE_TEST_SUITE_P(Adapters, StoreUpgrade, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
