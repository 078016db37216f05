#include "agent/redis/gate.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cadence::agent::redis {
namespace {

constexpr const char* kOwn = "f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 127.0.0.1:6379@16379 myself,";
constexpr const char* kReplica = "b1d1f1e2b3c4d5e6f708192a3b4c5d6e7f809011 127.0.0.1:1@16379 slave f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 0 0 1 connected\n";
constexpr const char* kVariables = "vars currentEpoch 6 lastVoteEpoch 0\n";

class Gate : public testing::Test {
 protected:
  Gate() : folder_(testing::TempDir() + "cadence-gate-" + std::to_string(::getpid())) { std::filesystem::create_directories(folder_ + "/appendonlydir"); }
  ~Gate() override { std::filesystem::remove_all(folder_); }
  void table(const std::string& text) const { std::ofstream(folder_ + "/nodes.conf") << text; }
  [[nodiscard]] bool holds() const { return is_dangerous(read_node_table(folder_), has_dataset(folder_)); }

  std::string folder_;
};

TEST_F(Gate, holds_a_leader_without_data_that_has_followers) {
  table(std::string(kOwn) + "master - 0 0 1 connected 0-5460\n" + kReplica + kVariables);
  EXPECT_TRUE(holds());
  std::ofstream(folder_ + "/appendonlydir/appendonly.aof.manifest") << "file appendonly.aof.1.base.rdb seq 1 type b\n";
  EXPECT_FALSE(holds());
}

TEST_F(Gate, is_open_where_nothing_can_be_lost) {
  EXPECT_FALSE(holds());  // a new volume
  table(std::string(kOwn) + "master - 0 0 1 connected 0-5460\n" + kVariables);
  EXPECT_FALSE(holds());  // no replica
  table(std::string(kOwn) + "master - 0 0 1 connected\n" + kReplica + kVariables);
  EXPECT_FALSE(holds());  // no slots
  table("half a li");
  EXPECT_FALSE(holds());
}

TEST_F(Gate, takes_silence_for_no_evidence) {
  table(std::string(kOwn) + "master - 0 0 1 connected 0-5460\n" + kReplica + kVariables);
  EXPECT_TRUE(still_leads(read_node_table(folder_), {}, std::chrono::milliseconds(200)));
}

}  // namespace
}  // namespace cadence::agent::redis
