#include "agent/redis/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/redis/entrance.hpp"
#include "agent/redis/files.hpp"

namespace cadence::agent::redis {
namespace {

using cadence::redis::NodeEntry;
using testing::HasSubstr;

const std::string kOwn = "f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1";
const std::string kOther = "b1d1f1e2b3c4d5e6f708192a3b4c5d6e7f809011";
const std::string kVariables = "vars currentEpoch 6 lastVoteEpoch 0\n";
const std::string kLeads = kOwn + " 127.0.0.1:6379@16379 myself,master - 0 0 5 connected 0-5460\n";
const std::string kFollows = kOther + " 127.0.0.1:1@16379 slave " + kOwn + " 0 0 1 connected\n";

NodeTable table_of(const std::string& lines) {
  auto table = parse_node_table(lines + kVariables);
  EXPECT_TRUE(table) << lines;
  return table ? *table : NodeTable{};
}

Volume leader() {
  return {.who = {Identity::Known, table_of(kLeads + kFollows)},
          .has_data = true,
          .keeps_data = true,
          .ended_well = true,
          .damage = {}};
}

Peer serving(std::uint64_t epoch) {
  NodeEntry self;
  self.id = kOther;
  self.is_myself = self.is_master = true;
  self.config_epoch = epoch;
  self.slots = {{0, 5460}};
  Peer out;
  out.node.node_id = kOther;
  out.node.nodes = {self};
  return out;
}

TEST(NodeTable, IsTakenWholeOrNotAtAll) {
  const auto whole = kLeads + kFollows + kVariables;
  EXPECT_TRUE(parse_node_table(whole));
  EXPECT_TRUE(parse_node_table(kLeads + "\n\n" + kVariables))
      << "Redis fills a file that became shorter with line breaks";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(parse_node_table(whole.substr(0, cut))) << cut;
  auto damaged = whole;
  for (std::size_t i = 10; i < 74; ++i) damaged[i] = static_cast<char>(i * 37);
  EXPECT_FALSE(parse_node_table(damaged));
  EXPECT_FALSE(
      parse_node_table(kLeads + kOther + " 127.0.0.1:1@16379 master - 0 0 1 connected 5000-6000\n" + kVariables))
      << "a slot with two owners";
  EXPECT_FALSE(parse_node_table(std::string(whole.size(), '\0')));
}

TEST(Gate, IsOpenWhereNothingCanBeLost) {
  EXPECT_EQ(judge_volume({.who = {Identity::New, {}}, .damage = {}}, 0).threat, Threat::None);
  EXPECT_EQ(judge_volume(leader(), 0).threat, Threat::None);
  auto alone = leader();
  alone.who.table = table_of(kLeads);
  alone.ended_well = false;
  EXPECT_EQ(judge_volume(alone, 0).threat, Threat::None);
  auto replica = leader();
  replica.who.table = table_of(kOther + " 127.0.0.1:1@16379 master - 0 0 5 connected 0-5460\n" + kOwn +
                               " 127.0.0.1:6379@16379 myself,slave " + kOther + " 0 0 5 connected\n");
  replica.has_data = replica.ended_well = false;
  EXPECT_EQ(judge_volume(replica, 0).threat, Threat::None);
}

TEST(Gate, NamesEachThreatWithFileAndWayOut) {
  struct Row {
    Threat threat;
    void (*happen)(Volume&);
    const char* words;
  };
  const Row rows[] = {
      {Threat::Behind, [](Volume& v) { v.ended_well = false; }, "crashed"},
      {Threat::Emptied, [](Volume& v) { v.has_data = v.keeps_data = false; }, "memory"},
      {Threat::NoData, [](Volume& v) { v.has_data = false; }, "/data/appendonlydir"},
      {Threat::Damaged, [](Volume& v) { v.damage = "Bad file format"; }, "Bad file format"},
      {Threat::Nameless,
       [](Volume& v) {
         v.who = {Identity::Lost, {}};
       },
       "/data/nodes.conf"},
      {Threat::Nameless,
       [](Volume& v) {
         v.who = {Identity::New, {}};
       },
       "/data/nodes.conf"},
  };
  for (const auto& row : rows) {
    auto volume = leader();
    row.happen(volume);
    const auto finding = judge_volume(volume, 2);
    EXPECT_EQ(finding.threat, row.threat) << row.words;
    EXPECT_THAT(finding.sentence, HasSubstr(row.words));
    const bool needs_a_person = row.threat != Threat::Behind && row.threat != Threat::Emptied;
    EXPECT_EQ(finding.sentence.find("add 2 to spec.redis.acceptDataLoss") != std::string::npos, needs_a_person)
        << finding.sentence;
    EXPECT_FALSE(is_over(finding, {})) << "silence is no evidence";
  }
}

TEST(Gate, OpensWhenANewerMasterServesAllOfIt) {
  auto volume = leader();
  volume.has_data = false;
  const auto finding = judge_volume(volume, 0);
  EXPECT_TRUE(is_over(finding, {serving(6)}));
  EXPECT_FALSE(is_over(finding, {serving(5)})) << "an older claim to the same slots";
  auto half = serving(6);
  half.node.nodes.front().slots = {{0, 100}};
  EXPECT_FALSE(is_over(finding, {half}));
  EXPECT_FALSE(is_over(lost_everything(0), {serving(6)})) << "without a name all slots must be served";
}

TEST(LoadFailure, IsWhatTheServerSaysAboutItsFilesOnly) {
  EXPECT_THAT(load_failure("1:M 29 Nov 2026 05:00:00.000 * DB loaded\n1:M 29 Nov 2026 05:00:00.000 # Bad file format "
                           "reading the append only file a.aof: make a backup\n"),
              HasSubstr("Bad file format reading the append only file a.aof"));
  EXPECT_THAT(load_failure("\n*** FATAL AOF MANIFEST FILE ERROR ***\nReading the manifest file, at line 0\n>>> "
                           "''\nFound an empty AOF manifest\n"),
              HasSubstr("empty AOF manifest"));
  EXPECT_EQ(load_failure("1:M 29 Nov 2026 05:00:00.000 # Could not create server TCP listening socket *:6379: bind: "
                         "Address already in use\n"),
            "");
  EXPECT_EQ(load_failure("1:M 29 Nov 2026 05:00:00.000 * DB loaded from append only file: 0.001 seconds\n"), "");
}

class VolumeFiles : public testing::Test {
 protected:
  VolumeFiles() : folder_(testing::TempDir() + "cadence-gate-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_ + "/appendonlydir");
  }
  ~VolumeFiles() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(VolumeFiles, BringTheNameBackFromTheCopy) {
  EXPECT_EQ(recognize_node(folder_)->identity, Identity::New);
  const auto whole = kLeads + kFollows + kVariables;
  std::ofstream(folder_ + "/nodes.conf") << whole;
  IdentityKeeper(folder_).look();
  EXPECT_EQ(read_file(folder_ + "/cadence/nodes.conf"), whole);
  for (const std::string& found :
       {std::string(), whole.substr(0, 100), std::string(200, '\0'), kOther + whole.substr(40)}) {
    std::ofstream(folder_ + "/nodes.conf") << found;
    IdentityKeeper(folder_).look();
    const auto who = recognize_node(folder_);
    ASSERT_TRUE(who);
    if (found.starts_with(kOther)) continue;  // a name that the server has taken while it ran is its name
    EXPECT_EQ(who->identity, Identity::Restored);
    EXPECT_EQ(who->table.myself()->id, kOwn);
    EXPECT_EQ(read_file(folder_ + "/nodes.conf"), whole);
  }
}

TEST_F(VolumeFiles, AreSetAsideAndALostNameIsSeen) {
  std::ofstream(folder_ + "/nodes.conf") << "half a li";
  std::ofstream(folder_ + "/appendonlydir/appendonly.aof.manifest") << "";
  EXPECT_EQ(recognize_node(folder_)->identity, Identity::Lost);
  EXPECT_TRUE(has_dataset(folder_));
  const auto aside = set_aside(folder_, true);
  ASSERT_TRUE(aside);
  EXPECT_FALSE(has_dataset(folder_));
  EXPECT_TRUE(has_dataset(*aside));
  EXPECT_EQ(read_file(*aside + "/nodes.conf"), "half a li");
  EXPECT_EQ(recognize_node(folder_)->identity, Identity::New);
}

}  // namespace
}  // namespace cadence::agent::redis
