// The figures of the failover campaign stand on these few lines.
#include "gaps.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <numeric>

namespace ledger {
namespace {

TEST(Gaps, NothingAcknowledgedIsOneOpenGap) {
  const auto gaps = gaps_over(10, {}, 100, 200);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].length(), 100);
  EXPECT_TRUE(gaps[0].is_open);
  EXPECT_EQ(gaps[0].before, -1);
}

TEST(Gaps, AreBetweenNeighboursWhateverOrderWritersNotedThem) {
  const auto gaps = gaps_over(10, {{150, 1}, {105, 0}, {110, 0}, {155, 1}}, 100, 160);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].start, 110);
  EXPECT_EQ(gaps[0].end, 150);
  EXPECT_EQ(gaps[0].before, 0);
  EXPECT_EQ(gaps[0].after, 1);
  EXPECT_FALSE(gaps[0].is_open);
}

TEST(Gaps, TheWaitForTheFirstAndAfterTheLastCount) {
  const auto gaps = gaps_over(10, {{120, 0}}, 100, 140);
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].before, -1);
  EXPECT_EQ(gaps[1].start, 120);
  EXPECT_TRUE(gaps[1].is_open);
}

TEST(Gaps, ExactlyTheThresholdIsNone) { EXPECT_THAT(gaps_over(10, {{110, 0}, {120, 0}}, 100, 130), testing::IsEmpty()); }

TEST(Gaps, WithoutThresholdTheyAddUpToTheObservation) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint16_t> times) {
    std::vector<Acknowledgement> acknowledgements;
    for (const auto time : times) acknowledgements.push_back({time, 0});
    const auto gaps = gaps_over(0, acknowledgements, 0, 70000);
    RC_ASSERT(std::accumulate(gaps.begin(), gaps.end(), Nanoseconds{0}, [](auto sum, const auto& gap) { return sum + gap.length(); }) == 70000);
  }));
}

TEST(Stretches, AreOnePerBackendByTheirFirst) {
  const auto found = stretches({{30, 1}, {10, 0}, {20, 0}, {40, 1}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].backend, 0);
  EXPECT_EQ(found[0].last, 20);
  EXPECT_EQ(found[1].first, 30);
  EXPECT_EQ(found[1].count, 2);
  EXPECT_FALSE(is_interleaved(found, 0));
}

TEST(Stretches, TwoPrimariesAtOnceAreSeen) {
  const auto found = stretches({{10, 0}, {30, 1}, {35, 0}, {40, 1}});
  EXPECT_TRUE(is_interleaved(found, 0));
  EXPECT_FALSE(is_interleaved(found, 5));
}

}  // namespace
}  // namespace ledger
