// What queue/outbox.hpp promises of statuses that senders are owed, on SQLite and on a real PostgreSQL.
#include <set>
#include <thread>

#include "queue/outbox.hpp"
#include "store/sqlite_database.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLease{60000};

class StoreOutbox : public StoreTest {
 protected:
  StoreOutbox() {
    owes = [](const JobSpec& spec) { return spec.full_name.starts_with("potters/"); };
  }
  std::vector<OwedStatus> claim_owed(int most = 10, milliseconds lease = kLease) {
    auto claimed = store->outbox()->claim(most, lease);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? *claimed : std::vector<OwedStatus>();
  }
  OwedStatus claim_one_owed(milliseconds lease = kLease) {
    const auto claimed = claim_owed(10, lease);
    EXPECT_EQ(claimed.size(), 1u);
    return claimed.empty() ? OwedStatus{} : claimed.front();
  }
  bool settle(const OwedStatus& owed, const std::string& remote = "") {
    const auto settled = store->outbox()->settle(owed, remote);
    EXPECT_TRUE(settled) << settled.error().message;
    return settled && *settled;
  }
  bool put_off(const OwedStatus& owed, milliseconds wait, bool is_attempt = true) {
    const auto moved = store->outbox()->put_off(owed, wait, is_attempt);
    EXPECT_TRUE(moved) << moved.error().message;
    return moved && *moved;
  }
  void finish(const std::string& error = "") {
    ASSERT_TRUE(*store->complete(one, claim_one(one), {error, "{}", error.empty() ? R"({"total_commits":3})" : ""}));
  }
  std::int64_t waiting() { return store->outbox()->state()->waiting; }
  // A statement of another program on the same database.
  void as_other(const std::string& sql) {
    if (GetParam() == "postgres") {
      postgres().query(address, sql);
      return;
    }
    const auto opened = store::SqliteDatabase::open((folder.path() / "cadence.db").string());
    ASSERT_TRUE(opened && (*opened)->script(sql));
  }
  // How a server without an outbox ends the one job there is.
  void finish_as_before() {
    const std::string columns =
        "id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation, attempt, replica, "
        "progress";
    const std::string time = GetParam() == "postgres" ? "now()" : "strftime('%s', 'now') * 1000000";
    as_other("insert into job_history (" + columns + ", status, error, summary, finished_at) select " + columns +
             ", 'completed', '', 'old', " + time + " from job; delete from job");
  }
};

TEST_P(StoreOutbox, APendingThenItsVerdictAndThenNothing) {
  const auto made = delivery("a");
  (void)accept(made);
  EXPECT_EQ(waiting(), 1);
  auto owed = claim_one_owed();
  EXPECT_EQ(owed.job_id, made.job_id);
  EXPECT_EQ(owed.status, JobStatus::Pending);
  EXPECT_EQ(owed.spec.event_type, "github_push");
  EXPECT_EQ(owed.spec.full_name, "potters/kiln");
  EXPECT_EQ(owed.spec.branch, made.spec.branch);
  EXPECT_EQ(owed.spec.commit, "9c");
  EXPECT_EQ(owed.attempt, 1);
  EXPECT_LT(owed.age, seconds(60));
  EXPECT_TRUE(claim_owed().empty()) << "it is held";
  EXPECT_TRUE(settle(owed, "17"));
  EXPECT_TRUE(claim_owed().empty()) << "it was told";
  EXPECT_EQ(waiting(), 0);
  finish();
  EXPECT_EQ(waiting(), 1);
  owed = claim_one_owed();
  EXPECT_EQ(owed.status, JobStatus::Completed);
  EXPECT_EQ(owed.summary, R"({"total_commits":3})");
  EXPECT_EQ(owed.remote, "17");
  EXPECT_EQ(owed.attempt, 1) << "each status has attempts of its own";
  EXPECT_TRUE(settle(owed));
  EXPECT_FALSE(settle(owed)) << "it is gone";
  EXPECT_TRUE(claim_owed().empty());
  EXPECT_EQ(waiting(), 0);
}

TEST_P(StoreOutbox, WhoIsNotAnsweredBackIsOwedNothing) {
  auto made = delivery("a");
  made.spec.full_name = "hatters/hat";
  (void)accept(made);
  finish();
  EXPECT_TRUE(claim_owed().empty());
  owes = nullptr;
  const auto plain = open();
  const auto writer = plain->open_acceptor();
  const auto other = delivery("b");
  ASSERT_TRUE(writer->accept({&other, 1}, kStoreLimit));
  EXPECT_TRUE(claim_owed().empty());
  EXPECT_EQ(waiting(), 0);
}

TEST_P(StoreOutbox, OfABatchThoseWhoAreOwedOne) {
  std::vector<Delivery> batch = {delivery("a"), delivery("b"), delivery("c")};
  batch[1].spec.full_name = "hatters/hat";
  ASSERT_TRUE(acceptor->accept(batch, kStoreLimit));
  std::set<std::string> ids;
  for (const auto& owed : claim_owed()) ids.insert(owed.job_id);
  EXPECT_EQ(ids, (std::set<std::string>{batch[0].job_id, batch[2].job_id}));
}

TEST_P(StoreOutbox, AVerdictTakesThePlaceOfAPendingThatWasNotTold) {
  (void)accept(delivery("a"));
  finish();
  const auto owed = claim_one_owed();
  EXPECT_EQ(owed.status, JobStatus::Completed);
  EXPECT_TRUE(settle(owed));
  EXPECT_TRUE(claim_owed().empty());
}

// Else the pending could arrive after it.
TEST_P(StoreOutbox, AVerdictWaitsForAPendingThatIsUnderWay) {
  (void)accept(delivery("a"));
  const auto pending = claim_one_owed();
  finish("analysis failed: no such branch");
  EXPECT_TRUE(claim_owed().empty());
  EXPECT_TRUE(settle(pending, "17")) << "under its own claim";
  const auto owed = claim_one_owed();
  EXPECT_EQ(owed.status, JobStatus::Failed);
  EXPECT_EQ(owed.remote, "17");
  EXPECT_TRUE(settle(owed));
}

TEST_P(StoreOutbox, WhatWasNotSettledComesAgainWhenTheLeaseIsOver) {
  (void)accept(delivery("a"));
  const auto lost = claim_one_owed(milliseconds(0));
  const auto again = claim_one_owed();
  EXPECT_EQ(again.attempt, 2);
  EXPECT_FALSE(settle(lost));
  EXPECT_FALSE(put_off(lost, milliseconds(0)));
  EXPECT_TRUE(claim_owed().empty()) << "the present claim stands";
  EXPECT_TRUE(settle(again));
}

TEST_P(StoreOutbox, ALostClaimOfThePendingSettlesNoVerdict) {
  (void)accept(delivery("a"));
  const auto lost = claim_one_owed(milliseconds(0));
  finish();
  const auto verdict = claim_one_owed(milliseconds(0));
  EXPECT_FALSE(settle(lost));
  EXPECT_EQ(claim_one_owed().status, JobStatus::Completed);
  EXPECT_FALSE(settle(verdict));
}

TEST_P(StoreOutbox, WhatWasPutOffWaitsAndCountsItsAttempts) {
  (void)accept(delivery("a"));
  ASSERT_TRUE(put_off(claim_one_owed(), milliseconds(0)));
  auto owed = claim_one_owed();
  EXPECT_EQ(owed.attempt, 2);
  ASSERT_TRUE(put_off(owed, milliseconds(0), false));
  owed = claim_one_owed();
  EXPECT_EQ(owed.attempt, 2) << "it was not tried";
  ASSERT_TRUE(put_off(owed, hours(1)));
  EXPECT_TRUE(claim_owed().empty());
  EXPECT_EQ(waiting(), 1);
  finish();
  EXPECT_EQ(claim_one_owed().status, JobStatus::Completed) << "it waits for nobody's rest";
}

TEST_P(StoreOutbox, PuttingOffThePendingDoesNotPutOffTheVerdict) {
  (void)accept(delivery("a"));
  const auto pending = claim_one_owed();
  finish();
  ASSERT_TRUE(put_off(pending, hours(1)));
  const auto owed = claim_one_owed();
  EXPECT_EQ(owed.status, JobStatus::Completed);
  EXPECT_EQ(owed.attempt, 1);
}

TEST_P(StoreOutbox, NoStatusIsClaimedTwice) {
  constexpr int kJobs = 60;
  std::vector<Delivery> batch;
  for (int i = 0; i < kJobs; ++i) batch.push_back(delivery(std::to_string(i)));
  ASSERT_TRUE(acceptor->accept(batch, kStoreLimit));
  const auto other = open();
  std::mutex mutex;
  std::multiset<std::string> told;
  const auto tell = [&](Store& from) {
    for (auto claimed = from.outbox()->claim(4, kLease); claimed && !claimed->empty();
         claimed = from.outbox()->claim(4, kLease)) {
      for (const auto& owed : *claimed) {
        std::lock_guard lock(mutex);
        told.insert(owed.job_id);
        EXPECT_TRUE(*from.outbox()->settle(owed, ""));
      }
    }
  };
  {
    std::jthread first([&] { tell(*store); }), second([&] { tell(*store); }), third([&] { tell(*other); });
  }
  EXPECT_EQ(told.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(std::set<std::string>(told.begin(), told.end()).size(), static_cast<std::size_t>(kJobs));
}

TEST_P(StoreOutbox, OnlyAnEndThatStandsIsAVerdict) {
  (void)accept(delivery("a"));
  const auto stale = claim_one(one);
  ASSERT_TRUE(settle(claim_one_owed()));
  ASSERT_TRUE(*store->hand_back(one, stale));
  const auto claim = claim_one(two);
  ASSERT_FALSE(*store->complete(one, stale, {"", "{}", ""})) << "fenced";
  EXPECT_TRUE(claim_owed().empty());
  ASSERT_TRUE(*store->complete(two, claim, {"", "{}", ""}));
  EXPECT_EQ(claim_one_owed().status, JobStatus::Completed);
}

TEST_P(StoreOutbox, AJobThatLostItsWorkersForGoodHasFailed) {
  (void)accept(delivery("a"));
  ASSERT_TRUE(settle(claim_one_owed()));
  (void)claim_one(one);
  ASSERT_TRUE(store->leave(one));
  ASSERT_EQ(store->rescue(2)->requeued, 1);
  EXPECT_TRUE(claim_owed().empty()) << "it is tried again";
  (void)claim_one(two);
  ASSERT_TRUE(store->leave(two));
  ASSERT_EQ(store->rescue(2)->given_up, 1);
  EXPECT_EQ(claim_one_owed().status, JobStatus::Failed);
}

TEST_P(StoreOutbox, AJobThatIsQueuedAgainIsPendingAgain) {
  const auto made = delivery("a");
  (void)accept(made);
  finish("analysis failed");
  (void)accept(made);
  auto owed = claim_one_owed();
  EXPECT_EQ(owed.job_id, made.job_id);
  EXPECT_EQ(owed.status, JobStatus::Pending) << "in place of the verdict that nobody was told";
  ASSERT_TRUE(settle(owed));
  finish("analysis failed");
  ASSERT_TRUE(settle(claim_one_owed()));
  (void)accept(made);
  owed = claim_one_owed();
  EXPECT_EQ(owed.status, JobStatus::Pending) << "and after one that was told";
  ASSERT_TRUE(settle(owed));
  finish();
  EXPECT_EQ(claim_one_owed().status, JobStatus::Completed);
}

// During a roll-out, and after one back and forth.
TEST_P(StoreOutbox, WhatAServerWithoutAnOutboxAcceptsOrEndsHasAVerdict) {
  const auto owing = std::move(owes);
  owes = nullptr;
  const auto before = open();
  const auto first = delivery("a");
  ASSERT_TRUE(before->open_acceptor()->accept({&first, 1}, kStoreLimit));
  finish();
  auto owed = claim_one_owed();
  EXPECT_EQ(owed.job_id, first.job_id);
  EXPECT_EQ(owed.status, JobStatus::Completed);
  ASSERT_TRUE(settle(owed));
  const auto second = delivery("b");
  (void)accept(second);
  ASSERT_TRUE(settle(claim_one_owed()));
  EXPECT_EQ(*store->outbox()->catch_up(hours(1)), 0) << "the job goes on";
  finish_as_before();
  EXPECT_TRUE(claim_owed().empty());
  EXPECT_EQ(*store->outbox()->catch_up(hours(1)), 1);
  owed = claim_one_owed();
  EXPECT_EQ(owed.job_id, second.job_id);
  EXPECT_EQ(owed.status, JobStatus::Completed);
  EXPECT_EQ(owed.summary, "old");
  ASSERT_TRUE(settle(owed));
  EXPECT_EQ(*store->outbox()->catch_up(hours(1)), 0);
}

TEST_P(StoreOutbox, WhatIsLeftOfForgottenJobsIsRemoved) {
  (void)accept(delivery("a"));
  as_other(GetParam() == "postgres" ? "update outbox set owed_since = now() - interval '3 hours'"
                                    : "update outbox set owed_since = owed_since - 3 * 3600 * 1000000");
  ASSERT_TRUE(store->purge({hours(2), hours(2)}, 100));
  EXPECT_EQ(waiting(), 1) << "its job goes on";
  EXPECT_GE(store->outbox()->state()->oldest, hours(3));
  as_other("delete from job");
  ASSERT_TRUE(store->purge({hours(4), hours(4)}, 100));
  EXPECT_EQ(waiting(), 1);
  ASSERT_TRUE(store->purge({hours(2), hours(2)}, 100));
  EXPECT_EQ(waiting(), 0);
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreOutbox, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
