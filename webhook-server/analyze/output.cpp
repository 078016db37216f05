#include "analyze/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace cadence::analyze {
namespace {

base::Error failure(const std::string& path, const std::string& why) {
  return {base::ErrorKind::Invalid, "Could not write the report to " + path + ": " + why};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

base::Result<void> write_as_it_is(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return failure(path, std::strerror(errno));
  const bool is_written = write_all(file, text);
  const std::string why = std::strerror(errno);
  if (::close(file) != 0 || !is_written) return failure(path, why);
  return base::ok();
}

// What a file made now would have without asking for anything special.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

base::Result<void> write_file(const std::string& path, std::string_view text) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(path, error);
  if (error) return failure(path, error.message());
  struct stat existing {};
  const bool is_there = ::stat(real.c_str(), &existing) == 0;
  if (is_there && S_ISDIR(existing.st_mode)) return failure(path, "it is a folder. Name a file in it");
  if (is_there && !S_ISREG(existing.st_mode)) return write_as_it_is(path, text);

  std::string beside = real.string() + ".XXXXXX";
  const int file = ::mkstemp(beside.data());
  if (file < 0) return failure(path, std::strerror(errno));
  ::fchmod(file, is_there ? existing.st_mode & 07777 : usual_mode());
  bool is_done = write_all(file, text) && ::fsync(file) == 0;
  std::string why = std::strerror(errno);
  if (::close(file) != 0 && is_done) {
    is_done = false;
    why = std::strerror(errno);
  }
  if (is_done && ::rename(beside.c_str(), real.c_str()) != 0) {
    is_done = false;
    why = std::strerror(errno);
  }
  if (is_done) return base::ok();
  ::unlink(beside.c_str());
  return failure(path, why);
}

base::Result<void> write_standard_output(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return base::ok();
  return failure("standard output", std::strerror(errno));
}

}  // namespace cadence::analyze
