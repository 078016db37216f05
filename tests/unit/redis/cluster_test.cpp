// The pure parts of the cluster client, by tables.
#include <gtest/gtest.h>

#include "redis/cluster/breaker.hpp"
#include "redis/cluster/refusal.hpp"
#include "redis/cluster/slot_map.hpp"
#include "redis/cluster/slots.hpp"

namespace cadence::redis::cluster {
namespace {

using namespace std::chrono_literals;

TEST(Slots, AreThoseOfTheServer) {
  EXPECT_EQ(crc16("123456789"), 0x31c3);
  // CLUSTER KEYSLOT of redis-server 7.0.15
  const std::vector<std::pair<std::string, int>> rows{{"", 0},
                                                      {"foo", 12182},
                                                      {"bar", 5061},
                                                      {"{user1000}.following", 3443},
                                                      {"user1000", 3443},
                                                      {"foo{}{bar}", 8363},
                                                      {"foo{{bar}}zap", 4015},
                                                      {"{bar", 4015},
                                                      {"foo{bar}{zap}", 5061},
                                                      {"a}b{bar}", 5061},
                                                      {std::string("\0\xff", 2), 7920}};
  for (const auto& [key, slot] : rows) EXPECT_EQ(slot_of(key), slot) << key;
}

NodeEntry master(const std::string& ip, std::vector<SlotRange> slots, std::uint64_t epoch = 1) {
  NodeEntry out;
  out.address = {ip, 6379};
  out.is_master = true;
  out.slots = std::move(slots);
  out.config_epoch = epoch;
  return out;
}

TEST(SlotMap, IsWhatLivingMastersServe) {
  auto failed = master("10.0.0.3", {{200, 299}}, 9);
  failed.is_failed = true;
  NodeEntry replica;
  replica.is_replica = true;
  replica.address = {"10.0.0.4", 6379};
  const SlotMap map({master("", {{0, 99}}), master("10.0.0.2", {{100, 199}, {16383, 16383}}, 5), failed, replica},
                    {"10.0.0.1", 6379});
  EXPECT_EQ(map.owner(0)->ip, "10.0.0.1") << "who does not know its own address is where it was asked";
  EXPECT_EQ(map.owner(199)->ip, "10.0.0.2");
  EXPECT_EQ(map.owner(16383)->ip, "10.0.0.2");
  EXPECT_FALSE(map.owner(250));
  EXPECT_EQ(map.covered(), 201);
  EXPECT_EQ(map.epoch(), 5U);
  EXPECT_EQ(map.masters().size(), 2U);
}

TEST(SlotMap, ASlotMovesAlone) {
  SlotMap map({master("10.0.0.1", {{0, 16383}})}, {});
  map.move(7, {"10.0.0.9", 6380});
  EXPECT_EQ(map.owner(7), (Address{"10.0.0.9", 6380}));
  EXPECT_EQ(map.owner(8)->ip, "10.0.0.1");
  EXPECT_EQ(map.covered(), kSlotCount);
}

TEST(SlotMap, TheFullerOneCountsThenTheNewerOne) {
  const SlotMap full({master("10.0.0.1", {{0, 16383}}, 3)}, {}), newer({master("10.0.0.2", {{0, 16383}}, 4)}, {}),
      part({master("10.0.0.3", {{0, 100}}, 9)}, {});
  EXPECT_TRUE(is_better(full, part));
  EXPECT_TRUE(is_better(newer, full));
  EXPECT_FALSE(is_better(full, newer));
}

TEST(Refusal, SaysWhereToGo) {
  struct Row {
    std::string text;
    Refusal::Kind kind;
    Address to;
  };
  using Kind = Refusal::Kind;
  const std::vector<Row> rows{{"MOVED 3999 10.0.0.7:6381", Kind::Moved, {"10.0.0.7", 6381}},
                              {"MOVED 3999 fd00::7:6381", Kind::Moved, {"fd00::7", 6381}},
                              {"MOVED 3999 :6381", Kind::Moved, {"10.0.0.1", 6381}},
                              {"ASK 3999 10.0.0.7:6381", Kind::Ask, {"10.0.0.7", 6381}},
                              {"MOVED 16384 10.0.0.7:6381", Kind::Other, {}},
                              {"MOVED 1 10.0.0.7:0", Kind::Other, {}},
                              {"MOVED", Kind::Other, {}},
                              {"TRYAGAIN Multiple keys", Kind::TryAgain, {}},
                              {"CLUSTERDOWN The cluster is down", Kind::Down, {}},
                              {"LOADING Redis is loading", Kind::Down, {}},
                              {"READONLY You can't write", Kind::Down, {}},
                              {"MASTERDOWN Link", Kind::Down, {}},
                              {"SHUT the volume is empty", Kind::Down, {}},
                              {"NOPERM no", Kind::Forbidden, {}},
                              {"NOAUTH no", Kind::Forbidden, {}},
                              {"ERR wrong number", Kind::Other, {}}};
  for (const auto& row : rows) {
    const auto found = read_refusal({Reply::Kind::Error, row.text, 0, {}}, {"10.0.0.1", 6379});
    EXPECT_EQ(found.kind, row.kind) << row.text;
    if (row.to.ip.empty()) continue;
    EXPECT_EQ(found.to, row.to) << row.text;
  }
  EXPECT_EQ(read_refusal({Reply::Kind::Text, "MOVED 1 10.0.0.7:1", 0, {}}, {}).kind, Refusal::Kind::None);
}

class BreakerTest : public testing::Test {
 protected:
  [[nodiscard]] bool admits() { return breaker.admits(now); }
  void fail() { breaker.note_failure(now); }

  base::Monotonic now{};
  Breaker breaker{{.failures = 2, .first_pause = 100ms, .longest_pause = 300ms}};
};

TEST_F(BreakerTest, OpensAfterFailuresInARowOnly) {
  fail();
  EXPECT_TRUE(admits());
  breaker.note_success();
  fail();
  EXPECT_TRUE(admits());
  fail();
  EXPECT_FALSE(admits());
  EXPECT_TRUE(breaker.refuses(now));
  EXPECT_FALSE(breaker.refuses(now + 100ms)) << "though nobody has tried";
}

TEST_F(BreakerTest, LetsOneThroughAfterThePause) {
  fail();
  fail();
  now += 100ms;
  EXPECT_TRUE(admits());
  EXPECT_FALSE(admits()) << "the outcome of the first is not known";
  breaker.note_success();
  EXPECT_TRUE(admits());
  EXPECT_TRUE(admits());
}

TEST_F(BreakerTest, PausesGrowToABoundAndBeginAgain) {
  fail();
  for (const auto pause : {100ms, 200ms, 300ms, 300ms}) {
    fail();
    now += pause - 1ms;
    EXPECT_FALSE(admits()) << pause.count();
    now += 1ms;
    EXPECT_TRUE(admits()) << pause.count();
  }
  breaker.note_success();
  fail();
  fail();
  now += 100ms;
  EXPECT_TRUE(admits());
}

}  // namespace
}  // namespace cadence::redis::cluster
