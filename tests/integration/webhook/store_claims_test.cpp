// What queue/store.hpp promises of claims, results, reading and removal, on SQLite and on a real PostgreSQL.
#include <set>
#include <thread>

#include "store_support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;

class StoreClaims : public StoreTest {};

TEST_P(StoreClaims, PushesGoBeforeWhatWasAskedFor) {
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

TEST_P(StoreClaims, AnErrorInAnyBytesEndsItsJob) {
  const auto id = accept(delivery("a")).job_id;
  const auto claim = claim_one(one);
  const auto done = store->complete(one, claim, {std::string("no branch caf\xe9 \0 there", 22), {}, "\xff"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(*done);
  EXPECT_EQ(find(id).status, JobStatus::Failed);
  EXPECT_EQ(find(id).error.substr(0, 13), "no branch caf");
}

TEST_P(StoreClaims, NoJobIsClaimedTwice) {
  constexpr int kJobs = 60;
  std::vector<Delivery> batch;
  for (int i = 0; i < kJobs; ++i) batch.push_back(delivery(std::to_string(i)));
  ASSERT_TRUE(acceptor->accept(batch, kStoreLimit));
  std::mutex mutex;
  std::multiset<std::string> claimed;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        const Worker worker{base::random_uuid(), "pod"};
        std::vector<std::string> held;
        if (!store->renew(worker, std::chrono::seconds(60))) return;
        for (auto claims = store->claim(worker, 3, held); claims && !claims->empty();
             claims = store->claim(worker, 3, held)) {
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

TEST_P(StoreClaims, ClaimsOldestFirstAndOnlyWithALease) {
  for (const char* key : {"a", "b", "c"}) (void)accept(delivery(key, key));
  EXPECT_EQ(claim_one(one).spec.repo, "a");
  const Worker expired{base::random_uuid(), "late"};
  EXPECT_TRUE(store->claim(expired, 1, {})->empty()) << "never signed on";
  ASSERT_TRUE(store->renew(expired, milliseconds(-1000)));
  EXPECT_TRUE(store->claim(expired, 1, {})->empty()) << "lease over";
}

// It runs alone, so whoever hands it back to wait for that must get it again, whoever else waits by then.
TEST_P(StoreClaims, AJobWhoseWorkerWasLostGoesFirst) {
  const auto push = [](const std::string& key, const std::string& owner) {
    auto made = delivery(key);
    made.spec.full_name = owner + "/kiln";
    return made;
  };
  for (const char* owner : {"a", "b", "c", "d"}) (void)accept(push(owner, owner));
  const Worker doomed{base::random_uuid(), "pod"};
  ASSERT_TRUE(store->renew(doomed, std::chrono::seconds(60)));
  const auto lost = claim_one(doomed);
  const auto next = claim_one(one);
  ASSERT_TRUE(store->leave(doomed));
  ASSERT_EQ(store->rescue(3)->requeued, 1);
  for (int tries = 0; tries < 3; ++tries) {
    const auto claims = store->claim(two, 1, {});
    ASSERT_TRUE(claims && claims->size() == 1);
    EXPECT_EQ(claims->at(0).job_id, lost.job_id);
    EXPECT_EQ(claims->at(0).attempt, 2);
    ASSERT_TRUE(*store->hand_back(two, claims->at(0)));
  }
  EXPECT_NE(next.job_id, lost.job_id);
}

TEST_P(StoreClaims, ClaimsWhoseAnswerWasLostAreClaimedAgain) {
  (void)accept(delivery("a"));
  const auto lost = claim_one(one);
  EXPECT_TRUE(store->claim(one, 4, {lost.job_id})->empty());
  const auto again = claim_one(one);
  EXPECT_EQ(again.job_id, lost.job_id);
  EXPECT_EQ(again.attempt, lost.attempt + 1);
  EXPECT_FALSE(*store->complete(one, lost, {"", "{}", ""}));
  EXPECT_TRUE(*store->complete(one, again, {"", "{}", ""}));
}

TEST_P(StoreClaims, CompletionStoresTheResultOnce) {
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

TEST_P(StoreClaims, AStolenClaimPublishesNothing) {
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

TEST_P(StoreClaims, AJobThatKillsItsWorkersIsGivenUp) {
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

TEST_P(StoreClaims, HandingBackIsNotAnAttempt) {
  (void)accept(delivery("a"));
  const auto claim = claim_one(one);
  EXPECT_TRUE(*store->hand_back(one, claim));
  EXPECT_EQ(claim_one(two).attempt, 1);
}

TEST_P(StoreClaims, ListsNewestFirstWithFilters) {
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

TEST_P(StoreClaims, PurgeRemovesWhatIsOldEnough) {
  (void)accept(delivery("a"));
  ASSERT_TRUE(*store->complete(one, claim_one(one), {"", "{}", ""}));
  (void)accept(delivery("b"));
  EXPECT_EQ(*store->purge({}, 100), 0);
  ASSERT_TRUE(store->purge({std::chrono::hours(0), std::chrono::hours(0)}, 100));
  EXPECT_EQ(store->list({})->count_all, 1) << "unfinished work stays";
  EXPECT_TRUE(accept(delivery("a")).is_new) << "the ledger forgot it";
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreClaims, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
