// Notes are read back as they were written, and nonsense is nobody's.
#include "recovery/notes.hpp"

#include <gtest/gtest.h>

namespace cadence::recovery {
namespace {

using std::chrono::seconds;

TEST(Notes, AreReadBackAsTheyWereWritten) {
  const base::Wall time(seconds(1'800'000'000));
  Notes notes;
  notes.gaps["d\"1"] = {.hook = 7,
                        .attempt = 9,
                        .status = 503,
                        .repository = "potters/kiln",
                        .seen_at = time,
                        .asked_at = time + seconds(1),
                        .asked_attempt = 8,
                        .times = 2,
                        .is_given_up = true};
  notes.readings[7] = {.newest = 9, .newest_at = time, .cursor = "v1_4", .next = 12, .next_at = time + seconds(9)};
  notes.counts = {4, 3, 2, 1};
  notes.looked_at = time;
  notes.listed = 100;
  notes.problem = "it answered 404 – “gone”";
  const auto text = text_of(notes);
  const auto back = notes_of(text);
  EXPECT_EQ(text_of(back), text);
  ASSERT_EQ(back.gaps.size(), 1u);
  const auto& gap = back.gaps.at("d\"1");
  EXPECT_EQ(gap.attempt, 9);
  EXPECT_EQ(gap.asked_attempt, 8);
  EXPECT_EQ(gap.seen_at, time);
  EXPECT_TRUE(gap.is_given_up);
  EXPECT_EQ(back.readings.at(7).cursor, "v1_4");
  EXPECT_EQ(back.readings.at(7).next_at, time + seconds(9));
  EXPECT_EQ(back.counts.came_back, 2);
  EXPECT_EQ(back.problem, notes.problem);
}

TEST(Notes, ThatAreNoneAreThoseOfAHookNobodyHasLookedAt) {
  const auto none = text_of(Notes{});
  for (const char* text : {"", "[]", "{", "17", R"({"gaps":[1],"readings":7,"missing":"x","problem":[]})"})
    EXPECT_EQ(text_of(notes_of(text)), none) << text;
}

}  // namespace
}  // namespace cadence::recovery
