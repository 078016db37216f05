#include "files/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "files/descriptor.hpp"

namespace cadence::files {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// Open for writing under its temporary name, with its mode from the first byte on.
Descriptor create_beside(std::string& beside, const Way& way) {
  if (!way.is_foreign_folder) {
    ::unlink(beside.c_str());  // of a process that ended in between
    return Descriptor(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, way.mode));
  }
  beside += ".XXXXXX";
  Descriptor out(::mkostemp(beside.data(), O_CLOEXEC));
  if (out.is_open()) ::fchmod(out.number(), way.mode);
  return out;
}

// 0, or why not. What fsync failed to write is not tried again: the kernel says it only once.
int fill(Descriptor& file, std::string_view text, bool is_durable) {
  if (!write_all(file.number(), text)) return errno;
  if (is_durable && ::fsync(file.number()) != 0) return errno;
  return file.close() ? 0 : errno;
}

}  // namespace

Error failure(const std::string& what, const std::string& path, int code) {
  const auto kind = code == ENOENT || code == ENOTDIR                  ? ErrorKind::NotFound
                    : code == EACCES || code == EPERM || code == EROFS ? ErrorKind::Forbidden
                                                                       : ErrorKind::Transient;
  return {kind, "Could not " + what + " " + path + ": " + std::strerror(code)};
}

Result<std::string> read(const std::string& path) { return read(path, std::numeric_limits<std::size_t>::max()); }

Result<std::string> read(const std::string& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failure("read", path, errno);
  std::string out;
  char buffer[4096];
  while (true) {
    const auto count = ::read(file.number(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", path, errno);
    if (count == 0) return out;
    if (static_cast<std::size_t>(count) > most - out.size())
      return Error{ErrorKind::Invalid,
                   "Could not read " + path + ": it is longer than " + std::to_string(most) + " bytes"};
    out.append(buffer, static_cast<std::size_t>(count));
  }
}

Result<std::string> read_secret(const std::string& path) {
  auto text = read(path);
  while (text && !text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

Result<void> replace(const std::string& path, std::string_view text, const Way& way) {
  auto beside = path + (way.is_foreign_folder ? "" : ".new");
  auto file = create_beside(beside, way);
  if (!file.is_open()) return failure("create", beside, errno);
  int code = fill(file, text, way.is_durable);
  if (code == 0 && ::rename(beside.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(beside.c_str());
    return failure("write", path, code);
  }
  return way.is_durable ? sync_folder(folder_of(path)) : base::ok();
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return failure("open", path, errno);
  if (::fsync(folder.number()) != 0 && errno != EINVAL) return failure("sync", path, errno);
  return base::ok();
}

}  // namespace cadence::files
