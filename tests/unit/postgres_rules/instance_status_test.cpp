#include "postgres/rules/instance_status.hpp"

#include <gtest/gtest.h>

namespace cadence::postgres {
namespace {

TEST(InstanceStatus, WriterAndReaderAgree) {
  InstanceStatus status;
  status.instance = "db-1";
  status.role = "primary";
  status.timeline = 2;
  status.lsn = "0/3000148";
  status.system_identifier = "7389012345678901234";
  status.replication = {{"db-2", "streaming", "quorum", "0/10", 128}};
  status.is_writable = true;
  const auto read = decode_instance_status(json::dump(json::encode(status)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->role, "primary");
  EXPECT_EQ(read->system_identifier, "7389012345678901234");
  EXPECT_EQ(read->replication, status.replication);
  EXPECT_TRUE(read->is_writable);
}

TEST(InstanceStatus, TheDecidedMembersAreAlwaysThere) {
  const auto document = json::encode(InstanceStatus{});
  for (const char* name : {"instance", "role", "timeline", "lsn", "receive_lsn", "replay_lsn", "system_identifier",
                           "replication", "is_writable"}) {
    EXPECT_TRUE(document.contains(name)) << name;
  }
}

TEST(InstanceStatus, UnknownMembersAreIgnoredAndNonsenseIsAnError) {
  const auto read = decode_instance_status(R"({"instance":"a","role":"standby","from_the_future":{"x":1}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->role, "standby");
  EXPECT_FALSE(decode_instance_status("<html>"));
  EXPECT_FALSE(decode_instance_status(R"({"timeline":"many"})"));
}

}  // namespace
}  // namespace cadence::postgres
