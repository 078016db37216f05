#include "queue/intake.hpp"

#include <gtest/gtest.h>

#include "fake_store.hpp"
#include "intake_support.hpp"
#include "net/server.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;

TEST(Intake, TheDeadlineHoldsWhateverTheStoreDoes) {
  FakeStore store;
  store.is_hanging = true;
  Intake intake(store, {.writers = 1, .batch = 1, .ack_deadline = milliseconds(50)});
  auto written = submit(intake, "a"), waiting = submit(intake, "b");
  for (auto* answer : {&written, &waiting}) {
    const auto refused = get(*answer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::Transient) << refused.error().message;
  }
  store.is_hanging = false;
  auto later = submit(intake, "c");
  EXPECT_TRUE(get(later)) << "and is there again";
}

TEST(Intake, WhatWasAskedForLeavesRoomForPushes) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1, .batch = 1, .waiting = 8, .asked = 2});
  const auto ask = [&] {
    Delivery delivery;
    delivery.spec.event_type = "api_analysis_repo";
    return intake.submit(delivery, [](auto) {});
  };
  int taken = 0;
  while (taken < 100 && ask()) ++taken;
  EXPECT_LE(taken, 3) << "two wait, one is being written";
  auto push = submit(intake, "a");
  store.is_away = false;
  EXPECT_TRUE(get(push));
}

TEST(Intake, AnswersWhatIsStored) {
  FakeStore store;
  std::atomic<int> woken{0};
  Intake intake(store, {}, [&] { ++woken; });
  auto answer = submit(intake, "a");
  const auto accepted = get(answer);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->job_id, "job-a");
  intake.stop();
  EXPECT_EQ(woken, 1);
}

TEST(Intake, WhatArrivesWhileAStatementIsUnderWayGoesTogether) {
  FakeStore store;
  store.is_hanging = true;
  Intake intake(store, {.writers = 2, .batch = 128, .join_after = std::chrono::hours(1)});
  std::vector<AnswerLater> answers;
  answers.push_back(submit(intake, "first"));
  ASSERT_TRUE(eventually([&] { return store.accepts == 1; }));
  for (int i = 0; i < 63; ++i) {
    answers.push_back(submit(intake, std::to_string(i)));
    for (int turn = 0; turn < 50; ++turn) std::this_thread::yield();  // a writer that should sleep could wake up
  }
  store.is_hanging = false;
  for (auto& answer : answers) EXPECT_TRUE(get(answer));
  EXPECT_EQ(store.accepts, 2);
}

TEST(Intake, AnotherConnectionJoinsWhenHalfABatchWaits) {
  FakeStore store;
  store.is_hanging = true;
  Intake intake(store, {.writers = 2, .batch = 8, .join_after = std::chrono::hours(1)});
  auto first = submit(intake, "first");
  ASSERT_TRUE(eventually([&] { return store.accepts == 1; }));
  auto answers = submit_many(intake, 4);
  EXPECT_TRUE(eventually([&] { return store.accepts == 2; }));
  store.is_hanging = false;
  for (auto& answer : answers) EXPECT_TRUE(get(answer));
  EXPECT_TRUE(get(first));
}

TEST(Intake, AnotherConnectionJoinsWhenSomebodyHasWaitedAWhile) {
  FakeStore store;
  store.is_hanging = true;
  Intake intake(store, {.writers = 2, .batch = 128, .join_after = milliseconds(5)});
  auto first = submit(intake, "first");
  ASSERT_TRUE(eventually([&] { return store.accepts == 1; }));
  auto second = submit(intake, "second");
  EXPECT_TRUE(eventually([&] { return store.accepts == 2; }));
  store.is_hanging = false;
  EXPECT_TRUE(get(first));
  EXPECT_TRUE(get(second));
}

TEST(Intake, HoldsDeliveriesWhileTheStoreIsAway) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1, .ack_deadline = milliseconds(5000), .retry_pause = milliseconds(5)});
  auto answer = submit(intake, "a");
  while (store.accepts < 3) std::this_thread::yield();
  store.is_away = false;
  EXPECT_TRUE(get(answer));
}

TEST(Intake, GivesUpAtTheDeadline) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1, .ack_deadline = milliseconds(80), .retry_pause = milliseconds(5)});
  auto first = submit(intake, "a"), second = submit(intake, "b");
  EXPECT_EQ(get(first).error().kind, base::ErrorKind::Transient);
  EXPECT_EQ(get(second).error().kind, base::ErrorKind::Transient);
}

TEST(Intake, RefusesMoreThanItMayHold) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1, .waiting = 2, .ack_deadline = milliseconds(300), .retry_pause = milliseconds(5)});
  auto answers = submit_many(intake, 6);
  int refused = 0;
  for (auto& answer : answers) refused += get(answer).error().kind == base::ErrorKind::Forbidden ? 1 : 0;
  EXPECT_GE(refused, 2);
}

// How long a statement may take has nothing to do with how long the oldest sender still waits: else, after a failover
// longer than the deadline, batches are broken off for their oldest deliveries and take their neighbours along.
TEST(Intake, AStoreThatIsBackTakesWhoeverStillWaits) {
  constexpr milliseconds kDeadline{1000}, kAway{1500}, kUntil{2000}, kStillWaits{500};
  FakeStore store;
  store.is_away = true;
  store.takes_ms = 60;
  Intake intake(store, {.writers = 1, .batch = 128, .ack_deadline = kDeadline, .retry_pause = milliseconds(5)});
  std::vector<AnswerLater> answers;
  std::size_t first = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (auto age = milliseconds(0); age < kUntil;
       age = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun)) {
    if (age < kAway - kDeadline + kStillWaits) first = answers.size() + 1;
    if (age >= kAway) store.is_away = false;
    const int asked = store.accepts;
    answers.push_back(submit(intake, std::to_string(answers.size())));
    ASSERT_TRUE(eventually([&] { return store.accepts > asked; }));  // one delivery for each try
  }
  int refused = 0;
  for (std::size_t i = first; i < answers.size(); ++i) refused += get(answers[i]) ? 0 : 1;
  EXPECT_EQ(refused, 0) << "of " << answers.size() - first << " that waited no longer than " << kStillWaits.count()
                        << " ms when it was back";
}

TEST(Intake, WhatWasHeldIsTakenInTheOrderOfArrival) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 2, .batch = 10, .ack_deadline = milliseconds(8000), .retry_pause = milliseconds(5)});
  std::vector<AnswerLater> answers;
  std::vector<std::string> arrived;
  for (int i = 0; i < 300; ++i) {
    const int tried = store.accepts;
    arrived.push_back("job-" + std::to_string(i));
    answers.push_back(submit(intake, std::to_string(i)));
    if (i % 50 == 0) {
      ASSERT_TRUE(eventually([&] { return store.accepts > tried; }));
    }
  }
  store.is_away = false;
  for (auto& answer : answers) EXPECT_TRUE(get(answer));
  EXPECT_EQ(store.accepted_ids(), arrived);
}

TEST(Intake, OneConnectionLooksForAStoreThatIsAway) {
  FakeStore store;
  store.is_away = true;
  constexpr int kWriters = 8, kTries = 4;
  constexpr milliseconds kPause{50};
  Intake intake(store, {.writers = kWriters, .batch = 1, .ack_deadline = milliseconds(8000), .retry_pause = kPause});
  const auto begun = std::chrono::steady_clock::now();
  auto answers = submit_many(intake, 40);
  ASSERT_TRUE(eventually([&] { return store.accepts >= kWriters + kTries; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, kTries * kPause)
      << "each has tried once, then one of them every 50 ms or later";
  store.is_away = false;
  for (auto& answer : answers) EXPECT_TRUE(get(answer));
}

TEST(Intake, WhoWasAnsweredTakesNoRoom) {
  FakeStore store;
  store.is_hanging = true;
  Intake intake(store, {.writers = 1, .batch = 1, .waiting = 3, .ack_deadline = milliseconds(50)});
  for (int round = 0; round < 3; ++round) {
    std::vector<AnswerLater> answers;
    for (int i = 0; i < 3; ++i) answers.push_back(submit(intake, std::to_string(round) + std::to_string(i)));
    for (auto& answer : answers) EXPECT_EQ(get(answer).error().kind, base::ErrorKind::Transient) << round;
    EXPECT_EQ(intake.waiting(), 0u);
  }
  store.is_hanging = false;
}

TEST(Intake, HoldsNoMoreBytesThanItMay) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1, .bytes = 100000, .ack_deadline = milliseconds(5000)});
  Delivery large;
  large.spec.url = std::string(30000, 'x');
  int taken = 0;
  while (taken < 100 && intake.submit(large, [](auto) {})) ++taken;
  EXPECT_EQ(taken, 3);
}

// Above the limit of connections the server closes without a word; whoever is refused must be told.
TEST(Intake, LeavesConnectionsForTheRefused) {
  EXPECT_LE(IntakeOptions().waiting, net::ServerOptions().max_connections * 3 / 4);
}

TEST(Intake, OneRefusedRowLeavesItsNeighboursAlone) {
  FakeStore store;
  store.is_away = true;
  store.poison = "bad";
  Intake intake(store, {.writers = 1, .ack_deadline = milliseconds(5000), .retry_pause = milliseconds(5)});
  auto first = submit(intake, "first");
  while (store.accepts < 1) std::this_thread::yield();
  auto good = submit(intake, "good"), bad = submit(intake, "bad"), fine = submit(intake, "fine");
  store.is_away = false;
  EXPECT_TRUE(get(first));
  EXPECT_TRUE(get(good));
  EXPECT_TRUE(get(fine));
  EXPECT_EQ(get(bad).error().kind, base::ErrorKind::Invalid);
}

TEST(Intake, StopAnswersEverything) {
  FakeStore store;
  store.is_away = true;
  Intake intake(store, {.writers = 1});
  auto a = submit(intake, "a"), b = submit(intake, "b");
  intake.stop();
  EXPECT_EQ(get(a).error().kind, base::ErrorKind::Canceled);
  EXPECT_EQ(get(b).error().kind, base::ErrorKind::Canceled);
  auto late = submit(intake, "c");
  EXPECT_EQ(get(late).error().kind, base::ErrorKind::Forbidden);
}

}  // namespace
}  // namespace cadence::queue
