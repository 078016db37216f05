#include "analysis/source/git/repository_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "analysis/source/git/fetch.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {

namespace fs = std::filesystem;

// An open, locked file; closing it unlocks.
class Lock {
 public:
  static std::shared_ptr<Lock> take(const fs::path& path, int how) {
    auto lock = std::make_shared<Lock>(path);
    if (lock->descriptor_ < 0 || ::flock(lock->descriptor_, how | LOCK_NB) != 0) return nullptr;
    return lock->is_at(path) ? lock : nullptr;
  }
  explicit Lock(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~Lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  // The entry may have been moved away between opening and locking.
  [[nodiscard]] bool is_at(const fs::path& path) const {
    struct stat own {};
    struct stat there {};
    return ::fstat(descriptor_, &own) == 0 && ::stat(path.c_str(), &there) == 0 && own.st_ino == there.st_ino &&
           own.st_dev == there.st_dev;
  }

 private:
  int descriptor_;
};

namespace {

constexpr std::string_view kTrash = "trash-";
constexpr std::size_t kMostPacks = 200;  // each push brings one; reading slows down with their number
constexpr auto kPause = std::chrono::milliseconds(5);

// Credential-free, and one spelling for what is the same place.
std::string canonical(const std::string& written) {
  const std::size_t separator = written.find("://");
  if (separator == std::string::npos) return written;
  const std::string url = without_credentials(written);
  const std::size_t path = std::min(url.find_first_of("/?#", separator + 3), url.size());
  return base::to_lower(url.substr(0, path)) + url.substr(path);
}

template <class Iterator>
std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (Iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    struct stat state {};
    if (::lstat(entry->path().c_str(), &state) == 0) bytes += static_cast<std::uint64_t>(state.st_blocks) * 512;
  }
  return bytes;
}

// Unless the entry was dropped meanwhile: what stands there now is not ours.
void mark_ready(const fs::path& entry, const Lock& use) {
  const std::uint64_t bytes = bytes_of<fs::recursive_directory_iterator>(entry / "repository");
  if (use.is_at(entry / "in-use")) std::ofstream(entry / "ready", std::ios::trunc) << bytes;
}

std::size_t count_packs(const fs::path& entry) {
  std::error_code error;
  const fs::directory_iterator packs(entry / "repository/objects/pack", error);
  if (error) return 0;
  return static_cast<std::size_t>(
      std::count_if(begin(packs), end(packs), [](const auto& file) { return file.path().extension() == ".pack"; }));
}

// An entry that evict() looks at.
struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
};

std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code missing;
    const fs::path ready = entry->path() / "ready";
    const auto used = fs::last_write_time(ready, missing);
    if (missing || entry->path().filename().string().starts_with(kTrash)) continue;
    std::uint64_t bytes = 0;
    std::ifstream(ready) >> bytes;
    // What an analysis remembers comes after the mark.
    entries.push_back({entry->path(), used, bytes + bytes_of<fs::directory_iterator>(entry->path())});
  }
  return entries;
}

base::Error busy(const CloneOptions& options, const std::stop_token& stop) {
  if (stop.stop_requested())
    return {base::ErrorKind::Canceled,
            "Could not clone " + printable_url(options.url) + ": it was stopped. It can be started again"};
  return {base::ErrorKind::Transient, "Could not clone " + printable_url(options.url) +
                                          ": another fetch of it has not ended within " +
                                          std::to_string(options.time_limit.count()) + " s. Try again later"};
}

// Tries until the lock is there, the time is over or the stop comes.
std::shared_ptr<Lock> wait_for_lock(const fs::path& path, int how, base::Monotonic deadline,
                                    const std::stop_token& stop) {
  for (;;) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    if (auto lock = Lock::take(path, how)) return lock;
    if (base::system_clock().monotonic() >= deadline || !base::wait_for(stop, kPause)) return nullptr;
  }
}

}  // namespace

std::string cache_key(const std::string& url) {
  set_up_libgit2();
  const std::string text = canonical(url);
  git_oid hash;
  if (git_odb_hash(&hash, text.data(), text.size(), GIT_OBJECT_BLOB) != 0) return "none";
  return git::Oid::from_bytes(hash.id).hex();
}

CachedRepository::~CachedRepository() {
  if (use_ == nullptr) return;
  use_.reset();
  cache_->evict();
}

void CachedRepository::condemn() { cache_->drop(entry_); }

base::Result<std::unique_ptr<RepositoryCache>> RepositoryCache::open(fs::path folder, std::uint64_t max_bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || ::access(folder.c_str(), W_OK | X_OK) != 0) {
    return base::Error{base::ErrorKind::Invalid, "Could not keep repositories in " + folder.string() + ": " +
                                                     (error ? error.message() : "it cannot be written") +
                                                     ". Give a folder that can be written in clone.cache.folder"};
  }
  std::unique_ptr<RepositoryCache> cache(new RepositoryCache(std::move(folder), max_bytes));
  cache->sweep();
  cache->evict();
  return cache;
}

// Renamed first: from then on nobody finds it, and what cannot be removed now is trash for the next sweep. Who reads it
// still may meet missing files, and then fetches it again.
void RepositoryCache::drop(const fs::path& entry) {
  std::string trash = (folder_ / (std::string(kTrash) + "XXXXXX")).string();
  if (::mkdtemp(trash.data()) == nullptr) return;
  std::error_code error;
  fs::rename(entry, fs::path(trash) / "entry", error);
  fs::remove_all(trash, error);
}

// Entries without their mark were being written when their process died.
void RepositoryCache::sweep() {
  std::vector<fs::path> dead;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kTrash)) {
      dead.push_back(entry->path());
    } else if (!fs::exists(entry->path() / "ready") && Lock::take(entry->path() / "in-use", LOCK_EX)) {
      dead.push_back(entry->path());
    }
  }
  for (const fs::path& path : dead) fs::remove_all(path, error);
}

void RepositoryCache::evict() {
  auto entries = entries_of(folder_);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  for (const Entry& entry : entries) {
    if (bytes <= max_bytes_) return;
    const auto unused = Lock::take(entry.path / "in-use", LOCK_EX);
    if (!unused) continue;
    drop(entry.path);
    bytes -= entry.bytes;
  }
}

base::Result<CachedRepository> RepositoryCache::fetch_entry(const fs::path& entry, const CloneOptions& options,
                                                            std::stop_token stop, bool& is_doubtful) {
  const auto deadline = base::system_clock().monotonic() + options.time_limit;
  std::shared_ptr<Lock> fetching;
  std::shared_ptr<Lock> use;
  do {  // the entry may be dropped between the two
    fetching = wait_for_lock(entry / "fetching", LOCK_EX, deadline, stop);
    use = fetching ? wait_for_lock(entry / "in-use", LOCK_SH, deadline, stop) : nullptr;
    if (!use) return busy(options, stop);
  } while (!fetching->is_at(entry / "fetching"));
  std::error_code error;
  const bool was_ready = fs::exists(entry / "ready", error);
  if (!was_ready) fs::remove_all(entry / "repository", error);  // a fetch was killed here
  fs::create_directories(entry / "repository", error);
  fs::remove(entry / "ready", error);
  FetchOutcome fetched = fetch_into((entry / "repository").string(), options, std::move(stop));
  is_doubtful = fetched.is_doubtful;
  if (fetched.done || (was_ready && !is_doubtful)) mark_ready(entry, *use);
  CachedRepository repository(*this, entry, std::move(use));
  if (!fetched.done) {
    if (!was_ready || is_doubtful) repository.condemn();
    return fetched.done.error();
  }
  return repository;
}

base::Result<CachedRepository> RepositoryCache::fetch(const CloneOptions& options, std::stop_token stop) {
  if (const auto checked = check_clone(options); !checked) return checked.error();
  const fs::path entry = folder_ / cache_key(options.url);
  if (count_packs(entry) > kMostPacks) drop(entry);
  bool is_doubtful = false;
  auto fetched = fetch_entry(entry, options, stop, is_doubtful);
  if (!fetched && is_doubtful) fetched = fetch_entry(entry, options, stop, is_doubtful);
  return fetched;
}

}  // namespace cadence::analysis::source
