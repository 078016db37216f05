#include "base/clock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/backoff.hpp"

namespace cadence::base {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, RoundTripsBothForms) {
  const auto time = parse_rfc3339("2026-03-04T10:00:01.250000Z");
  EXPECT_EQ(format_rfc3339(time), "2026-03-04T10:00:01Z");
  EXPECT_EQ(format_rfc3339_micro(time), "2026-03-04T10:00:01.250000Z");
  EXPECT_EQ(parse_rfc3339("2026-03-04T12:00:01.25+02:00"), time);
  EXPECT_EQ(parse_rfc3339("yesterday"), Wall{});
}

// Runs `check` where the machine has slept for an hour: in a time namespace whose CLOCK_BOOTTIME is ahead by that much.
int after_an_hour_of_sleep(bool (*check)()) {
  const pid_t outer = ::fork();
  if (outer == 0) {
    if (::unshare(CLONE_NEWTIME) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0) ::_exit(3);
    const int offsets = ::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
    const std::string line = "boottime 3600 0";
    if (::write(offsets, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(4);
    const pid_t inner = ::fork();  // the namespace is for children
    if (inner == 0) ::_exit(check() ? 0 : 1);
    int status = 0;
    ::waitpid(inner, &status, 0);
    ::_exit(WEXITSTATUS(status));
  }
  int status = 0;
  ::waitpid(outer, &status, 0);
  return WEXITSTATUS(status);
}

TEST(BootClock, CountsTheTimeThatTheMachineSleeps) {
  EXPECT_EQ(after_an_hour_of_sleep([] { return boot_clock().monotonic() - system_clock().monotonic() > 59min; }), 0);
}

TEST(WaitFor, EndsAtOnceWhenStopped) {
  std::jthread waiter([](std::stop_token stop) { EXPECT_FALSE(wait_for(stop, 1h)); });
  waiter.request_stop();
}

TEST(Backoff, GrowsToItsCapAndStaysWithinTheJitter) {
  Backoff backoff({.initial = 100ms, .factor = 2, .cap = 1000ms, .jitter = 1.0}, 7);
  double base = 100;
  for (int i = 0; i < 8; ++i, base = std::min(base * 2, 1000.0)) {
    const auto delay = static_cast<double>(backoff.next().count());
    EXPECT_GE(delay, base - 1);
    EXPECT_LE(delay, base * 2 + 1);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 200ms);
}

}  // namespace
}  // namespace cadence::base
