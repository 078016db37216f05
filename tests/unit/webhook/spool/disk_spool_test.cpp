#include "spool/disk_spool.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "folder.hpp"
#include "memory_files.hpp"

namespace cadence::spool {
namespace {

using queue::Delivery;

constexpr std::int64_t kRoom = 1 << 20;

Delivery delivery(const std::string& name) {
  Delivery made;
  made.key = made.job_id = name;
  made.spec.url = "https://h/" + name + ".git";
  return made;
}

std::unique_ptr<DiskSpool> open(const std::shared_ptr<Disk>& disk, std::int64_t most = kRoom) {
  auto spool = DiskSpool::open(std::make_unique<MemoryFiles>(disk), most);
  EXPECT_TRUE(spool);
  return std::move(*spool);
}

// Takes all that is in it out, in its order.
std::vector<std::string> drain(DiskSpool& spool) {
  std::vector<std::string> names;
  for (;;) {
    const auto batch = spool.oldest();
    if (!batch || !*batch) return names;
    for (const auto& each : (*batch)->deliveries) names.push_back(each.job_id);
    if ((*batch)->damage.empty()) spool.drop(**batch);
    else EXPECT_TRUE(spool.set_aside(**batch, {}));
  }
}

TEST(DiskSpool, GivesBackInOrderWhatItKept) {
  const auto disk = std::make_shared<Disk>();
  {
    const auto spool = open(disk);
    const std::vector<Delivery> first = {delivery("a"), delivery("b")}, second = {delivery("c")};
    EXPECT_EQ(*spool->keep(first), 2u);
    EXPECT_EQ(*spool->keep(second), 1u);
    EXPECT_EQ(spool->state().entries, 3);
    EXPECT_GT(spool->state().bytes, 0);
    EXPECT_TRUE(spool->state().oldest);
  }
  const auto again = open(disk);
  EXPECT_EQ(again->state().entries, 3);
  EXPECT_EQ(drain(*again), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(again->state().entries, 0);
  EXPECT_EQ(again->state().bytes, 0);
  EXPECT_TRUE(disk->names.empty());
}

TEST(DiskSpool, AClockThatGoesBackChangesNoOrder) {
  const auto disk = std::make_shared<Disk>();
  base::ManualClock late, early;
  late.advance(std::chrono::hours(1000));
  for (const auto* clock : {&late, &early}) {
    auto spool = DiskSpool::open(std::make_unique<MemoryFiles>(disk), kRoom, *clock);
    const auto each = delivery(clock == &late ? "first" : "second");
    ASSERT_TRUE((*spool)->keep({&each, 1}));
  }
  EXPECT_EQ(drain(*open(disk)), (std::vector<std::string>{"first", "second"}));
}

// Whatever the call before which the process is killed or the power goes: what was acknowledged is there, in order, and
// nothing is there that nobody sent.
TEST(DiskSpool, KeepsItsWordWhereverItIsStopped) {
  const std::vector<std::string> sent = {"a", "b", "c", "d"};
  for (const bool is_power : {false, true}) {
    for (int stop_at = 1; stop_at < 40; ++stop_at) {
      for (unsigned seed = 0; seed < (is_power ? 20u : 1u); ++seed) {
        const auto disk = std::make_shared<Disk>();
        std::vector<std::string> acknowledged, taken;
        disk->stop_at = stop_at;
        try {
          const auto spool = open(disk);
          for (const auto& name : sent) {
            const auto each = delivery(name);
            if (spool->keep({&each, 1})) acknowledged.push_back(name);
            if (name != "b") continue;
            const auto batch = spool->oldest();  // "a", which the store has taken
            taken.push_back("a");
            spool->drop(**batch);
          }
        } catch (const Stopped&) {
        }
        disk->stop_at = 0;
        if (is_power) disk->lose_power(seed);
        const auto spool = open(disk);
        const auto found = drain(*spool);
        const auto where = (is_power ? "no power before call " : "killed before call ") + std::to_string(stop_at);
        EXPECT_TRUE(std::is_sorted(found.begin(), found.end())) << where;
        for (const auto& name : acknowledged) {
          const bool is_taken = std::find(taken.begin(), taken.end(), name) != taken.end();
          EXPECT_GE(std::count(found.begin(), found.end(), name), is_taken ? 0 : 1) << where << ": " << name;
        }
        for (const auto& name : found) EXPECT_EQ(std::count(sent.begin(), sent.end(), name), 1) << where;
        EXPECT_EQ(spool->state().set_aside, 0) << where << ": nothing that was whole looks damaged";
        for (const auto& [name, inode] : disk->names) ADD_FAILURE() << where << ": " << name << " is left";
      }
    }
  }
}

TEST(DiskSpool, AFailureOfAnyCallAcknowledgesNothingAndLeavesNothing) {
  for (const auto& [call, name] :
       std::map<int, const char*>{{1, "create"}, {2, "write"}, {3, "sync"}, {4, "rename"}, {5, "sync folder"}}) {
    const auto disk = std::make_shared<Disk>();
    const auto spool = open(disk);
    disk->fail_at = call;
    const auto each = delivery("a"), next = delivery("b");
    EXPECT_FALSE(spool->keep({&each, 1})) << name;
    EXPECT_TRUE(disk->names.empty()) << name;
    EXPECT_EQ(spool->state().bytes, 0) << name;
    EXPECT_TRUE(spool->keep({&next, 1})) << name << ": the next one is kept";
    EXPECT_EQ(drain(*spool), std::vector<std::string>{"b"}) << name;
  }
}

TEST(DiskSpool, IsFullAtItsLimitAndSaysSo) {
  const auto disk = std::make_shared<Disk>();
  const auto spool = open(disk, 3 * 4096);
  int kept = 0;
  base::Result<std::size_t> last = std::size_t{0};
  for (; kept < 10; ++kept) {
    const auto each = delivery(std::to_string(kept));
    last = spool->keep({&each, 1});
    if (!last) break;
  }
  EXPECT_EQ(kept, 3);
  EXPECT_NE(last.error().message.find("full"), std::string::npos);
  (void)drain(*spool);
  const auto each = delivery("z");
  EXPECT_TRUE(spool->keep({&each, 1}));
}

TEST(DiskSpool, DamageIsSetAsideAndHoldsUpNothing) {
  const auto disk = std::make_shared<Disk>();
  {
    const auto spool = open(disk);
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      const std::vector<Delivery> pair = {delivery(std::string(name) + "1"), delivery(std::string(name) + "2")};
      ASSERT_TRUE(spool->keep(pair));
    }
  }
  std::vector<std::string> files;
  for (const auto& [name, inode] : disk->names) files.push_back(name);
  auto bytes_of = [&](std::size_t i) -> std::string& { return disk->inodes[disk->names[files[i]]].now; };
  bytes_of(0).pop_back();                                 // its second record
  bytes_of(1) = "something else";                         // all of it
  bytes_of(2)[bytes_of(2).size() / 2 + 20] ^= 1;          // one of them
  bytes_of(3) = std::string(9 << 20, 'x');                // longer than any
  disk->names["lost"] = disk->names["notes.txt"] = 1000;  // of somebody else
  disk->names["99999999999999999-00001.tmp"] = 1001;      // of a life that ended while it wrote
  const auto spool = open(disk);
  const auto found = drain(*spool);
  EXPECT_EQ(found.front(), "a1");
  EXPECT_EQ((std::vector<std::string>{found.end() - 2, found.end()}), (std::vector<std::string>{"e1", "e2"}));
  EXPECT_EQ(spool->state().set_aside, 4);
  EXPECT_EQ(spool->state().entries, 0);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_TRUE(disk->names.contains(files[i].substr(0, files[i].find('.')) + ".aside")) << files[i];
  EXPECT_TRUE(disk->names.contains("notes.txt"));
  EXPECT_FALSE(disk->names.contains("99999999999999999-00001.tmp"));
  EXPECT_EQ(open(disk)->state().set_aside, 4) << "and are remembered";
}

TEST(DiskSpool, WhatTheStoreRefusesIsKeptApartFromTheRest) {
  const auto disk = std::make_shared<Disk>();
  const auto spool = open(disk);
  const std::vector<Delivery> three = {delivery("a"), delivery("bad"), delivery("c")};
  ASSERT_TRUE(spool->keep(three));
  const auto batch = spool->oldest();
  ASSERT_TRUE(spool->set_aside(**batch, {&three[1], 1}));
  EXPECT_EQ(spool->state().entries, 0);
  EXPECT_EQ(spool->state().set_aside, 1);
  ASSERT_EQ(disk->names.size(), 1u);
  EXPECT_TRUE(disk->names.begin()->first.ends_with("-00001.aside"));
}

TEST(DiskSpool, AFileThatCannotBeRemovedIsNotTakenTwice) {
  const auto disk = std::make_shared<Disk>();
  const auto spool = open(disk);
  const auto each = delivery("a"), next = delivery("b");
  ASSERT_TRUE(spool->keep({&each, 1}));
  disk->fail_at = disk->calls + 1;
  EXPECT_EQ(drain(*spool), std::vector<std::string>{"a"});
  EXPECT_EQ(disk->names.size(), 1u);
  ASSERT_TRUE(spool->keep({&next, 1}));
  EXPECT_EQ(drain(*spool), std::vector<std::string>{"b"});
  EXPECT_TRUE(disk->names.empty()) << "and goes as soon as it can";
}

class RealFolder : public testing::Test {
 protected:
  const test::Folder place;
  const std::filesystem::path& folder = place.path();
};

TEST_F(RealFolder, FilesAreForTheirOwnerOnlyAndComeBack) {
  const auto path = folder / "spool";
  {
    auto spool = DiskSpool::open(std::move(*open_folder(path)), kRoom);
    const auto each = delivery("a");
    ASSERT_TRUE((*spool)->keep({&each, 1}));
  }
  struct stat facts {};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  const auto file = std::filesystem::directory_iterator(path)->path();
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  std::filesystem::create_directory(path / "lost+found");
  std::filesystem::create_symlink("/etc/passwd", path / "12345678901234567-00001.spool");
  auto spool = DiskSpool::open(std::move(*open_folder(path)), kRoom);
  EXPECT_EQ((*spool)->state().entries, 1);
  EXPECT_EQ(drain(**spool), std::vector<std::string>{"a"});
}

TEST_F(RealFolder, IsOnePrograms) {
  auto first = open_folder(folder);
  ASSERT_TRUE(first);
  const auto second = open_folder(folder);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("Another program uses"), std::string::npos);
  first->reset();
  EXPECT_TRUE(open_folder(folder));
}

TEST_F(RealFolder, WhatCannotBeDoneIsAnError) {
  auto files = open_folder(folder);
  ASSERT_TRUE(files);
  EXPECT_FALSE(open_folder((folder / "none" / "spool").string()));
  EXPECT_FALSE((*files)->read("nothing", 10));
  ASSERT_TRUE((*files)->create("a"));
  EXPECT_FALSE((*files)->create("a"));
}

}  // namespace
}  // namespace cadence::spool
