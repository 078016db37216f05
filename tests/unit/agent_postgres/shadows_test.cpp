// Which segment of a log may go, of a folder as a crash leaves it; that PostgreSQL is stopped by such a one is shown by
// tests/integration/postgres/shadowed_test.py.
#include "agent/postgres/volume/shadows.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent/postgres/volume/files.hpp"
#include "folder.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::size_t kSize = 1 << 20, kPage = 8192;
constexpr const char* kNewer = "/pg_wal/000000020000000000000003";
constexpr const char* kOlder = "/pg_wal/000000010000000000000003";

class Shadows : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root + "/pg_wal");
    // Timeline 2 begins in the middle of the sixth page of the fourth segment.
    put("/pg_wal/00000002.history", "1\t0/30B000\tno recovery target specified\n");
    put(kOlder, pages(6, 3 * kSize));
  }

  void put(const std::string& name, const std::string& text) const { std::ofstream(root + name) << text; }
  // So many pages with their addresses and something on them; the rest was never written.
  static std::string pages(std::size_t count, std::uint64_t begin) {
    std::string out(kSize, '\0');
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t address = begin + i * kPage;
      std::memset(out.data() + i * kPage, static_cast<int>('a' + i), kPage);
      std::memcpy(out.data() + i * kPage + 8, &address, sizeof(address));
    }
    return out;
  }
  [[nodiscard]] bool goes(const std::string& newer) const {
    put(kNewer, newer);
    const auto removed = remove_shadows(root);
    EXPECT_TRUE(removed);
    EXPECT_EQ(removed->empty(), exists(root + kNewer));
    EXPECT_TRUE(exists(root + kOlder));
    return !removed->empty();
  }
  test::Folder folder;
  std::string root = folder.path();
};

TEST_F(Shadows, WhatEndsBeforeTheTimelinesPartGoes) {
  for (const std::size_t count : {0, 1, 5}) EXPECT_TRUE(goes(pages(count, 3 * kSize))) << count;
  auto half = pages(5, 3 * kSize);
  std::fill(half.begin() + 4 * kPage + 100, half.end(), '\0');
  EXPECT_TRUE(goes(half)) << "cut within a page";
  auto recycled = pages(6, 0);
  recycled.replace(0, 2 * kPage, pages(2, 3 * kSize).substr(0, 2 * kPage));
  EXPECT_TRUE(goes(recycled)) << "the file was another segment before";
}

TEST_F(Shadows, WhatReachesTheNewTimelineStays) {
  EXPECT_FALSE(goes(pages(6, 3 * kSize)));
  EXPECT_FALSE(goes(pages(9, 3 * kSize)));
}

TEST_F(Shadows, WhatTheOlderFileDoesNotHoldStays) {
  auto other = pages(4, 3 * kSize);
  other[2 * kPage + 50] = 'x';
  EXPECT_FALSE(goes(other));
  put(kOlder, pages(2, 3 * kSize));
  EXPECT_FALSE(goes(pages(4, 3 * kSize)));
  ASSERT_TRUE(std::filesystem::remove(root + kOlder));
  put(kNewer, pages(1, 3 * kSize));
  EXPECT_TRUE(remove_shadows(root)->empty());
}

TEST_F(Shadows, AVolumeWithoutAHistoryIsLeftAlone) {
  std::filesystem::remove(root + "/pg_wal/00000002.history");
  EXPECT_FALSE(goes(pages(1, 3 * kSize)));
  EXPECT_TRUE(remove_shadows(root + "/none")->empty());
}

}  // namespace
}  // namespace cadence::agent::postgres
