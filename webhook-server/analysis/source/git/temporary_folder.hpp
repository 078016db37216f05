// Folders that go away: each is locked while its owner lives, so that a later process can tell left-overs from folders
// in use. Promises: removal never throws. Knows nothing of git.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace cadence::analysis::source {

class TemporaryFolder {
 public:
  // A new folder, readable by this user only, below `parent`, which is made when missing.
  static base::Result<TemporaryFolder> create(const std::filesystem::path& parent);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  void remove() noexcept;

  std::filesystem::path path_;
  int lock_ = -1;
};

// Removes the folders below `parent` whose owner is gone; called when a program starts. The number of folders removed.
std::size_t remove_left_overs(const std::filesystem::path& parent);

}  // namespace cadence::analysis::source
