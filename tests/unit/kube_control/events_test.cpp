#include "kube/control/events.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;
using Kind = EventWrite::Kind;

types::Event event(const std::string& reason, const std::string& version = "1") {
  types::Event out;
  out.reason = reason;
  out.type = "Normal";
  out.regarding = {"v1", "Pod", "web", "demo", "uid", version};
  return out;
}

struct Series : ::testing::Test {
  base::Wall now = base::Wall{} + 1000h;
  EventSeries series;
};

TEST_F(Series, TheFirstIsCreatedTheSecondIsASeriesFurtherOnesOnlyCount) {
  const auto first = series.note(event("Made"), now);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Kind::Create);
  EXPECT_EQ(first->event.metadata.namespace_, "demo");
  EXPECT_EQ(first->event.metadata.name.rfind("web.", 0), 0u);
  EXPECT_FALSE(first->event.series);
  const auto second = series.note(event("Made", "2"), now + 1s);  // another version of the object is no other event
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, Kind::UpdateSeries);
  EXPECT_EQ(second->event.metadata.name, first->event.metadata.name);
  EXPECT_EQ(second->event.series->count, 2);
  for (int i = 2; i < 50; ++i) EXPECT_FALSE(series.note(event("Made"), now + i * 1s));
}

TEST_F(Series, ASeriesThatEndedIsWrittenALastTimeAndForgotten) {
  for (int i = 0; i < 5; ++i) series.note(event("Made"), now + i * 1s);
  EXPECT_TRUE(series.sweep(now + 5min).empty());
  const auto due = series.sweep(now + 7min);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].event.series->count, 5);
  EXPECT_EQ(due[0].event.series->last_observed_time, base::format_rfc3339_micro(now + 4s));
  EXPECT_EQ(series.size(), 0u);
  EXPECT_EQ(series.note(event("Made"), now + 8min)->kind, Kind::Create);
}

TEST_F(Series, ALongSeriesIsWrittenEveryHalfHour) {
  int writes = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    writes += series.note(event("Made"), now + minute * 1min).has_value();
    writes += static_cast<int>(series.sweep(now + minute * 1min).size());
  }
  EXPECT_GE(writes, 46);
  EXPECT_LE(writes, 50);
}

TEST_F(Series, DifferentReasonsAreDifferentEvents) {
  EXPECT_EQ(series.note(event("Made"), now)->kind, Kind::Create);
  EXPECT_EQ(series.note(event("Changed"), now)->kind, Kind::Create);
}

TEST_F(Series, EachRelatedObjectHasAnEventUntilThereAreTooMany) {
  const auto about = [](int child) {
    auto out = event("Restored");
    out.note = "Restored Service " + std::to_string(child);
    out.related = types::ObjectReference{"v1", "Service", std::to_string(child), "demo", "", ""};
    return out;
  };
  std::vector<EventWrite> written;
  for (int child = 0; child < 50; ++child) {
    if (auto due = series.note(about(child), now)) written.push_back(*due);
  }
  ASSERT_EQ(written.size(), 12u) << "ten, one for the rest, and that one as a series";
  for (int child = 0; child < 10; ++child)
    EXPECT_EQ(written[static_cast<std::size_t>(child)].event.note, "Restored Service " + std::to_string(child));
  EXPECT_EQ(written[10].event.note, "(combined from similar events): Restored Service 10");
  EXPECT_FALSE(written[10].event.related);
  EXPECT_EQ(written[11].kind, Kind::UpdateSeries);
  EXPECT_EQ(series.note(about(3), now + 1s)->event.metadata.name, written[3].event.metadata.name)
      << "the same again is a series";
  series.sweep(now + 1h);
  EXPECT_EQ(series.note(about(20), now + 1h)->event.note, "Restored Service 20");
}

struct RecorderTest : ::testing::Test {
  void start(EventRecorder::Options options = {.controller = "test/operator", .instance = "me"}) {
    options.pause = 1ms;
    recorder.emplace(
        options,
        [this](const EventWrite& write, std::stop_token) -> base::Result<void> {
          const std::lock_guard lock(mutex);
          ++tries;
          if (tries <= failures) return base::Error{kind, "no"};
          sent.push_back(write);
          return base::ok();
        },
        registry);
  }
  bool becomes(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i, base::wait_for({}, 5ms)) {
      const std::lock_guard lock(mutex);
      if (condition()) return true;
    }
    return false;
  }
  bool counts(const std::string& result, int count) {
    return registry.text().find("cadence_operator_events_total{result=\"" + result + "\"} " + std::to_string(count) +
                                "\n") != std::string::npos;
  }
  types::ObjectReference regarding{"v1", "Pod", "web", "demo", "uid", "1"};
  Registry registry;
  std::mutex mutex;
  std::vector<EventWrite> sent;
  int tries = 0, failures = 0;
  base::ErrorKind kind = base::ErrorKind::Transient;
  std::optional<EventRecorder> recorder;
};

TEST_F(RecorderTest, SendsWhatIsToldWithAllItsParts) {
  start();
  recorder->start();
  recorder->warning(regarding, "Scale", "TooSmall", std::string(1023, 'x') + "\xC3\xA4");
  ASSERT_TRUE(becomes([&] { return !sent.empty(); }));
  recorder->stop();
  const auto& event = sent[0].event;
  EXPECT_EQ(event.type, "Warning");
  EXPECT_EQ(event.reporting_controller, "test/operator");
  EXPECT_EQ(event.reporting_instance, "me");
  EXPECT_EQ(event.note, std::string(1023, 'x'));  // not in the middle of a character
  EXPECT_TRUE(counts("sent", 1));
}

TEST_F(RecorderTest, TriesAgainWhatMayPassAndGivesUpInTime) {
  failures = 3;
  start();
  recorder->start();
  recorder->normal(regarding, "Make", "Made", "");
  EXPECT_TRUE(becomes([&] { return sent.size() == 1 && tries == 4; }));
  failures = 1000;
  recorder->normal(regarding, "Make", "Other", "");
  EXPECT_TRUE(becomes([&] { return counts("failed", 1); }));
  EXPECT_EQ(tries, 4 + 12);
}

TEST_F(RecorderTest, WhatIsRefusedIsNotTriedAgain) {
  failures = 1;
  kind = base::ErrorKind::Forbidden;
  start();
  recorder->start();
  recorder->normal(regarding, "Make", "Made", "");
  EXPECT_TRUE(becomes([&] { return counts("failed", 1); }));
  recorder->normal(regarding, "Make", "Made", "");
  EXPECT_TRUE(becomes([&] { return sent.size() == 1; }));
  EXPECT_EQ(sent[0].kind, Kind::Create);  // the first one never was there
}

TEST_F(RecorderTest, NeverBlocksAndCountsWhatItDrops) {
  start({.controller = "c", .instance = "i", .capacity = 10});
  for (int i = 0; i < 25; ++i) recorder->normal(regarding, "Make", "Made", "");
  EXPECT_TRUE(counts("dropped", 15));
}

}  // namespace
}  // namespace cadence::kube::control
