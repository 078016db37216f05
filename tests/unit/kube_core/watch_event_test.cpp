#include "kube/core/watch_event.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace cadence::kube::core {
namespace {

std::vector<std::string> split_at(const std::string& text, const std::vector<std::size_t>& cuts,
                                  LineSplitter& splitter) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  const auto feed = [&](std::size_t to) {
    EXPECT_TRUE(splitter.feed(std::string_view(text).substr(from, to - from)));
    while (const auto line = splitter.next()) lines.emplace_back(*line);
    from = to;
  };
  for (const auto cut : cuts) feed(cut);
  feed(text.size());
  return lines;
}

TEST(LineSplitter, LinesSurviveEverySingleCut) {
  const std::string text = "{\"a\":\"\xC3\xA4\xE2\x82\xAC\"}\n\n{\"b\":2}\nrest";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineSplitter splitter;
    EXPECT_EQ(split_at(text, {cut}, splitter),
              (std::vector<std::string>{"{\"a\":\"\xC3\xA4\xE2\x82\xAC\"}", "{\"b\":2}"}))
        << cut;
    EXPECT_EQ(splitter.rest(), "rest");
  }
}

TEST(LineSplitter, LinesSurviveRandomCuts) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      expected.push_back(std::string(1 + random() % 200, static_cast<char>('a' + i)));
      text += expected.back() + "\n";
    }
    std::vector<std::size_t> cuts;
    for (int i = 0; i < 30; ++i) cuts.push_back(random() % text.size());
    std::sort(cuts.begin(), cuts.end());
    LineSplitter splitter(4096);
    EXPECT_EQ(split_at(text, cuts, splitter), expected);
  }
}

TEST(LineSplitter, ALineLongerThanTheLimitIsAnError) {
  LineSplitter splitter(10);
  EXPECT_TRUE(splitter.feed("12345\n"));
  EXPECT_TRUE(splitter.next());
  EXPECT_TRUE(splitter.feed("1234567890"));
  EXPECT_FALSE(splitter.next());
  const auto fed = splitter.feed("1");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().kind, base::ErrorKind::Transient);
}

TEST(WatchEvent, ReadsEveryKind) {
  const std::pair<const char*, EventType> kinds[] = {{"ADDED", EventType::Added},
                                                     {"MODIFIED", EventType::Modified},
                                                     {"DELETED", EventType::Deleted},
                                                     {"BOOKMARK", EventType::Bookmark},
                                                     {"ERROR", EventType::Error}};
  for (const auto& [name, type] : kinds) {
    const auto event =
        parse_watch_event(std::string(R"({"type":")") + name + R"(","object":{"metadata":{"name":"x"}}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, type);
    EXPECT_EQ(json::string_at(event->object, {"metadata", "name"}), "x");
  }
}

TEST(WatchEvent, ABareStatusIsAnErrorEvent) {
  const auto event = parse_watch_event(R"({"kind":"Status","code":410})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, EventType::Error);
  EXPECT_EQ(event->object["code"], 410);
}

TEST(WatchEvent, NonsenseIsAnErrorOfItsLine) {
  for (const auto* line : {"", "{", "[]", "1", R"({"type":"NEW","object":{}})", R"({"type":"ADDED"})",
                           R"({"object":{}})", R"({"type":1,"object":{}})"}) {
    EXPECT_FALSE(parse_watch_event(line)) << line;
  }
}

TEST(WatchEvent, KnowsTheEndOfTheInitialEvents) {
  const json::Value marked{{"metadata", {{"annotations", {{"k8s.io/initial-events-end", "true"}}}}}};
  EXPECT_TRUE(is_initial_events_end({EventType::Bookmark, marked}));
  EXPECT_FALSE(is_initial_events_end({EventType::Added, marked}));
  EXPECT_FALSE(is_initial_events_end({EventType::Bookmark, {{"metadata", {{"resourceVersion", "1"}}}}}));
}

}  // namespace
}  // namespace cadence::kube::core
