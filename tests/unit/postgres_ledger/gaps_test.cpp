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
  const auto gaps = gaps_over(10, {{150, 1, 149}, {105, 0, 104}, {110, 0, 109}, {155, 1, 154}}, 100, 160);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].start, 110);
  EXPECT_EQ(gaps[0].end, 150);
  EXPECT_EQ(gaps[0].before, 0);
  EXPECT_EQ(gaps[0].after, 1);
  EXPECT_FALSE(gaps[0].is_open);
}

TEST(Gaps, TheWaitForTheFirstAndAfterTheLastCount) {
  const auto gaps = gaps_over(10, {{120, 0, 119}}, 100, 140);
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].before, -1);
  EXPECT_EQ(gaps[1].start, 120);
  EXPECT_TRUE(gaps[1].is_open);
}

TEST(Gaps, ExactlyTheThresholdIsNone) {
  EXPECT_THAT(gaps_over(10, {{110, 0, 109}, {120, 0, 119}}, 100, 130), testing::IsEmpty());
}

TEST(Gaps, WithoutThresholdTheyAddUpToTheObservation) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint16_t> times) {
    std::vector<Acknowledgement> acknowledgements;
    for (const auto time : times) acknowledgements.push_back({time, 0, time});
    const auto gaps = gaps_over(0, acknowledgements, 0, 70000);
    RC_ASSERT(std::accumulate(gaps.begin(), gaps.end(), Nanoseconds{0},
                              [](auto sum, const auto& gap) { return sum + gap.length(); }) == 70000);
  }));
}

TEST(Stretches, AreOnePerBackendByTheirFirst) {
  const auto found = stretches({{30, 1, 29}, {10, 0, 9}, {20, 0, 19}, {40, 1, 39}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].backend, 0);
  EXPECT_EQ(found[0].last, 20);
  EXPECT_EQ(found[1].first, 30);
  EXPECT_EQ(found[1].count, 2);
  EXPECT_EQ(found[0].last_asked, 19);
  EXPECT_FALSE(is_interleaved(found));
}

TEST(Stretches, TwoPrimariesAtOnceAreSeen) {
  EXPECT_TRUE(is_interleaved(stretches({{10, 0, 9}, {30, 1, 29}, {35, 0, 31}, {40, 1, 39}})));
}

TEST(Stretches, ARowThatWasUnderWayMayBeAnsweredLate) {
  EXPECT_FALSE(is_interleaved(stretches({{10, 0, 9}, {30, 1, 29}, {35, 0, 11}, {40, 1, 39}})));
}

}  // namespace
}  // namespace ledger
