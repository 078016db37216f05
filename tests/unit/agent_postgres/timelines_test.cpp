#include "agent/postgres/volume/timelines.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "agent/postgres/volume/files.hpp"
#include "folder.hpp"

namespace cadence::agent::postgres {
namespace {

class Timelines : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(root + "/pg_wal"); }
  void put(const std::string& name) const {
    ASSERT_TRUE(write_file(root + "/pg_wal/" + name, "1\t0/3000000\tno recovery target specified\n", 0600));
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(root + "/pg_wal"))
      out.insert(entry.path().filename().string());
    return out;
  }
  // What PostgreSQL would take: the first number without a history file.
  [[nodiscard]] std::int64_t next_after(std::int64_t timeline) const {
    char name[32];
    do std::snprintf(name, sizeof(name), "%08llX.history", static_cast<unsigned long long>(++timeline));
    while (names().contains(name));
    return timeline;
  }
  test::Folder folder;
  std::string root = folder.path();
};

TEST_F(Timelines, AReservedNumberIsTheNextOne) {
  EXPECT_EQ(newest_timeline(root), 0);
  ASSERT_TRUE(pass_over_timelines(root, 2));
  EXPECT_TRUE(names().empty()) << "the natural one needs no help";
  ASSERT_TRUE(pass_over_timelines(root, 12));
  EXPECT_EQ(next_after(1), 12);
  EXPECT_EQ(newest_timeline(root), 11);
  EXPECT_TRUE(names().contains("0000000B.history"));
}

TEST_F(Timelines, RealFilesAreNeverWrittenOver) {
  put("00000005.history");  // of a copy, which has no earlier ones
  put("00000007.history");
  put("000000010000000000000003");
  put("00000009.history.new");
  ASSERT_TRUE(pass_over_timelines(root, 9));
  EXPECT_EQ(next_after(5), 9);
  EXPECT_FALSE(names().contains("00000004.history"));
  EXPECT_EQ(read_file(root + "/pg_wal/00000007.history")->substr(0, 2), "1\t");
}

TEST_F(Timelines, WhatNoPromotionCameAfterIsTidied) {
  put("00000002.history");
  ASSERT_TRUE(pass_over_timelines(root, 5));
  put("00000005.history");  // it came
  ASSERT_TRUE(pass_over_timelines(root, 8));
  ASSERT_TRUE(tidy_timelines(root));
  EXPECT_EQ(names(),
            (std::set<std::string>{"00000002.history", "00000003.history", "00000004.history", "00000005.history"}));
  ASSERT_TRUE(tidy_timelines(root + "/none"));
}

TEST_F(Timelines, ARecordThatIsWrongFillsNoVolume) {
  EXPECT_FALSE(pass_over_timelines(root, 1 << 20));
  EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace cadence::agent::postgres
