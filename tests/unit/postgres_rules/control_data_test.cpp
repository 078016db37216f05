#include <gtest/gtest.h>

#include "postgres/rules/boot.hpp"

namespace cadence::postgres {
namespace {

TEST(ControlData, IsReadAsPgControldataPrintsIt) {
  const auto data = parse_control_data(
      "pg_control version number:            1300\n"
      "Database system identifier:           7389012345678901234\n"
      "Database cluster state:               shut down\n"
      "Latest checkpoint's TimeLineID:       3\n"
      "Latest checkpoint location:           0/3000028\n"
      "max_connections setting:              50\n"
      "max_prepared_xacts setting:           3\n"
      "Latest checkpoint's PrevTimeLineID:   2\n");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->system_identifier, "7389012345678901234");
  EXPECT_EQ(data->timeline, 3);
  EXPECT_TRUE(data->is_cleanly_stopped);
  EXPECT_EQ(data->checkpoint, Lsn{0x3000028});
  EXPECT_EQ(data->limits.at("max_connections"), 50);
  EXPECT_EQ(data->limits.at("max_prepared_transactions"), 3);
}

TEST(ControlData, AStandbyThatWasStoppedTellsNoEndOfTheLog) {
  const auto data = parse_control_data(
      "Database system identifier: 7\nDatabase cluster state: shut down in recovery\nLatest checkpoint's TimeLineID: "
      "1\n");
  ASSERT_TRUE(data);
  EXPECT_FALSE(data->is_cleanly_stopped);
}

TEST(ControlData, ACrashedServerIsNotClean) {
  const auto data = parse_control_data(
      "Database system identifier: 7\nDatabase cluster state: in production\nLatest checkpoint's TimeLineID: 1\n");
  ASSERT_TRUE(data);
  EXPECT_FALSE(data->is_cleanly_stopped);
  EXPECT_FALSE(parse_control_data("Database system identifier: 7\n"));
  EXPECT_FALSE(parse_control_data(""));
}

}  // namespace
}  // namespace cadence::postgres
