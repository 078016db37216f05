// The promises of queue/store.hpp, held by every adapter: the same cases on SQLite and on a real PostgreSQL.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "store/open.hpp"
#include "store/sqlite_database.hpp"
#include "support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLimit{5000};

test::PostgresServer& postgres() {
  static test::PostgresServer server;
  return server;
}

Delivery delivery(const std::string& key, const std::string& repo = "kiln") {
  Delivery made;
  made.key = (key + "................").substr(0, 16);
  made.provider = "github";
  made.event = "push";
  made.job_id = base::random_uuid();
  made.spec = {"github_push", "https://h/r.git", repo, "potters/" + repo, "tr\"un\\k,{}", "9c", "mira \xc3\xa9"};
  return made;
}

class StoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    address = GetParam() == "postgres" ? postgres().create_database() : "sqlite:" + (folder.path() / "cadence.db").string();
    store = open();
    const auto migrated = store->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    acceptor = store->open_acceptor();
    for (const auto& worker : {one, two}) ASSERT_TRUE(store->renew(worker, std::chrono::seconds(60)));
  }
  std::unique_ptr<Store> open() {
    auto opened = store::open_store(store::fixed_address(address), {"pod", 6});
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  Accepted accept(const Delivery& made) {
    auto accepted = acceptor->accept({&made, 1}, kLimit);
    EXPECT_TRUE(accepted) << accepted.error().message;
    return accepted ? accepted->at(0) : Accepted{};
  }
  Claim claim_one(const Worker& worker) {
    auto claims = store->claim(worker, 1, {});
    EXPECT_TRUE(claims && claims->size() == 1);
    return claims && claims->size() == 1 ? claims->at(0) : Claim{};
  }
  Job find(const std::string& id) {
    auto found = store->find(id);
    EXPECT_TRUE(found && *found) << id;
    return found && *found ? **found : Job{};
  }

  test::Folder folder;
  std::string address;
  std::unique_ptr<Store> store;
  std::unique_ptr<Acceptor> acceptor;
  Worker one{base::random_uuid(), "pod-1"}, two{base::random_uuid(), "pod-2"};
};

TEST_P(StoreTest, KeepsWhatItAccepts) {
  const auto made = delivery("a");
  const auto accepted = accept(made);
  EXPECT_TRUE(accepted.is_new);
  EXPECT_EQ(accepted.job_id, made.job_id);
  const auto job = find(made.job_id);
  EXPECT_EQ(job.spec, made.spec);
  EXPECT_EQ(job.status, JobStatus::Pending);
  const auto age = base::system_clock().wall() - job.created_at;
  EXPECT_LT(std::chrono::abs(age), std::chrono::minutes(1));
  EXPECT_EQ(store->depth()->waiting, 1);
  EXPECT_FALSE(*store->find(base::random_uuid()));
}

TEST_P(StoreTest, RepeatsAnswerTheFirstJobInOneBatchAndInTheNext) {
  const auto first = delivery("a"), again = delivery("a"), other = delivery("b");
  const std::vector<Delivery> batch = {first, again, other};
  const auto accepted = acceptor->accept(batch, kLimit);
  ASSERT_TRUE(accepted) << accepted.error().message;
  // Which of two equal keys in one batch makes the job is the store's choice; both must be told the same.
  EXPECT_EQ(accepted->at(0).job_id, accepted->at(1).job_id);
  EXPECT_EQ(accepted->at(0).is_new + accepted->at(1).is_new, 1);
  EXPECT_EQ(accepted->at(2).job_id, other.job_id);
  const auto repeat = accept(delivery("a"));
  EXPECT_FALSE(repeat.is_new);
  EXPECT_EQ(repeat.job_id, accepted->at(0).job_id);
  EXPECT_EQ(store->depth()->waiting, 2);
}

// A captured body may be sent under any id, for as long as somebody likes.
TEST_P(StoreTest, AKnownBodyUnderAnotherKeyIsARepeatThatRevivesNothing) {
  const auto with_body = [](const std::string& key, const std::string& body) {
    auto made = delivery(key);
    made.body_key = (body + "................").substr(0, 16);
    return made;
  };
  const std::vector<Delivery> batch = {with_body("a", "body"), with_body("b", "body")};
  const auto accepted = acceptor->accept(batch, kLimit);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->at(0).job_id, accepted->at(1).job_id) << "in one batch";
  EXPECT_EQ(accepted->at(0).is_new + accepted->at(1).is_new, 1);
  const auto id = accepted->at(0).job_id;
  EXPECT_EQ(accept(with_body("c", "body")).job_id, id) << "and in the next";
  EXPECT_TRUE(accept(with_body("d", "other")).is_new);
  EXPECT_EQ(store->depth()->waiting, 2);
  const auto own = accepted->at(0).is_new ? "a" : "b";
  const auto claim = claim_one(one);
  ASSERT_EQ(claim.job_id, id);
  ASSERT_TRUE(*store->complete(one, claim, {"it failed", "", ""}));
  const auto replayed = accept(with_body("e", "body"));
  EXPECT_EQ(replayed.job_id, id);
  EXPECT_EQ(replayed.status, JobStatus::Failed);
  EXPECT_EQ(find(id).status, JobStatus::Failed) << "a replay revives nothing";
  const auto redelivered = accept(with_body(own, "body"));
  EXPECT_EQ(redelivered.job_id, id);
  EXPECT_EQ(find(id).status, JobStatus::Pending) << "the sender's own redelivery does";
}

TEST_P(StoreTest, ABodyFromManyReplicasUnderManyKeysIsOneJob) {
  constexpr int kReplicas = 8;
  std::set<std::string> jobs;
  std::mutex mutex;
  {
    std::vector<std::jthread> replicas;
    for (int i = 0; i < kReplicas; ++i)
      replicas.emplace_back([&, i] {
        const auto acceptor_of_mine = store->open_acceptor();
        auto made = delivery("key" + std::to_string(i));
        made.body_key = "the body of them";
        for (int tries = 0; tries < 20; ++tries) {
          const auto accepted = acceptor_of_mine->accept({&made, 1}, kLimit);
          if (!accepted) continue;
          std::lock_guard lock(mutex);
          jobs.insert(accepted->at(0).job_id);
          return;
        }
      });
  }
  EXPECT_EQ(jobs.size(), 1u);
  EXPECT_EQ(store->depth()->waiting, 1);
}

// A backup, an editor, a person: whoever holds the file longer than a sender waits.
TEST(SqliteStore, AFileHeldByOthersIsSaidInTimeAndStillRead) {
  const test::Folder folder;
  const auto path = (folder.path() / "cadence.db").string();
  const auto store = std::move(*store::open_store(store::fixed_address("sqlite:" + path), {"pod", 6}));
  ASSERT_TRUE(store->migrate());
  const auto acceptor = store->open_acceptor();
  const auto first = delivery("a");
  ASSERT_TRUE(acceptor->accept({&first, 1}, kLimit));
  const auto other = std::move(*store::SqliteDatabase::open(path));
  ASSERT_TRUE(other->script("begin exclusive"));
  const auto held = delivery("b");
  const auto begun = std::chrono::steady_clock::now();
  const auto refused = acceptor->accept({&held, 1}, milliseconds(200));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::Transient);
  EXPECT_FALSE(store->renew({base::random_uuid(), "pod"}, std::chrono::seconds(20)));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(4500)) << "it was 5 s for each";
  EXPECT_EQ(store->list({})->count_all, 1) << "reading goes on";
  EXPECT_TRUE(*store->find(first.job_id));
  EXPECT_EQ(store->depth()->waiting, 1);
  ASSERT_TRUE(other->script("rollback"));
  const auto accepted = acceptor->accept({&held, 1}, kLimit);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_TRUE(accepted->at(0).is_new);
  EXPECT_EQ(store->depth()->waiting, 2);
}

TEST_P(StoreTest, PushesGoBeforeWhatWasAskedFor) {
  const auto ask = [&](const std::string& key, const std::string& caller) {
    auto made = delivery(key);
    made.spec.event_type = "api_analysis_repo";
    made.spec.asked_by = caller;
    return accept(made).job_id;
  };
  const auto first = ask("a", "token people");
  ask("b", "address 192.0.2.7");
  ask("c", "address 192.0.2.7");
  const auto push = accept(delivery("d")).job_id;
  auto depth = store->depth();
  ASSERT_TRUE(depth);
  EXPECT_EQ(depth->waiting, 4);
  EXPECT_EQ(depth->asked, 3);
  EXPECT_EQ(depth->by_caller, (std::map<std::string, std::int64_t>{{"token people", 1}, {"address 192.0.2.7", 2}}));
  EXPECT_EQ(claim_one(one).job_id, push);
  EXPECT_TRUE(store->claim(one, {3, 0}, {push})->empty());
  const auto claims = store->claim(one, {3, 1}, {push});
  ASSERT_TRUE(claims && claims->size() == 1);
  EXPECT_EQ(claims->at(0).job_id, first);
  EXPECT_EQ(claims->at(0).spec.asked_by, "token people");
  depth = store->depth();
  EXPECT_EQ(depth->asked, 2);
  EXPECT_EQ(depth->by_caller["token people"], 1) << "until it is finished";
  EXPECT_EQ(store->claim(two, 9, {})->size(), 2u);
}

TEST_P(StoreTest, SameDeliveryFromManyReplicasIsOneJob) {
  constexpr int kReplicas = 8, kKeys = 30;
  std::vector<std::set<std::string>> answers(kKeys);
  std::mutex mutex;
  std::atomic<int> fresh{0}, failed{0};
  {
    std::vector<std::jthread> replicas;
    for (int i = 0; i < kReplicas; ++i)
      replicas.emplace_back([&, i] {
        const auto own = store->open_acceptor();
        for (int k = 0; k < kKeys; k += 3) {
          // Every second replica offers the keys in another order: rows must be locked in one order all the same.
          std::vector<Delivery> batch = {delivery("k" + std::to_string(k)), delivery("k" + std::to_string(k + 1)), delivery("k" + std::to_string(k + 2))};
          if (i % 2 == 0) std::swap(batch[0], batch[2]);
          const auto accepted = own->accept(batch, kLimit);
          if (!accepted) {
            ++failed;
            continue;
          }
          std::lock_guard lock(mutex);
          for (int j = 0; j < 3; ++j) {
            answers[static_cast<std::size_t>(i % 2 == 0 ? k + 2 - j : k + j)].insert(accepted->at(static_cast<std::size_t>(j)).job_id);
            fresh += accepted->at(static_cast<std::size_t>(j)).is_new ? 1 : 0;
          }
        }
      });
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(fresh, kKeys);
  for (const auto& ids : answers) EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(store->depth()->waiting, kKeys);
}

TEST_P(StoreTest, NoJobIsClaimedTwice) {
  constexpr int kJobs = 60;
  std::vector<Delivery> batch;
  for (int i = 0; i < kJobs; ++i) batch.push_back(delivery(std::to_string(i)));
  ASSERT_TRUE(acceptor->accept(batch, kLimit));
  std::mutex mutex;
  std::multiset<std::string> claimed;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        const Worker worker{base::random_uuid(), "pod"};
        std::vector<std::string> held;
        if (!store->renew(worker, std::chrono::seconds(60))) return;
        for (auto claims = store->claim(worker, 3, held); claims && !claims->empty(); claims = store->claim(worker, 3, held)) {
          std::lock_guard lock(mutex);
          for (const auto& claim : *claims) {
            held.push_back(claim.job_id);
            claimed.insert(claim.job_id);
          }
        }
      });
  }
  EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), static_cast<std::size_t>(kJobs));
}

TEST_P(StoreTest, ClaimsOldestFirstAndOnlyWithALease) {
  for (const char* key : {"a", "b", "c"}) (void)accept(delivery(key, key));
  EXPECT_EQ(claim_one(one).spec.repo, "a");
  const Worker expired{base::random_uuid(), "late"};
  EXPECT_TRUE(store->claim(expired, 1, {})->empty()) << "never signed on";
  ASSERT_TRUE(store->renew(expired, milliseconds(-1000)));
  EXPECT_TRUE(store->claim(expired, 1, {})->empty()) << "lease over";
}

TEST_P(StoreTest, ClaimsWhoseAnswerWasLostAreClaimedAnew) {
  (void)accept(delivery("a"));
  const auto lost = claim_one(one);
  EXPECT_TRUE(store->claim(one, 4, {lost.job_id})->empty());
  const auto again = claim_one(one);
  EXPECT_EQ(again.job_id, lost.job_id);
  EXPECT_EQ(again.attempt, lost.attempt + 1);
  EXPECT_FALSE(*store->complete(one, lost, {"", "{}", ""}));
  EXPECT_TRUE(*store->complete(one, again, {"", "{}", ""}));
}

TEST_P(StoreTest, CompletionStoresTheResultOnce) {
  const auto made = delivery("a");
  (void)accept(made);
  const auto claim = claim_one(one);
  EXPECT_EQ(find(made.job_id).status, JobStatus::Processing);
  EXPECT_EQ(find(made.job_id).replica, "pod-1");
  ASSERT_TRUE(store->note_progress(one, claim, "cloning"));
  EXPECT_EQ(find(made.job_id).progress, "cloning");
  EXPECT_FALSE(*store->complete(two, claim, {"", R"({"x":2})", ""})) << "not the holder";
  EXPECT_TRUE(*store->complete(one, claim, {"", R"({"x":1})", R"({"s":1})"}));
  EXPECT_FALSE(*store->complete(one, claim, {"", R"({"x":3})", ""})) << "already over";
  const auto job = find(made.job_id);
  EXPECT_EQ(job.status, JobStatus::Completed);
  EXPECT_EQ(job.result, R"({"x":1})");
  EXPECT_EQ(job.summary, R"({"s":1})");
  EXPECT_EQ(job.progress, "completed");
  EXPECT_EQ(accept(delivery("a")).status, JobStatus::Completed) << "a repeat of a finished delivery is told so";
  EXPECT_EQ(store->depth()->waiting, 0);
}

TEST_P(StoreTest, ARepeatRevivesAFailedJobUnderItsId) {
  const auto made = delivery("a");
  (void)accept(made);
  const auto claim = claim_one(one);
  ASSERT_TRUE(*store->complete(one, claim, {"failed to clone repository: x", "", ""}));
  EXPECT_EQ(find(made.job_id).error, "failed to clone repository: x");
  const auto again = accept(delivery("a"));
  EXPECT_EQ(again.job_id, made.job_id);
  EXPECT_EQ(again.status, JobStatus::Pending);
  const auto second = claim_one(two);
  EXPECT_EQ(second.job_id, made.job_id);
  EXPECT_EQ(second.generation, claim.generation + 1);
  EXPECT_TRUE(*store->complete(two, second, {"", "{}", ""}));
  EXPECT_EQ(find(made.job_id).status, JobStatus::Completed);
  EXPECT_EQ(find(made.job_id).error, "");
}

TEST_P(StoreTest, AStolenClaimPublishesNothing) {
  const auto made = delivery("a");
  (void)accept(made);
  const auto stale = claim_one(one);
  ASSERT_TRUE(store->renew(one, milliseconds(-1000)));  // paused past its lease
  EXPECT_EQ(store->rescue(3)->requeued, 1);
  EXPECT_EQ(store->rescue(3)->requeued, 0);
  EXPECT_EQ(find(made.job_id).status, JobStatus::Pending);
  const auto fresh = claim_one(two);
  EXPECT_EQ(fresh.attempt, 2);
  EXPECT_FALSE(*store->complete(one, stale, {"", R"({"who":1})", ""}));
  EXPECT_FALSE(*store->hand_back(one, stale));
  EXPECT_TRUE(*store->complete(two, fresh, {"", R"({"who":2})", ""}));
  EXPECT_EQ(find(made.job_id).result, R"({"who":2})");
}

TEST_P(StoreTest, AJobThatKillsItsWorkersIsGivenUp) {
  const auto made = delivery("a");
  (void)accept(made);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Worker doomed{base::random_uuid(), "pod"};
    ASSERT_TRUE(store->renew(doomed, std::chrono::seconds(60)));
    EXPECT_EQ(claim_one(doomed).attempt, attempt);
    ASSERT_TRUE(store->leave(doomed));
    const auto rescued = store->rescue(3);
    EXPECT_EQ(rescued->requeued, attempt < 3 ? 1 : 0);
    EXPECT_EQ(rescued->given_up, attempt < 3 ? 0 : 1);
  }
  const auto job = find(made.job_id);
  EXPECT_EQ(job.status, JobStatus::Failed);
  EXPECT_EQ(job.error, "analysis failed: the replica running it was lost 3 times");
}

TEST_P(StoreTest, HandingBackIsNotAnAttempt) {
  (void)accept(delivery("a"));
  const auto claim = claim_one(one);
  EXPECT_TRUE(*store->hand_back(one, claim));
  EXPECT_EQ(claim_one(two).attempt, 1);
}

TEST_P(StoreTest, ListsNewestFirstWithFilters) {
  std::vector<std::string> ids;
  for (const char* repo : {"a", "b", "c", "b"}) {
    const auto made = delivery("k" + std::to_string(ids.size()), repo);
    (void)accept(made);
    ids.push_back(made.job_id);
  }
  ASSERT_TRUE(*store->complete(one, claim_one(one), {"", "{}", ""}));
  auto page = store->list({});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->count_all, 4);
  ASSERT_EQ(page->jobs.size(), 4u);
  EXPECT_EQ(page->jobs[0].id, ids[3]);
  EXPECT_EQ(page->jobs[3].id, ids[0]);
  EXPECT_EQ(page->jobs[3].status, JobStatus::Completed);
  EXPECT_EQ(store->list({.limit = 2})->jobs.size(), 2u);
  EXPECT_EQ(store->list({.limit = 2, .offset = 3})->jobs.at(0).id, ids[0]);
  EXPECT_EQ(store->list({.status = JobStatus::Completed})->count_all, 1);
  EXPECT_EQ(store->list({.repo = "b"})->count_all, 2);
  EXPECT_EQ(store->list({.repo = "potters/c"})->count_all, 1);
}

TEST_P(StoreTest, PurgeRemovesWhatIsOldEnough) {
  (void)accept(delivery("a"));
  ASSERT_TRUE(*store->complete(one, claim_one(one), {"", "{}", ""}));
  (void)accept(delivery("b"));
  EXPECT_EQ(*store->purge({}, 100), 0);
  ASSERT_TRUE(store->purge({std::chrono::hours(0), std::chrono::hours(0)}, 100));
  EXPECT_EQ(store->list({})->count_all, 1) << "unfinished work stays";
  EXPECT_TRUE(accept(delivery("a")).is_new) << "the ledger forgot it";
}

TEST_P(StoreTest, MigratesOnceHoweverManyStart) {
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> replicas;
    for (int i = 0; i < 4; ++i)
      replicas.emplace_back([&] {
        if (!open()->migrate()) ++failed;
      });
  }
  EXPECT_EQ(failed, 0);
}

TEST_P(StoreTest, SurvivesBeingOpenedAgain) {
  const auto made = delivery("a");
  (void)accept(made);
  acceptor.reset();
  store = open();
  ASSERT_TRUE(store->migrate());
  acceptor = store->open_acceptor();
  EXPECT_EQ(find(made.job_id).spec, made.spec);
  EXPECT_FALSE(accept(delivery("a")).is_new);
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreTest, testing::Values("sqlite", "postgres"), [](const auto& tested) { return tested.param; });

TEST(PostgresStore, SaysTransientWhileTheServerIsAwayAndRecovers) {
  const auto address = postgres().create_database();
  auto store = std::move(*store::open_store(store::fixed_address(address), {"pod", 2}));
  ASSERT_TRUE(store->migrate());
  const auto acceptor = store->open_acceptor();
  const auto first = delivery("a"), second = delivery("b");
  ASSERT_TRUE(acceptor->accept({&first, 1}, kLimit));
  postgres().stop();
  const auto begun = std::chrono::steady_clock::now();
  const auto refused = acceptor->accept({&second, 1}, milliseconds(500));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::Transient);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
  EXPECT_EQ(store->depth().error().kind, base::ErrorKind::Transient);
  postgres().start();
  EXPECT_TRUE(acceptor->accept({&second, 1}, kLimit));
  EXPECT_TRUE(test::eventually([&] { return store->depth() && store->depth()->waiting == 2; }));
}

TEST(PostgresStore, NeverShowsThePassword) {
  const auto wrong = store::open_store(store::fixed_address("postgresql://u:topsecret@h/x?nonsense=1"), {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message.find("topsecret"), std::string::npos);
  auto store = std::move(*store::open_store(store::fixed_address("postgresql://u:topsecret@127.0.0.1:1/x"), {}));
  EXPECT_EQ(store->depth().error().message.find("topsecret"), std::string::npos);
}

}  // namespace
}  // namespace cadence::queue

// libpqxx 6.4 loses one PGresult when the server dies under a statement: 2 KiB per outage, not ours to mend.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }
