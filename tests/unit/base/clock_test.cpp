#include "base/clock.hpp"

#include <gtest/gtest.h>

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
