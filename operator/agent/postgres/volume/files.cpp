#include "agent/postgres/volume/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;
namespace fs = std::filesystem;

Error failed(const std::string& what, const std::string& path, int code) {
  const auto kind = code == ENOENT                    ? ErrorKind::NotFound
                    : code == EACCES || code == EPERM ? ErrorKind::Forbidden
                                                      : ErrorKind::Transient;
  return {kind, "Could not " + what + " " + path + ": " + std::strerror(code)};
}

base::Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(fd) != 0) return failed("sync", path, errno);
  return {};
}

base::Result<void> sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed("open", path, errno);
  const int code = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  // Some file systems cannot sync a folder; then renames are as durable as they get.
  if (code != 0 && code != EINVAL) return failed("sync", path, code);
  return {};
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed("read", path, errno);
  std::string out;
  char buffer[4096];
  while (true) {
    const auto count = ::read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    const int code = errno;
    if (count <= 0) ::close(fd);
    if (count < 0) return failed("read", path, code);
    if (count == 0) return out;
    out.append(buffer, static_cast<std::size_t>(count));
  }
}

base::Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  const auto beside = path + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return failed("create", beside, errno);
  const auto written = write_all(fd, text, beside);
  ::close(fd);
  if (!written) return written;
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("replace", path, errno);
  return sync_directory(fs::path(path).parent_path().string());
}

base::Result<void> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed("create", path, errno);
  // A volume's root may belong to somebody else and still be writable through its group.
  static_cast<void>(::chmod(path.c_str(), mode));
  return {};
}

base::Result<void> remove_tree(const std::string& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return failed("remove", path, code.value());
  return {};
}

base::Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (const auto synced = sync_directory(from); !synced) return synced;
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename " + from + " to", to, errno);
  return sync_directory(fs::path(to).parent_path().string());
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
