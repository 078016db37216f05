#include "spool/records.hpp"

#include <gtest/gtest.h>

namespace cadence::spool {
namespace {

queue::Delivery delivery(const std::string& name) {
  queue::Delivery made;
  made.key = std::string("k\0ey,:", 6) + name;
  made.body_key = std::string(16, '\xff');
  made.provider = "github";
  made.event = "push";
  made.job_id = "job-" + name;
  made.spec = {"github_push", "https://h/r.git", "kiln", "potters/kiln", "tr\"un\\k,{}\n",
               "9c",          "mira \xc3\xa9",   "",     "- 72d3162e"};
  return made;
}

bool are_equal(const queue::Delivery& a, const queue::Delivery& b) {
  return a.key == b.key && a.body_key == b.body_key && a.provider == b.provider && a.event == b.event &&
         a.job_id == b.job_id && a.spec == b.spec;
}

const std::vector<queue::Delivery> kThree = {delivery("a"), delivery("b"), delivery("c")};

std::string file_of(const std::vector<queue::Delivery>& deliveries) {
  std::string file(kFirstLine);
  for (const auto& each : deliveries) file += record_of(each);
  return file;
}

TEST(Records, AreReadAsTheyWereWritten) {
  const auto read = read_records(file_of(kThree), 3);
  EXPECT_EQ(read.damage, "");
  ASSERT_EQ(read.deliveries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(are_equal(read.deliveries[i], kThree[i]));
}

TEST(Records, CutAtEachByteGiveWhatIsWholeAndSayTheRest) {
  const auto file = file_of(kThree);
  std::vector<std::size_t> ends;  // of each record
  auto end = kFirstLine.size();
  for (const auto& each : kThree) ends.push_back(end += record_of(each).size());
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto read = read_records(std::string_view(file).substr(0, size), 3);
    EXPECT_NE(read.damage, "") << size;
    const auto whole =
        static_cast<std::size_t>(std::count_if(ends.begin(), ends.end(), [&](auto e) { return e <= size; }));
    ASSERT_EQ(read.deliveries.size(), whole) << size;
    for (std::size_t i = 0; i < whole; ++i) EXPECT_TRUE(are_equal(read.deliveries[i], kThree[i]));
  }
}

TEST(Records, ChangedAtEachByteAreNeverTakenForOthers) {
  const auto file = file_of(kThree);
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const char change : {'\x01', '\x80', '\x20'}) {
      auto changed = file;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const auto read = read_records(changed, 3);
      // Hex digits may be of either case only where they are read: nothing else passes.
      ASSERT_NE(read.damage, "") << at;
      for (std::size_t i = 0; i < read.deliveries.size(); ++i)
        ASSERT_TRUE(are_equal(read.deliveries[i], kThree[i])) << at;
    }
}

TEST(Records, WhatIsTooMuchIsDamageToo) {
  EXPECT_NE(read_records(file_of(kThree), 2).damage, "");
  EXPECT_NE(read_records(file_of(kThree) + "x", 3).damage, "");
  EXPECT_NE(read_records("", 1).damage, "");
  EXPECT_NE(read_records("cadence spool 2\n", 1).damage, "");
  EXPECT_NE(read_records(std::string(kFirstLine) + std::string(64, '0') + "99999999999999999999:x,", 1).damage, "");
  EXPECT_NE(read_records(std::string(kFirstLine) + std::string(64, '0') + "-5:x,", 1).damage, "");
}

}  // namespace
}  // namespace cadence::spool
