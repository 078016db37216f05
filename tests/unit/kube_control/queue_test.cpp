#include "kube/control/queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

core::ObjectKey key(const std::string& name) { return {"demo", name}; }

struct Order : ::testing::Test {
  bool add(const std::string& name, Priority priority = Priority::Normal, std::chrono::nanoseconds delay = {}) {
    return order.add(key(name), priority, clock.monotonic() + delay, clock.monotonic());
  }
  std::string take() {
    const auto taken = order.take(clock.monotonic());
    return taken ? taken->key.name : "";
  }
  void done(const std::string& name) { order.done(key(name), clock.monotonic()); }
  base::ManualClock clock;
  QueueOrder order;
};

TEST_F(Order, FirstInFirstOutAndEachOnce) {
  EXPECT_TRUE(add("b"));
  EXPECT_TRUE(add("a"));
  EXPECT_FALSE(add("b"));
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "");
}

TEST_F(Order, WhatIsAddedWhileItIsWorkedOnRunsOnceMore) {
  add("a");
  EXPECT_EQ(take(), "a");
  EXPECT_TRUE(add("a"));
  EXPECT_FALSE(add("a"));
  EXPECT_EQ(take(), "");  // never twice at once
  done("a");
  EXPECT_EQ(take(), "a");
  done("a");
  EXPECT_EQ(take(), "");
}

TEST_F(Order, ChangesOvertakeTheFirstList) {
  add("low1", Priority::Low);
  add("low2", Priority::Low);
  add("high");
  add("low2");  // a change of it raises it
  EXPECT_EQ(take(), "low2");
  EXPECT_EQ(take(), "high");
  EXPECT_EQ(take(), "low1");
}

TEST_F(Order, ADelayIsKeptAndAnEarlierTimeWins) {
  add("a", Priority::Normal, 10s);
  add("b", Priority::Normal, 5s);
  EXPECT_EQ(take(), "");
  EXPECT_EQ(order.next_ready(), clock.monotonic() + 5s);
  add("a", Priority::Normal, 60s);
  add("a", Priority::Normal, 2s);
  clock.advance(3s);
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "");
  add("b");
  EXPECT_EQ(take(), "b");
  EXPECT_FALSE(order.next_ready());
}

// Against a model: no key twice at once, none lost, high before low.
TEST(OrderProperty, NothingIsLostAndNothingRunsTwice) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    base::ManualClock clock;
    QueueOrder order;
    std::set<std::string> owed, running;
    for (int i = 0; i < 300; ++i) {
      const auto name = std::to_string(random() % 8);
      switch (random() % 4) {
        case 0:
          order.add(key(name), random() % 2 == 0 ? Priority::Low : Priority::Normal,
                    clock.monotonic() + std::chrono::milliseconds(random() % 3 * 100), clock.monotonic());
          owed.insert(name);
          break;
        case 1:
          if (const auto taken = order.take(clock.monotonic())) {
            EXPECT_TRUE(running.insert(taken->key.name).second);
            EXPECT_EQ(owed.erase(taken->key.name), 1u);
          }
          break;
        case 2:
          if (running.erase(name) > 0) order.done(key(name), clock.monotonic());
          break;
        case 3:
          clock.advance(50ms);
          break;
      }
    }
    for (const auto& name : running) order.done(key(name), clock.monotonic());
    clock.advance(1s);
    Priority last = Priority::Normal;
    while (const auto taken = order.take(clock.monotonic())) {
      EXPECT_LE(taken->priority, last);
      last = taken->priority;
      EXPECT_EQ(owed.erase(taken->key.name), 1u) << "seed " << seed;
    }
    EXPECT_TRUE(owed.empty()) << "seed " << seed;
  }
}

TEST(Limiter, DoublesUpToTheCapAndStartsAgain) {
  Limiter limiter({5ms, 60s, 0, 0});
  const base::ManualClock clock;
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 40; ++i) delays.push_back(limiter.next_delay(key("a"), clock.monotonic()) / 1ms);
  EXPECT_EQ(std::vector<std::int64_t>(delays.begin(), delays.begin() + 5),
            (std::vector<std::int64_t>{5, 10, 20, 40, 80}));
  EXPECT_EQ(delays.back(), 60000);
  EXPECT_EQ(limiter.failures(key("a")), 40);
  limiter.forget(key("a"));
  EXPECT_EQ(limiter.next_delay(key("a"), clock.monotonic()), 5ms);
}

TEST(Limiter, AllKeysTogetherAreHeldToTheBucket) {
  Limiter limiter({5ms, 60s, 10, 100});
  base::ManualClock clock;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.next_delay(key(std::to_string(i)), clock.monotonic()), 5ms);
  EXPECT_NEAR(limiter.next_delay(key("x"), clock.monotonic()) / 1ms, 100, 1);
  EXPECT_NEAR(limiter.next_delay(key("y"), clock.monotonic()) / 1ms, 200, 1);
  clock.advance(1min);
  EXPECT_EQ(limiter.next_delay(key("z"), clock.monotonic()), 5ms);
}

TEST(Queue, HandsADelayedKeyOutInTime) {
  Registry registry;
  Queue queue("q", {}, registry);
  queue.add_after(key("late"), 30ms);
  queue.add_after(key("never"), 1h);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.take({})->key.name, "late");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 30ms);
}

TEST(Queue, AStopAndAShutDownWakeTheTakers) {
  Registry registry;
  Queue queue("q", {}, registry);
  std::optional<QueueOrder::Taken> first, second;
  std::jthread stopped([&](std::stop_token stop) { first = queue.take(stop); });
  stopped.request_stop();
  stopped.join();
  EXPECT_FALSE(first);
  std::jthread shut([&] { second = queue.take({}); });
  queue.shut_down();
  shut.join();
  EXPECT_FALSE(second);
  queue.add(key("a"));
  EXPECT_FALSE(queue.take({}));
}

TEST(Queue, ManyWorkersShareTheKeysAndNoneRunsTwiceAtOnce) {
  Registry registry;
  Queue queue("q", {}, registry);
  std::array<std::atomic<int>, 10> running{};
  std::atomic<int> done{0}, clashes{0};
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&](std::stop_token stop) {
        while (const auto taken = queue.take(stop)) {
          auto& mine = running[static_cast<std::size_t>(std::stoi(taken->key.name))];
          if (++mine != 1) ++clashes;
          std::this_thread::yield();
          --mine;
          ++done;
          queue.done(taken->key);
        }
      });
    }
    for (int i = 0; i < 5000; ++i) queue.add(key(std::to_string(i % 10)));
    while (queue.depth() > 0) std::this_thread::yield();
    EXPECT_TRUE(queue.wait_until_idle(10s));
  }
  EXPECT_EQ(clashes, 0);
  EXPECT_GE(done, 10);
  EXPECT_NE(registry.text().find("workqueue_depth{name=\"q\",controller=\"q\"} 0"), std::string::npos);
}

}  // namespace
}  // namespace cadence::kube::control
