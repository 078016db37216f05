#include "analysis/source/checked_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace cadence::analysis::source {
namespace {

constexpr std::string_view kMagic = "CADLOG1\n";
constexpr std::size_t kHead = 4 + 8;

std::uint64_t checksum_of(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;
  std::uint64_t sum = text.size() * kPrime + 1;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(8, text.size()))) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), std::min<std::size_t>(8, text.size()));
    sum = (sum ^ word) * kPrime;
    sum ^= sum >> 29U;
  }
  return sum;
}

std::string block_of(std::string_view content) {
  std::string block(kHead, '\0');
  const auto length = static_cast<std::uint32_t>(content.size());
  const std::uint64_t checksum = checksum_of(content);
  std::memcpy(block.data(), &length, 4);
  std::memcpy(block.data() + 4, &checksum, 8);
  return block.append(content);
}

class File {
 public:
  File(const std::filesystem::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] bool lock() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }
  [[nodiscard]] std::uint64_t size() const {
    struct stat state {};
    return ::fstat(descriptor_, &state) == 0 ? static_cast<std::uint64_t>(state.st_size) : 0;
  }
  // What lies in the file from `at` on.
  [[nodiscard]] std::string read(std::size_t at, std::uint64_t max_bytes) const {
    const std::uint64_t bytes = size();
    std::string data(bytes > at && bytes <= max_bytes ? bytes - at : 0, '\0');
    std::size_t got = 0;
    while (got < data.size()) {
      const ssize_t count = ::pread(descriptor_, data.data() + got, data.size() - got, static_cast<off_t>(at + got));
      if (count <= 0) break;
      got += static_cast<std::size_t>(count);
    }
    data.resize(got);
    return data;
  }
  void write(std::string_view data, std::size_t at) const {
    if (::ftruncate(descriptor_, static_cast<off_t>(at)) != 0) return;
    while (!data.empty()) {
      const ssize_t count = ::pwrite(descriptor_, data.data(), data.size(), static_cast<off_t>(at));
      if (count <= 0) return;  // what was written is no whole block
      at += static_cast<std::size_t>(count);
      data.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
};

}  // namespace

std::size_t CheckedLog::read_blocks(std::size_t at) {
  const std::string_view data = data_;
  while (data.size() - at >= kHead) {
    std::uint32_t length = 0;
    std::uint64_t checksum = 0;
    std::memcpy(&length, data.data() + at, 4);
    std::memcpy(&checksum, data.data() + at + 4, 8);
    if (data.size() - at - kHead < length) break;
    const std::string_view content = data.substr(at + kHead, length);
    if (checksum_of(content) != checksum) break;
    blocks_.push_back(content);
    at += kHead + length;
  }
  return at;
}

const std::vector<std::string_view>& CheckedLog::load() {
  blocks_.clear();
  const File file(path_, O_RDONLY);
  data_ = file.is_open() ? file.read(0, max_bytes_) : std::string();
  std::size_t end = data_.starts_with(kMagic) ? read_blocks(kMagic.size()) : 0;
  if (blocks_.empty() || blocks_.front() != fingerprint_) {
    blocks_.clear();
    end = 0;
  } else {
    blocks_.erase(blocks_.begin());
  }
  data_.resize(end);  // never longer than before: the views stay
  return blocks_;
}

void CheckedLog::append(std::string_view block) {
  const File file(path_, O_RDWR | O_CREAT);
  if (!file.is_open() || !file.lock()) return;
  // Others may have added blocks since; those are kept.
  CheckedLog now(path_, fingerprint_, max_bytes_);
  now.load();
  const std::string begin = now.data_.empty() ? std::string(kMagic) + block_of(fingerprint_) : std::string();
  std::size_t at = now.data_.size();
  std::string added = begin + block_of(block);
  if (at + added.size() > max_bytes_) {
    at = 0;
    added = std::string(kMagic) + block_of(fingerprint_) + block_of(block);
  }
  if (added.size() <= max_bytes_) file.write(added, at);
}

}  // namespace cadence::analysis::source
