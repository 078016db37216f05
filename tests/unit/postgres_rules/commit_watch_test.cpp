#include "postgres/rules/commit_watch.hpp"

#include <gtest/gtest.h>

namespace cadence::postgres {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAnyOne = R"(ANY 1 ("db-2", "db-3"))";
const CommitWatch::Time kStart{};

TEST(StandbyNames, AreReadInEveryFormThatPostgresqlTakes) {
  const std::tuple<const char*, int, std::vector<std::string>> rows[] = {{"", 0, {}},
                                                                         {"  ", 0, {}},
                                                                         {kAnyOne, 1, {"db-2", "db-3"}},
                                                                         {"FIRST 2 (a, b,c)", 2, {"a", "b", "c"}},
                                                                         {"2 (a, b)", 2, {"a", "b"}},
                                                                         {"a, b", 1, {"a", "b"}},
                                                                         {"*", 1, {"*"}},
                                                                         {R"("it""s")", 1, {"it\"s"}},
                                                                         {"\"odd (name)\"", 1, {"odd (name)"}}};
  for (const auto& [text, number, names] : rows) {
    const auto read = parse_standby_names(text);
    EXPECT_EQ(read.number, number) << text;
    EXPECT_EQ(read.names, names) << text;
  }
}

TEST(CommitWatch, NobodyToWaitForIsNoWait) {
  CommitWatch watch;
  EXPECT_EQ(watch.look({"", 100, {}}, kStart), "");
  EXPECT_EQ(watch.look({"", 200, {}}, kStart + 1h), "");
}

TEST(CommitWatch, SaysAtOnceThatTooFewStream) {
  CommitWatch watch;
  EXPECT_EQ(watch.look({kAnyOne, 100, {}}, kStart), "a commit waits for any 1 of db-2, db-3, and none of them streams");
  EXPECT_EQ(watch.look({"ANY 2 (a, b, c)", 100, {{"b", 100}}}, kStart),
            "a commit waits for any 2 of a, b, c, and only b streams");
  EXPECT_EQ(watch.look({kAnyOne, 100, {{"db-3", 100}}}, kStart), "");
}

TEST(CommitWatch, AStreamThatConfirmsNothingIsNoAcknowledgement) {
  CommitWatch watch;
  EXPECT_EQ(watch.look({kAnyOne, 100, {{"db-2", 90}}}, kStart), "") << "a moment is nothing";
  EXPECT_EQ(watch.look({kAnyOne, 150, {{"db-2", 99}}}, kStart + 2900ms), "");
  EXPECT_NE(watch.look({kAnyOne, 200, {{"db-2", 99}}}, kStart + 3s)
                .find("(db-2) have confirmed what was written more than 3 s ago"),
            std::string::npos);
  EXPECT_EQ(watch.look({kAnyOne, 300, {{"db-2", 250}}}, kStart + 4s), "") << "behind, but it moves";
  EXPECT_NE(watch.look({kAnyOne, 300, {{"db-2", 250}}}, kStart + 7s), "");
}

TEST(CommitWatch, AsManyAsWereAskedForMustConfirm) {
  CommitWatch watch;
  const char* two = "ANY 2 (a, b, c)";
  static_cast<void>(watch.look({two, 100, {{"a", 100}, {"b", 0}, {"c", 0}}}, kStart));
  EXPECT_NE(watch.look({two, 100, {{"a", 100}, {"b", 0}, {"c", 0}}}, kStart + 3s), "");
  EXPECT_EQ(watch.look({two, 100, {{"a", 100}, {"b", 0}, {"c", 100}}}, kStart + 4s), "");
}

TEST(CommitWatch, AQuietServerStaysAcknowledging) {
  CommitWatch watch;
  for (int hour = 0; hour < 5; ++hour)
    EXPECT_EQ(watch.look({kAnyOne, 100, {{"db-2", 100}}}, kStart + std::chrono::hours(hour)), "");
}

}  // namespace
}  // namespace cadence::postgres
