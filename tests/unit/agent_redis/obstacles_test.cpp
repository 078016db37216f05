#include "agent/redis/obstacles.hpp"

#include <gtest/gtest.h>

namespace cadence::agent::redis {
namespace {

using std::chrono::seconds;

TEST(Duration, CountsFromTheFirstOfTheSameObstacle) {
  Duration duration;
  const base::Monotonic start{seconds(1000)};
  EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start));
  EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start + kObstacleBound - seconds(1)));
  EXPECT_TRUE(duration.has_lasted(Obstacle::Script, start + kObstacleBound));
  EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start + kObstacleBound + seconds(2)))
      << "told once, then counted from the beginning";
  EXPECT_TRUE(duration.has_lasted(Obstacle::Script, start + 2 * kObstacleBound));
}

TEST(Duration, AnotherObstacleOrNoneBeginsAtNothing) {
  for (const auto between : {Obstacle::None, Obstacle::Unknown, Obstacle::Pause}) {
    Duration duration;
    const base::Monotonic start{seconds(1000)};
    EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start));
    EXPECT_FALSE(duration.has_lasted(between, start + seconds(20)));
    EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start + seconds(22)));
    EXPECT_FALSE(duration.has_lasted(Obstacle::Script, start + kObstacleBound));
    EXPECT_TRUE(duration.has_lasted(Obstacle::Script, start + seconds(22) + kObstacleBound));
  }
  Duration none;
  EXPECT_FALSE(none.has_lasted(Obstacle::None, base::Monotonic{seconds(1000)}));
  EXPECT_FALSE(none.has_lasted(Obstacle::None, base::Monotonic{seconds(5000)}));
}

}  // namespace
}  // namespace cadence::agent::redis
