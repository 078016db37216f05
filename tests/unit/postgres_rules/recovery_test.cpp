#include "postgres/rules/recovery.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cadence::postgres {
namespace {

using Kind = RecoveryDecision::Kind;
using Content = VolumeReport::Content;

VolumeReport database(std::string instance, std::int64_t timeline, Lsn end, std::string identifier = "77") {
  return {std::move(instance), Content::Database, "", std::move(identifier), timeline, end};
}
VolumeReport other(std::string instance, Content content, std::string why = "") {
  return {std::move(instance), content, std::move(why), "", 0, 0};
}

TEST(Recovery, NobodyIsChosenBeforeEveryVolumeWasAsked) {
  const auto decision =
      choose_volume({database("db-1", 3, 900), other("db-2", Content::Unknown, "its pod is not there yet"),
                     other("db-3", Content::Empty)});
  EXPECT_EQ(decision.kind, Kind::Wait);
  EXPECT_EQ(decision.instance, "");
  EXPECT_EQ(decision.why, "db-2 (its pod is not there yet)");
}

TEST(Recovery, TheNewestTimelineWinsThenTheLongestLog) {
  EXPECT_EQ(choose_volume({database("db-1", 1, 900), database("db-2", 2, 500), database("db-3", 2, 400)}).instance,
            "db-2");
  EXPECT_EQ(choose_volume({database("db-1", 2, 400), database("db-2", 2, 400), database("db-3", 2, 500)}).instance,
            "db-3");
  EXPECT_EQ(choose_volume({database("db-1", 2, 400), database("db-2", 2, 400)}).instance, "db-1");
  EXPECT_EQ(choose_volume({database("db-1", 1, 0x5000028), database("db-2", 2, 0x6000000)}).why,
            "db-2 has the newest data (timeline 2, log to 0/6000000)");
}

TEST(Recovery, EmptyAndHalfRepairedVolumesDoNotStandInTheWay) {
  const auto decision =
      choose_volume({other("db-1", Content::Empty), other("db-2", Content::Stale), database("db-3", 1, 100)});
  EXPECT_EQ(decision.kind, Kind::Recover);
  EXPECT_EQ(decision.instance, "db-3");
}

TEST(Recovery, ADatabaseIsCreatedOnlyWhereEveryVolumeIsEmpty) {
  EXPECT_EQ(choose_volume({other("db-2", Content::Empty), other("db-3", Content::Empty)}),
            (RecoveryDecision{Kind::Initialise, "db-2", "every volume is empty: db-2 creates the database"}));
  EXPECT_EQ(choose_volume({other("db-1", Content::Empty), other("db-2", Content::Stale, "rewinding")}).kind,
            Kind::Blocked);
  EXPECT_EQ(choose_volume({}).kind, Kind::Wait);
}

TEST(Recovery, WhatNobodyCanReadOrTwoDatabasesAreForPeople) {
  EXPECT_EQ(choose_volume({database("db-1", 1, 100), other("db-2", Content::Unusable, "holds no database")}).kind,
            Kind::Blocked);
  const auto decision = choose_volume({database("db-1", 1, 100), database("db-2", 1, 100, "78")});
  EXPECT_EQ(decision.kind, Kind::Blocked);
  EXPECT_EQ(decision.why, "the volumes hold different databases, by their system identifiers: db-1 (77), db-2 (78)");
}

// Every set of three volumes, against what must never happen.
TEST(Recovery, NothingIsEverLostByChoosing) {
  std::vector<VolumeReport> kinds{other("", Content::Unknown), other("", Content::Empty), other("", Content::Stale),
                                  other("", Content::Unusable)};
  for (const std::int64_t timeline : {1, 2}) {
    for (const Lsn end : {100, 200}) kinds.push_back(database("", timeline, end));
  }
  for (const auto& a : kinds) {
    for (const auto& b : kinds) {
      for (const auto& c : kinds) {
        std::vector<VolumeReport> reports{a, b, c};
        for (std::size_t i = 0; i < reports.size(); ++i) reports[i].instance = "db-" + std::to_string(i + 1);
        const auto decision = choose_volume(reports);
        const auto has = [&](Content content) {
          return std::any_of(reports.begin(), reports.end(), [&](const auto& r) { return r.content == content; });
        };
        if (decision.kind == Kind::Initialise) {
          EXPECT_FALSE(has(Content::Unknown) || has(Content::Database) || has(Content::Stale) ||
                       has(Content::Unusable));
        }
        if (decision.kind != Kind::Recover) continue;
        EXPECT_FALSE(has(Content::Unknown) || has(Content::Unusable));
        const auto chosen = *std::find_if(reports.begin(), reports.end(),
                                          [&](const auto& r) { return r.instance == decision.instance; });
        ASSERT_EQ(chosen.content, Content::Database);
        for (const auto& report : reports) {
          EXPECT_FALSE(report.content == Content::Database &&
                       std::tie(report.timeline, report.end) > std::tie(chosen.timeline, chosen.end));
        }
      }
    }
  }
}

}  // namespace
}  // namespace cadence::postgres
