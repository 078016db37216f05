#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "files/files.hpp"
#include "spool/files.hpp"

namespace cadence::spool {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// Transient: of this process or this moment; the file itself may be well.
Error failure(const std::string& what) {
  const bool is_transient = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOSPC || errno == EDQUOT;
  return {is_transient ? ErrorKind::Transient : ErrorKind::Invalid, what + ": " + std::strerror(errno)};
}

// What can be tried again only because nothing happened yet.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Folder final : public Files {
 public:
  Folder(std::string path, int folder) : path_(std::move(path)), folder_(folder) {}
  ~Folder() override { ::close(folder_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  Result<int> create(const std::string& name) override {
    const int file = ::openat(folder_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return failure("Could not create " + in_folder(name));
    return file;
  }

  Result<void> write(int file, std::string_view bytes) override {
    return files::write_all(file, bytes) ? base::ok() : failure("Could not write to " + path_);
  }

  // Not repeated when it fails: the kernel reports a lost write once only.
  Result<void> sync(int file) override {
    if (::fsync(file) != 0) return failure("Could not write to the disk of " + path_);
    return base::ok();
  }

  void close(int file) override { ::close(file); }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::renameat(folder_, from.c_str(), folder_, to.c_str()) != 0) return failure("Could not rename " + from);
    return base::ok();
  }

  Result<void> sync_folder() override { return sync(folder_); }

  Result<void> remove(const std::string& name) override {
    if (::unlinkat(folder_, name.c_str(), 0) != 0) return failure("Could not remove " + in_folder(name));
    return base::ok();
  }

  Result<std::vector<File>> list() override {
    // The stream has a descriptor of its own and its own place in the list.
    const int copy = ::openat(folder_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (stream == nullptr) return failure("Could not list " + path_);
    std::vector<File> files;
    while (const auto* entry = ::readdir(stream)) {
      struct stat facts {};
      if (::fstatat(folder_, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) continue;
      files.push_back({entry->d_name, facts.st_size});
    }
    ::closedir(stream);
    return files;
  }

  Result<std::string> read(const std::string& name, std::size_t most) override {
    const int file = ::openat(folder_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return failure("Could not open " + in_folder(name));
    std::string bytes(most + 1, '\0');
    std::size_t size = 0;
    ssize_t count = 1;
    while (count > 0 && size < bytes.size()) {
      count = uninterrupted([&] { return ::read(file, bytes.data() + size, bytes.size() - size); });
      if (count > 0) size += static_cast<std::size_t>(count);
    }
    const auto failed = failure("Could not read " + in_folder(name));
    ::close(file);
    if (count < 0) return failed;
    if (size > most) return Error{ErrorKind::Invalid, in_folder(name) + " is longer than any file of a spool"};
    bytes.resize(size);
    return bytes;
  }

 private:
  [[nodiscard]] std::string in_folder(const std::string& name) const { return path_ + "/" + name; }

  std::string path_;
  int folder_;
};

}  // namespace

Result<std::unique_ptr<Files>> open_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure("Could not make " + path);
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failure("Could not open " + path);
  auto files = std::make_unique<Folder>(path, folder);
  if (::flock(folder, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? Error{ErrorKind::Conflict, "Another program uses " + path}
                                : failure("Could not lock " + path);
  return std::unique_ptr<Files>(std::move(files));
}

}  // namespace cadence::spool
