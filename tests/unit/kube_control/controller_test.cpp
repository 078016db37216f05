#include "kube/control/controller.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

struct ControllerTest : ::testing::Test {
  // Runs `reconcile` until it was called `times`; what it returns is called with the number of the call.
  void run(int times, const std::function<ReconcileResult(int)>& reconcile, std::chrono::milliseconds timeout = 0ms) {
    Controller controller(
        {.name = "c", .limits = {1ms, 10ms, 0, 0}, .timeout = timeout},
        [&](const core::ObjectKey&, std::stop_token stop) {
          const std::lock_guard lock(mutex);
          ++calls;
          changed.notify_all();
          if (timeout.count() > 0) has_timed_out = !base::wait_for(stop, 10s);
          return reconcile(calls);
        },
        registry);
    controller.add({"demo", "a"});
    controller.start();
    {
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, 10s, [&] { return calls >= times; }));
    }
    EXPECT_TRUE(controller.is_live(1min));
    controller.stop(10s);
  }
  bool says(const std::string& line) { return registry.text().find(line + "\n") != std::string::npos; }
  static std::string total(const std::string& result) {
    return "controller_runtime_reconcile_total{controller=\"c\",result=\"" + result + "\"} ";
  }

  Registry registry;
  std::mutex mutex;
  std::condition_variable changed;
  int calls = 0;
  bool has_timed_out = false;
};

TEST_F(ControllerTest, EveryResultIsThereFromTheStart) {
  Controller controller(
      {.name = "c"}, [](const auto&, std::stop_token) { return ReconcileResult::done(); }, registry);
  for (const auto* result : {"success", "error", "requeue", "requeue_after"})
    EXPECT_TRUE(says(total(result) + "0")) << result;
  EXPECT_TRUE(says("controller_runtime_max_concurrent_reconciles{controller=\"c\"} 1"));
}

TEST_F(ControllerTest, AnErrorIsTriedAgainUntilItPasses) {
  run(3, [](int call) {
    return call < 3 ? ReconcileResult::failed({base::ErrorKind::Transient, "no"}) : ReconcileResult::done();
  });
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(says(total("error") + "2"));
  EXPECT_TRUE(says(total("success") + "1"));
  EXPECT_TRUE(says("controller_runtime_reconcile_errors_total{controller=\"c\"} 2"));
  EXPECT_TRUE(says("workqueue_retries_total{name=\"c\",controller=\"c\"} 2"));
}

TEST_F(ControllerTest, ATerminalErrorIsNot) {
  run(1, [](int) { return ReconcileResult::terminal({base::ErrorKind::Invalid, "never"}); });
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(says("controller_runtime_terminal_reconcile_errors_total{controller=\"c\"} 1"));
  EXPECT_TRUE(says("workqueue_retries_total{name=\"c\",controller=\"c\"} 0"));
}

TEST_F(ControllerTest, AgainAndAfterComeBack) {
  run(3, [](int call) {
    return call == 1 ? ReconcileResult::again() : call == 2 ? ReconcileResult::after(1ms) : ReconcileResult::done();
  });
  EXPECT_TRUE(says(total("requeue") + "1"));
  EXPECT_TRUE(says(total("requeue_after") + "1"));
}

TEST_F(ControllerTest, WhatIsThrownIsAnErrorAndTheWorkerLives) {
  run(3, [](int call) -> ReconcileResult {
    if (call == 1) throw std::runtime_error("oops");
    if (call == 2) throw 7;
    return ReconcileResult::done();
  });
  EXPECT_TRUE(says("controller_runtime_reconcile_panics_total{controller=\"c\"} 2"));
  EXPECT_TRUE(says(total("error") + "2"));
}

TEST_F(ControllerTest, ACallThatTakesTooLongIsAskedToStop) {
  run(
      1, [](int) { return ReconcileResult::done(); }, 20ms);
  EXPECT_TRUE(has_timed_out);
  EXPECT_TRUE(says("controller_runtime_reconcile_timeouts_total{controller=\"c\"} 1"));
}

TEST(ControllerStop, LetsARunningCallFinishWithinTheGraceAndEndsItAfter) {
  for (const bool is_obedient : {true, false}) {
    Registry registry;
    std::atomic<bool> has_begun{false}, was_asked{false};
    Controller controller(
        {.name = "c"},
        [&](const auto&, std::stop_token stop) {
          has_begun = true;
          was_asked = !base::wait_for(stop, is_obedient ? 20ms : std::chrono::milliseconds(1h));
          return ReconcileResult::done();
        },
        registry);
    controller.add({"demo", "a"});
    controller.start();
    while (!has_begun) std::this_thread::yield();
    controller.stop(is_obedient ? std::chrono::milliseconds(10s) : 20ms);
    EXPECT_EQ(was_asked, !is_obedient);
  }
}

}  // namespace
}  // namespace cadence::kube::control
