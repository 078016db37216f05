// Which deliveries are missing, asked for, back, or given up, by tables.
#include "recovery/gaps.hpp"

#include <gtest/gtest.h>

namespace cadence::recovery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Names = std::vector<std::string>;

const base::Wall kNow(seconds(1'800'000'000));
const Rules kRules;
constexpr std::int64_t kHook = 7;

Attempt attempt(std::int64_t id, int status, const std::string& delivery = "d", base::Wall at = kNow) {
  return {.delivery = delivery, .id = id, .status = status, .at = at, .repository = "potters/kiln"};
}

struct Watch {
  Notes notes;
  base::Wall now = kNow;
  Rules rules = kRules;
  bool note(const std::vector<Attempt>& attempts, const std::set<std::string>& known = {}) {
    return note_attempts(notes, kHook, attempts, known, now, rules);
  }
  [[nodiscard]] Names asks() const { return due(notes, now, rules); }
  void ask_all() {
    for (const auto& delivery : asks()) note_asked(notes, delivery, now);
  }
};

TEST(Gaps, AreWhatTheProviderHasAndTheLedgerHasNot) {
  const struct {
    const char* what;
    int status;
    bool is_known, is_missing, is_asked_at_once;
  } table[] = {
      {"refused", 503, false, true, true},
      {"no right signature", 401, false, true, true},
      {"nobody answered, and it may have been stored", 0, false, true, false},
      {"acknowledged, and may lie in a spool", 202, false, true, false},
      {"an event without an analysis", 200, false, false, false},
      {"answered by somebody else's rules", 204, false, false, false},
      {"stored although the answer was late", 0, true, false, false},
      {"stored, and refused when it was repeated", 503, true, false, false},
      {"stored and acknowledged", 202, true, false, false},
  };
  for (const auto& row : table) {
    Watch watch;
    EXPECT_TRUE(
        watch.note({attempt(1, row.status)}, row.is_known ? std::set<std::string>{"d"} : std::set<std::string>{}));
    EXPECT_EQ(watch.notes.gaps.size(), row.is_missing ? 1u : 0u) << row.what;
    EXPECT_EQ(watch.notes.counts.missing, row.is_missing ? 1 : 0) << row.what;
    EXPECT_EQ(watch.asks().size(), row.is_asked_at_once ? 1u : 0u) << row.what;
  }
}

TEST(Gaps, OfWhatMayStillArriveAreAskedForLater) {
  Watch watch;
  watch.note({attempt(1, 0, "silent"), attempt(2, 202, "spooled")});
  watch.now += kRules.unanswered;
  EXPECT_EQ(watch.asks(), Names{"silent"});
  watch.now = kNow + kRules.acknowledged;
  EXPECT_EQ(watch.asks(), (Names{"silent", "spooled"}));
}

TEST(Gaps, CannotBeSeenOfWhatWasAcknowledgedForAnUnknownRepository) {
  Watch watch;
  auto acknowledged = attempt(1, 202), refused = attempt(2, 503, "e");
  acknowledged.repository = refused.repository = "";
  watch.note({acknowledged, refused});
  EXPECT_EQ(watch.asks(), Names{"e"});
  EXPECT_EQ(watch.notes.gaps.size(), 1u);
}

TEST(Gaps, AreNoneWhereAnyTryOfADeliveryWasTaken) {
  Watch watch;
  watch.note({attempt(3, 503), attempt(2, 200), attempt(1, 503)});
  EXPECT_EQ(watch.notes.gaps.size(), 0u);
  watch.note({{.delivery = "", .id = 9, .status = 503}});
  EXPECT_EQ(watch.notes.gaps.size(), 0u) << "not a push";
}

TEST(Gaps, AreAskedForByTheirNewestTryOldestFirst) {
  Watch watch;
  watch.note({attempt(9, 503, "a"), attempt(1, 503, "b"), attempt(8, 502, "b"), attempt(2, 503, "a")});
  EXPECT_EQ(watch.asks(), (Names{"b", "a"}));
  EXPECT_EQ(watch.notes.gaps.at("b").attempt, 8);
  EXPECT_EQ(watch.notes.gaps.at("b").status, 502);
}

TEST(Gaps, ThatCameBackAreCountedOnce) {
  Watch watch;
  watch.note({attempt(1, 503)});
  watch.ask_all();
  EXPECT_EQ(watch.asks(), Names{}) << "one ask is under way";
  watch.note({attempt(2, 202), attempt(1, 503)}, {"d"});
  watch.note({attempt(2, 202), attempt(1, 503)}, {"d"});
  EXPECT_EQ(watch.notes.counts.came_back, 1);
  EXPECT_EQ(watch.notes.counts.missing, 1);
  EXPECT_EQ(watch.notes.gaps.size(), 0u);
  EXPECT_EQ(open_gaps(watch.notes), 0u);
}

TEST(Gaps, ThatComeWithoutBeingAskedForDoNotCount) {
  Watch watch;
  watch.note({attempt(1, 0)});
  watch.note({}, {"d"});
  EXPECT_EQ(watch.notes.counts.came_back, 0);
  EXPECT_EQ(watch.notes.gaps.size(), 0u);
}

TEST(Gaps, AreAskedForLaterEachTimeAndThenGivenUp) {
  Watch watch;
  watch.note({attempt(1, 503)});
  std::int64_t id = 1;
  for (int time = 1; time <= kRules.most_times; ++time) {
    EXPECT_EQ(watch.asks().size(), 1u) << time;
    watch.ask_all();
    watch.note({attempt(++id, 503)});
    const auto wait = kRules.again * (1 << (time - 1));
    watch.now += wait - seconds(1);
    EXPECT_EQ(watch.asks().size(), 0u) << time;
    EXPECT_EQ(give_up(watch.notes, watch.now, kRules), Names{}) << time;
    watch.now += seconds(1);
  }
  EXPECT_EQ(watch.asks(), Names{});
  EXPECT_EQ(give_up(watch.notes, watch.now, kRules), Names{"d"});
  EXPECT_EQ(give_up(watch.notes, watch.now, kRules), Names{}) << "said once";
  EXPECT_EQ(watch.notes.counts.given_up, 1);
  EXPECT_EQ(open_gaps(watch.notes), 0u);
  watch.note({attempt(++id, 503)});
  EXPECT_EQ(watch.notes.counts.missing, 1) << "it is not found once more";
  watch.note({}, {"d"});
  EXPECT_EQ(watch.notes.counts.came_back, 1) << "somebody sent it by hand";
}

TEST(Gaps, WhoseAskLedToNoTryAreAskedForAgainMuchLater) {
  Watch watch;
  watch.note({attempt(1, 503)});
  watch.ask_all();
  watch.now += kRules.unseen - seconds(1);
  EXPECT_EQ(watch.asks(), Names{});
  watch.now += seconds(1);
  EXPECT_EQ(watch.asks(), Names{"d"});
}

TEST(Gaps, TooOldForTheProviderAreGivenUpAndForgotten) {
  Watch watch;
  watch.note({attempt(1, 503, "old", kNow - kRules.kept - seconds(1)), attempt(2, 503, "new", kNow - hours(1))});
  EXPECT_EQ(watch.asks(), Names{"new"});
  watch.now += kRules.kept;
  EXPECT_EQ(give_up(watch.notes, watch.now, kRules), Names{"new"});
  EXPECT_EQ(watch.notes.gaps.size(), 0u);
}

TEST(Gaps, AreBounded) {
  Watch watch;
  watch.rules.most_gaps = 2;
  EXPECT_TRUE(watch.note({attempt(1, 503, "a"), attempt(2, 503, "b")}));
  EXPECT_FALSE(watch.note({attempt(3, 503, "c")})) << "the list is to be read again";
  EXPECT_TRUE(watch.note({attempt(2, 503, "b")}));
  watch.note({}, {"a"});
  EXPECT_TRUE(watch.note({attempt(3, 503, "c")}));
}

TEST(Gaps, SayHowLongTheOldestHasBeenKnown) {
  Watch watch;
  EXPECT_EQ(oldest_gap(watch.notes, watch.now), seconds(0));
  watch.note({attempt(1, 503, "a")});
  watch.now += seconds(90);
  watch.note({attempt(2, 503, "b")});
  EXPECT_EQ(oldest_gap(watch.notes, watch.now), seconds(90));
}

TEST(Lists, AreReadUntilWhatWasReadBefore) {
  const Reading fresh, read{.newest = 50, .newest_at = kNow};
  const auto at = [](seconds before) { return attempt(1, 200, "d", kNow - before); };
  const auto event = [](std::int64_t id) { return attempt(id, 200, "d", base::Wall{}); };
  const struct {
    const char* what;
    Reading reading;
    std::vector<Attempt> rows;
    bool is_read;
  } table[] = {
      {"nothing was read yet", fresh, {at(hours(1))}, false},
      {"older than the provider keeps them", fresh, {at(kRules.kept + seconds(1))}, true},
      {"one of them is young enough", fresh, {at(kRules.kept - seconds(60)), at(kRules.kept + seconds(1))}, false},
      {"since the last time", read, {at(seconds(10))}, false},
      {"may have been listed late", read, {at(kRules.overlap)}, false},
      {"before the last time", read, {at(kRules.overlap + seconds(1))}, true},
      {"numbers alone, newer", read, {event(51), event(50)}, false},
      {"numbers alone, read", read, {event(50), event(49)}, true},
      {"an empty page", read, {}, false},
  };
  for (const auto& row : table) EXPECT_EQ(is_read(row.reading, row.rows, kNow, kRules), row.is_read) << row.what;
}

}  // namespace
}  // namespace cadence::recovery
