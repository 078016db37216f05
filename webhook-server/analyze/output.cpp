#include "analyze/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "files/files.hpp"

namespace cadence::analyze {
namespace {

base::Error failure(const std::string& path, const std::string& why) {
  return {base::ErrorKind::Invalid, "Could not write the report to " + path + ": " + why};
}

base::Result<void> write_as_it_is(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return failure(path, std::strerror(errno));
  const bool is_written = files::write_all(file, text);
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

  const auto written = files::replace(
      real, text, {.mode = is_there ? existing.st_mode & 07777 : usual_mode(), .is_foreign_folder = true});
  return written ? base::ok() : failure(path, written.error().message);
}

base::Result<void> write_standard_output(std::string_view text) {
  if (files::write_all(STDOUT_FILENO, text)) return base::ok();
  return failure("standard output", std::strerror(errno));
}

}  // namespace cadence::analyze
