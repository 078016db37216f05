#include "analysis/source/git/temporary_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace cadence::analysis::source {
namespace {

constexpr std::string_view kPrefix = "cadence-clone-";

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& folder)
      : value_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] bool lock(int how) const { return value_ >= 0 && ::flock(value_, how) == 0; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

base::Error could_not_create(const std::filesystem::path& parent, const std::string& why) {
  return {base::ErrorKind::Transient, "Could not create a folder for a clone in " + parent.string() + ": " + why};
}

}  // namespace

base::Result<TemporaryFolder> TemporaryFolder::create(const std::filesystem::path& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) return could_not_create(parent, error.message());
  // While the parent is locked nobody takes the new, not yet locked folder for a left-over.
  const Descriptor guard(parent);
  if (!guard.lock(LOCK_SH)) return could_not_create(parent, std::strerror(errno));
  std::string name = (parent / (std::string(kPrefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return could_not_create(parent, std::strerror(errno));
  Descriptor own(name);
  if (!own.lock(LOCK_EX | LOCK_NB)) return could_not_create(parent, std::strerror(errno));
  return TemporaryFolder(name, own.release());
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  lock_ = std::exchange(other.lock_, -1);
  return *this;
}

TemporaryFolder::~TemporaryFolder() { remove(); }

void TemporaryFolder::remove() noexcept {
  if (path_.empty()) return;
  std::error_code ignored;  // what stays is a left-over for the next start
  std::filesystem::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
  path_.clear();
  lock_ = -1;
}

std::size_t remove_left_overs(const std::filesystem::path& parent) {
  const Descriptor guard(parent);
  if (!guard.lock(LOCK_EX)) return 0;
  std::size_t removed = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kPrefix)) continue;
    const Descriptor folder(entry->path());  // not a folder: nothing to lock
    if (!folder.lock(LOCK_EX | LOCK_NB)) continue;
    std::error_code ignored;
    std::filesystem::remove_all(entry->path(), ignored);
    removed += ignored ? 0 : 1;
  }
  return removed;
}

}  // namespace cadence::analysis::source
