// What queue/store.hpp promises of accepting, on SQLite and on a real PostgreSQL.
#include <atomic>
#include <set>
#include <thread>

#include "store_support.hpp"

namespace cadence::queue {
namespace {

class StoreIntake : public StoreTest {};

TEST_P(StoreIntake, KeepsWhatItAccepts) {
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

TEST_P(StoreIntake, RepeatsAnswerTheFirstJobInOneBatchAndInTheNext) {
  const auto first = delivery("a"), again = delivery("a"), other = delivery("b");
  const std::vector<Delivery> batch = {first, again, other};
  const auto accepted = acceptor->accept(batch, kStoreLimit);
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
TEST_P(StoreIntake, AKnownBodyUnderAnotherKeyIsARepeatThatRevivesNothing) {
  const auto with_body = [](const std::string& key, const std::string& body) {
    auto made = delivery(key);
    made.body_key = (body + "................").substr(0, 16);
    return made;
  };
  const std::vector<Delivery> batch = {with_body("a", "body"), with_body("b", "body")};
  const auto accepted = acceptor->accept(batch, kStoreLimit);
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

TEST_P(StoreIntake, ABodyFromManyReplicasUnderManyKeysIsOneJob) {
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
          const auto accepted = acceptor_of_mine->accept({&made, 1}, kStoreLimit);
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

TEST_P(StoreIntake, SameDeliveryFromManyReplicasIsOneJob) {
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
          std::vector<Delivery> batch = {delivery("k" + std::to_string(k)), delivery("k" + std::to_string(k + 1)),
                                         delivery("k" + std::to_string(k + 2))};
          if (i % 2 == 0) std::swap(batch[0], batch[2]);
          const auto accepted = own->accept(batch, kStoreLimit);
          if (!accepted) {
            ++failed;
            continue;
          }
          std::lock_guard lock(mutex);
          for (int j = 0; j < 3; ++j) {
            answers[static_cast<std::size_t>(i % 2 == 0 ? k + 2 - j : k + j)].insert(
                accepted->at(static_cast<std::size_t>(j)).job_id);
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

TEST_P(StoreIntake, ARepeatRevivesAFailedJobUnderItsId) {
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

TEST_P(StoreIntake, MigratesOnceHoweverManyStart) {
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

TEST_P(StoreIntake, SurvivesBeingOpenedAgain) {
  const auto made = delivery("a");
  (void)accept(made);
  acceptor.reset();
  store = open();
  ASSERT_TRUE(store->migrate());
  acceptor = store->open_acceptor();
  EXPECT_EQ(find(made.job_id).spec, made.spec);
  EXPECT_FALSE(accept(delivery("a")).is_new);
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreIntake, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
