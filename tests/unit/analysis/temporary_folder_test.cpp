// Folders of clones: whose they are, and which of them are left over.
#include "analysis/source/git/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

TEST(TemporaryFolders, GoWithTheirOwnerAndLeftOversAtStart) {
  const ScratchFolder folder;
  {
    auto made = TemporaryFolder::create(folder.path() / "deep/er");
    ASSERT_TRUE(made.is_ok());
    EXPECT_TRUE(std::filesystem::exists(made->path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "deep/er"));
  auto in_use = TemporaryFolder::create(folder.path());
  std::filesystem::create_directories(folder.path() / "cadence-clone-dead/objects");
  std::filesystem::create_directories(folder.path() / "other");
  std::ofstream(folder.path() / "cadence-clone-file") << "x";
  EXPECT_EQ(remove_left_overs(folder.path()), 1U);
  EXPECT_TRUE(std::filesystem::exists(in_use->path()));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "cadence-clone-dead"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "other"));
  EXPECT_EQ(remove_left_overs(folder.path() / "none"), 0U);
  EXPECT_FALSE(TemporaryFolder::create("/proc/none").is_ok());
}

}  // namespace
}  // namespace cadence::analysis::source
