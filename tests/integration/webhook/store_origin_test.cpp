// Whose delivery a job is, for log lines and spans: kept beside it to the end of its status, on both stores, and by
// nobody needed.
#include "queue/outbox.hpp"
#include "store/sqlite_database.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

const std::string kOrigin = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 72d3162e-cc78-11e3-81ab";

class StoreOrigin : public StoreTest {
 protected:
  StoreOrigin() {
    owes = [](const JobSpec&) { return true; };
  }
  std::string accept_known(const std::string& key) {
    auto made = delivery(key);
    made.spec.origin = kOrigin;
    return accept(made).job_id;
  }
  std::string owed_origin() {
    const auto claimed = store->outbox()->claim(1, kStoreLimit);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    if (!claimed || claimed->empty()) return "no status";
    EXPECT_TRUE(store->outbox()->settle(claimed->front(), ""));
    return claimed->front().spec.origin;
  }
  // A statement of a program of the version before.
  void as_before(const std::string& sql) {
    if (GetParam() == "postgres") {
      postgres().query(address, sql);
      return;
    }
    const auto opened = store::SqliteDatabase::open((folder.path() / "cadence.db").string());
    ASSERT_TRUE(opened && (*opened)->script(sql));
  }
};

TEST_P(StoreOrigin, GoesWithTheJobToItsEndAndWithEachStatus) {
  const auto id = accept_known("a");
  EXPECT_EQ(find(id).spec.origin, kOrigin) << "while it waits";
  EXPECT_EQ(owed_origin(), kOrigin) << "of the pending";
  const auto claim = claim_one(one);
  EXPECT_EQ(claim.spec.origin, kOrigin);
  EXPECT_LE(claim.waiting_since, base::system_clock().wall());
  EXPECT_GT(claim.waiting_since, base::system_clock().wall() - std::chrono::hours(1));
  ASSERT_TRUE(*store->complete(one, claim, {"", "{}", "{}"}));
  EXPECT_EQ(find(id).spec.origin, kOrigin) << "when it is over";
  EXPECT_EQ(owed_origin(), kOrigin) << "of the verdict";
}

TEST_P(StoreOrigin, IsThatOfTheFirstDeliveryWhenARepeatQueuesTheJobAgain) {
  const auto id = accept_known("a");
  ASSERT_TRUE(*store->complete(one, claim_one(one), {"analysis failed: x", "", ""}));
  auto repeat = delivery("a");
  repeat.spec.origin = "- another";
  EXPECT_EQ(accept(repeat).job_id, id);
  const auto claim = claim_one(one);
  EXPECT_EQ(claim.generation, 1);
  EXPECT_EQ(claim.spec.origin, kOrigin);
}

TEST_P(StoreOrigin, OfAJobThatIsGivenUpStays) {
  const auto id = accept_known("a");
  (void)claim_one(one);
  ASSERT_TRUE(store->leave(one));
  const auto rescued = store->rescue(1);
  ASSERT_TRUE(rescued && rescued->given_up == 1);
  EXPECT_EQ(find(id).spec.origin, kOrigin);
}

TEST_P(StoreOrigin, IsEmptyWhereNothingIsKnown) {
  const auto id = accept(delivery("a")).job_id;
  EXPECT_EQ(find(id).spec.origin, "");
  EXPECT_EQ(owed_origin(), "");
  EXPECT_EQ(claim_one(one).spec.origin, "");
}

TEST_P(StoreOrigin, AServerOfTheVersionBeforeEndsSuchAJob) {
  const auto id = accept_known("a");
  const std::string columns =
      "id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation, attempt, replica, "
      "progress";
  // SQLite's program wrote whole rows.
  as_before(GetParam() == "postgres"
                ? "insert into job_history (" + columns + ", status, error, summary) select " + columns +
                      ", 'completed', '', '' from job; delete from job"
                : "insert into job_history select " + columns + ", 'completed', '', '', 5 from job; delete from job");
  EXPECT_EQ(find(id).status, JobStatus::Completed);
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreOrigin, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
