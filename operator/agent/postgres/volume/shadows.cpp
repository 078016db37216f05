#include "agent/postgres/volume/shadows.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agent/postgres/volume/timelines.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::uint64_t kPage = 8192;             // XLOG_BLCKSZ, as Debian builds it
constexpr std::uint64_t kAddressAt = 8;           // of XLogPageHeaderData.xlp_pageaddr
constexpr std::uint64_t kSegments = 1ULL << 32U;  // a name's last sixteen digits are two numbers of 32 bits

class Segment {
 public:
  explicit Segment(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~Segment() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  bool read(std::uint64_t page, std::array<char, kPage>& into) const {
    return ::pread(descriptor_, into.data(), kPage, static_cast<off_t>(page * kPage)) == static_cast<ssize_t>(kPage);
  }

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

std::string name_of(std::int64_t timeline, std::uint64_t number, std::uint64_t size) {
  const auto per_id = kSegments / size;
  char name[64];
  std::snprintf(name, sizeof(name), "%08llX%08llX%08llX", static_cast<unsigned long long>(timeline),
                static_cast<unsigned long long>(number / per_id), static_cast<unsigned long long>(number % per_id));
  return name;
}

// Whether the file ends before the timelines part, and says nothing until there that the older one does not say.
bool is_shadow(const Segment& newer, const Segment& older, rules::Lsn begin, rules::Lsn left) {
  std::array<char, kPage> page{}, other{};
  for (std::uint64_t at = 0; begin + at * kPage < left; ++at) {
    if (!newer.read(at, page) || !older.read(at, other)) return false;
    std::uint64_t address = 0;
    std::memcpy(&address, page.data() + kAddressAt, sizeof(address));
    if (address != begin + at * kPage) return true;  // never written, or of the segment that this file was before
    const auto differs = std::mismatch(page.begin(), page.end(), other.begin()).first;
    if (differs != page.end()) return std::all_of(differs, page.end(), [](char c) { return c == 0; });
  }
  return false;
}

}  // namespace

base::Result<std::vector<std::string>> remove_shadows(const std::string& data_directory) {
  std::vector<std::string> out;
  const auto folder = data_directory + "/pg_wal/";
  const auto timeline = newest_timeline(data_directory);
  const auto history = history_of(data_directory, timeline);
  if (history.empty()) return out;
  const auto& [left, parent] = history.back();
  // The size of segments is the database's; it is told by any of them.
  for (std::uint64_t size = 1ULL << 20U; size <= 1ULL << 30U; size *= 2) {
    const auto number = left / size;
    const auto name = name_of(timeline, number, size);
    const Segment newer(folder + name), older(folder + name_of(parent, number, size));
    if (newer.size() != size || older.size() != size || !is_shadow(newer, older, number * size, left)) continue;
    if (::unlink((folder + name).c_str()) != 0)
      return base::Error{base::ErrorKind::Transient, "Could not remove " + folder + name + ": " + std::strerror(errno)};
    out.push_back(name);
  }
  return out;
}

}  // namespace cadence::agent::postgres
