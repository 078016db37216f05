// A folder of a test's own below the temporary ones. Promises: it is new, and goes with all that is in it; others may
// enter and read it, for servers that run as another user.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace cadence::test {

class Folder {
 public:
  Folder() {
    namespace fs = std::filesystem;
    auto name = (fs::temp_directory_path() / "cadence-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
    fs::permissions(path_, fs::perms::others_exec | fs::perms::others_read, fs::perm_options::add);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cadence::test
