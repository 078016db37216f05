#include "agent/postgres/volume/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "files/files.hpp"

namespace cadence::agent::postgres {
namespace {

namespace fs = std::filesystem;

}  // namespace

base::Result<std::string> read_file(const std::string& path) { return files::read(path); }

base::Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  return files::replace(path, text, {.mode = mode});
}

base::Result<void> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return files::failure("create", path, errno);
  // A volume's root may belong to somebody else and still be writable through its group.
  static_cast<void>(::chmod(path.c_str(), mode));
  return {};
}

base::Result<void> remove_tree(const std::string& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return files::failure("remove", path, code.value());
  return {};
}

base::Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (const auto synced = files::sync_folder(from); !synced) return synced;
  if (::rename(from.c_str(), to.c_str()) != 0) return files::failure("rename " + from + " to", to, errno);
  return files::sync_folder(fs::path(to).parent_path().string());
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_empty_directory(const std::string& path) {
  std::error_code code;
  for (fs::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
    if (at->path().filename() != "lost+found") return false;
  }
  return !code || code == std::errc::no_such_file_or_directory;
}

}  // namespace cadence::agent::postgres
