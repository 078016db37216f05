// What becomes of deliveries that a store did not take in time, where there is a spool.
#include <gtest/gtest.h>

#include "fake_spool.hpp"
#include "fake_store.hpp"
#include "intake_support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;

struct IntakeSpool : testing::Test {
  IntakeSpool() { store.is_away = true; }
  IntakeOptions options{.writers = 2, .ack_deadline = milliseconds(100), .retry_pause = milliseconds(5)};
  FakeStore store;
  FakeSpool spool;
};

TEST_F(IntakeSpool, KeepsAtTheDeadlineAndAnswersThen) {
  Intake intake(store, options, {}, &spool);
  std::vector<AnswerLater> answers;
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(submit(intake, delivery(std::to_string(i))));
    ids.push_back("job-" + std::to_string(i));
  }
  EXPECT_EQ(spool.state().entries, 0) << "it waits first";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto accepted = get(answers[i]);
    ASSERT_TRUE(accepted) << accepted.error().message;
    EXPECT_TRUE(accepted->is_spooled);
    EXPECT_EQ(accepted->job_id, ids[i]);
  }
  auto kept = spool.ids();
  std::sort(kept.begin(), kept.end());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(kept, ids);
  EXPECT_EQ(intake.counts().spooled, 20u);
}

TEST_F(IntakeSpool, AStoreThatComesBackInTimeTakesThem) {
  options.ack_deadline = milliseconds(5000);
  Intake intake(store, options, {}, &spool);
  auto answer = submit(intake, delivery("a"));
  while (store.accepts < 2) std::this_thread::yield();
  store.is_away = false;
  const auto accepted = get(answer);
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(accepted->is_spooled);
  EXPECT_EQ(spool.state().entries, 0);
}

TEST_F(IntakeSpool, WhatHoldsASecretOrWasNotSignedIsRefused) {
  Intake intake(store, options, {}, &spool);
  for (const char* url : {"https://user:word@h/r.git", "https://token@h/r.git", "HTTP://t@h", "ssh://u:p@h/r"}) {
    auto secret = delivery(url);
    secret.spec.url = url;
    EXPECT_EQ(get(submit(intake, secret)).error().kind, base::ErrorKind::Transient) << url;
  }
  auto asked = delivery("asked");
  asked.spec.event_type = "api_analysis_repo";
  EXPECT_EQ(get(submit(intake, asked)).error().kind, base::ErrorKind::Transient);
  EXPECT_EQ(spool.state().entries, 0);
  for (const char* url : {"git@h:a/r.git", "ssh://git@h/r.git", "https://h/a@b", ""}) {
    auto plain = delivery(url);
    plain.spec.url = url;
    EXPECT_TRUE(get(submit(intake, plain))) << url;
  }
}

TEST_F(IntakeSpool, AFullOrHangingSpoolRefuses) {
  options.spool_limit = milliseconds(100);
  Intake intake(store, options, {}, &spool);
  spool.is_full = true;
  EXPECT_EQ(get(submit(intake, delivery("a"))).error().kind, base::ErrorKind::Transient);
  EXPECT_EQ(intake.counts().spool_refused, 1u);
  spool.is_full = false;
  spool.is_hanging = true;
  EXPECT_EQ(get(submit(intake, delivery("b"))).error().kind, base::ErrorKind::Transient);
  spool.is_hanging = false;
  EXPECT_TRUE(get(submit(intake, delivery("c"))));
}

// Repository, organisation and App hooks send one event under one id.
TEST_F(IntakeSpool, ARepeatIsToldTheJobOfTheFirst) {
  Intake intake(store, options, {}, &spool);
  auto first = delivery("a"), second = delivery("a"), third = delivery("other");
  second.job_id = "job-second";
  third.job_id = "job-third";
  first.body_key = third.body_key = "body";
  auto one = submit(intake, first), two = submit(intake, second), three = submit(intake, third);
  for (auto* answer : {&one, &two, &three}) EXPECT_EQ(get(*answer)->job_id, "job-a");
  EXPECT_EQ(get(submit(intake, second))->job_id, "job-a") << "and later";
  for (const auto& id : spool.ids()) EXPECT_EQ(id, "job-a");
}

TEST_F(IntakeSpool, ARepeatOfWhatTheStoreTookIsToldItsJob) {
  store.is_away = false;
  Intake intake(store, options, {}, &spool);
  EXPECT_EQ(get(submit(intake, delivery("a")))->job_id, "job-a");
  store.is_away = true;
  auto again = delivery("a");
  again.job_id = "job-again";
  const auto repeat = get(submit(intake, again));
  ASSERT_TRUE(repeat);
  EXPECT_EQ(repeat->job_id, "job-a");
  EXPECT_TRUE(repeat->is_spooled);
}

TEST_F(IntakeSpool, TheOldestMakeRoomBeforeTheirTime) {
  options.ack_deadline = milliseconds(8000);
  options.waiting = 16;
  Intake intake(store, options, {}, &spool);
  std::vector<AnswerLater> answers;
  // The outage has to be seen first.
  answers.push_back(submit(intake, delivery("0")));
  while (store.accepts < 2) std::this_thread::yield();
  for (int i = 1; i < 60; ++i) {
    ASSERT_TRUE(eventually([&] { return intake.counts().held < options.waiting; }));
    answers.push_back(submit(intake, delivery(std::to_string(i))));
  }
  EXPECT_GT(spool.state().entries, 30);
  store.is_away = false;
  int refused = 0;
  for (auto& answer : answers) refused += get(answer) ? 0 : 1;
  EXPECT_EQ(refused, 0);
}

TEST_F(IntakeSpool, WhoeverStillWaitsAtTheEndIsSpooled) {
  options.ack_deadline = milliseconds(8000);
  Intake intake(store, options, {}, &spool);
  auto a = submit(intake, delivery("a")), b = submit(intake, delivery("b"));
  intake.stop();
  EXPECT_TRUE(get(a)->is_spooled);
  EXPECT_TRUE(get(b)->is_spooled);
}

}  // namespace
}  // namespace cadence::queue
