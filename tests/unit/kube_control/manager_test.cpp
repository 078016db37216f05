#include "kube/control/manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

struct ManagerTest : ::testing::Test {
  Part part(const std::string& name, base::Result<void> started = {}) {
    return {name,
            [=, this] {
              say("+" + name);
              return started;
            },
            [=, this](std::chrono::milliseconds) { say("-" + name); },
            {}};
  }
  void say(const std::string& what) {
    const std::lock_guard lock(mutex);
    said.push_back(what);
  }
  bool has_said(const std::string& what) {
    for (int i = 0; i < 1000; ++i, base::wait_for({}, 5ms)) {
      const std::lock_guard lock(mutex);
      if (std::find(said.begin(), said.end(), what) != said.end()) return true;
    }
    return false;
  }
  void add_all() {
    manager.add(Phase::LeaderOnly, part("controller"));
    manager.add(Phase::Caches, part("caches"));
    manager.add(Phase::Servers, part("metrics"));
    manager.add(Phase::Servers, part("health"));
  }
  void lead() {
    manager.set_leadership({[this](LeaderElector::Callbacks given) {
                              callbacks = std::move(given);
                              say("+lease");
                            },
                            [this] { say("-lease"); }});
  }
  std::mutex mutex;
  std::vector<std::string> said;
  Manager manager{{.grace = 5s, .ready_reminder = 10ms}};
  LeaderElector::Callbacks callbacks;
};

TEST_F(ManagerTest, StartsInOrderAndStopsInReverseWithTheLeaseLast) {
  add_all();
  lead();
  int code = -1;
  std::jthread running([&] { code = manager.run(); });
  ASSERT_TRUE(has_said("+lease"));
  EXPECT_TRUE(manager.is_up());
  EXPECT_EQ(said.size(), 4u);  // a standby holds no leader-only part
  callbacks.acquired();
  ASSERT_TRUE(has_said("+controller"));
  manager.stop();
  running.join();
  EXPECT_EQ(code, 0);
  EXPECT_EQ(said, (std::vector<std::string>{"+metrics", "+health", "+caches", "+lease", "+controller", "-controller",
                                            "-caches", "-health", "-metrics", "-lease"}));
}

TEST_F(ManagerTest, LeavesAtOnceWhenTheLeaseIsLost) {
  add_all();
  lead();
  int code = -1;
  std::jthread running([&] { code = manager.run(); });
  ASSERT_TRUE(has_said("+lease"));
  callbacks.acquired();
  ASSERT_TRUE(has_said("+controller"));
  callbacks.lost();
  running.join();
  EXPECT_EQ(code, 1);
  EXPECT_EQ(said.back(), "+controller");  // nothing is stopped in peace: another may be leading
}

TEST_F(ManagerTest, APartThatCannotStartEndsItAll) {
  manager.add(Phase::Servers, part("a"));
  manager.add(Phase::Servers, part("b", base::Error{base::ErrorKind::Invalid, "port in use"}));
  manager.add(Phase::Caches, part("c"));
  EXPECT_EQ(manager.run(), 1);
  EXPECT_EQ(said, (std::vector<std::string>{"+a", "+b", "-a"}));
}

TEST_F(ManagerTest, WhatIsMissingIsWaitedForHoweverLong) {
  std::atomic<int> looks{0};
  auto late = part("caches");
  late.missing = [&] { return ++looks < 20 ? "kilns" : ""; };  // longer than several reminders
  manager.add(Phase::Caches, late);
  manager.add(Phase::Others, part("other"));
  std::jthread running([&] { manager.run(); });
  EXPECT_TRUE(has_said("+other"));
  EXPECT_EQ(looks, 20);
  manager.stop();
}

TEST_F(ManagerTest, AStopEndsTheWait) {
  auto never = part("caches");
  never.missing = [this] { return say("asked"), "kilns"; };
  manager.add(Phase::Caches, never);
  manager.add(Phase::Others, part("other"));
  std::jthread running([&] { manager.run(); });
  ASSERT_TRUE(has_said("asked"));
  EXPECT_FALSE(manager.is_up());
  manager.stop();
  running.join();
  EXPECT_EQ(said.back(), "-caches");
  EXPECT_EQ(std::count(said.begin(), said.end(), "+other"), 0);
}

TEST_F(ManagerTest, TidiesNowAndThenWhileItRuns) {
  std::atomic<int> count{0};
  Manager tidying({.grace = 5s,
                   .tidy =
                       [&] {
                         if (++count == 3) say("tidied");
                       },
                   .tidy_interval = 1ms});
  std::jthread running([&] { tidying.run(); });
  EXPECT_TRUE(has_said("tidied"));
  tidying.stop();
}

TEST_F(ManagerTest, ASignalStopsIt) {
  block_stop_signals();
  add_all();
  int code = -1;
  std::jthread running([&] { code = manager.run(); });
  ASSERT_TRUE(has_said("+controller"));
  pthread_kill(running.native_handle(), SIGTERM);
  running.join();
  EXPECT_EQ(code, 0);
  EXPECT_EQ(said.back(), "-metrics");
}

}  // namespace
}  // namespace cadence::kube::control
