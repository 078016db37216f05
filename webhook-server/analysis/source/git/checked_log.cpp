#include "analysis/source/git/checked_log.hpp"

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

}  // namespace

class CheckedFile {
 public:
  CheckedFile(const std::filesystem::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~CheckedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  CheckedFile(const CheckedFile&) = delete;
  CheckedFile& operator=(const CheckedFile&) = delete;
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] bool lock() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }
  [[nodiscard]] std::uint64_t size() const {
    struct stat state {};
    return ::fstat(descriptor_, &state) == 0 ? static_cast<std::uint64_t>(state.st_size) : 0;
  }
  // How many of the bytes from `at` on were there to be read.
  std::size_t read(char* into, std::size_t bytes, std::size_t at) const {
    std::size_t got = 0;
    while (got < bytes) {
      const ssize_t count = ::pread(descriptor_, into + got, bytes - got, static_cast<off_t>(at + got));
      if (count <= 0) break;
      got += static_cast<std::size_t>(count);
    }
    return got;
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

CheckedLog::Blocks CheckedLog::blocks_of(const CheckedFile& file) const {
  const std::uint64_t size = file.is_open() ? file.size() : 0;
  if (size < kMagic.size() || size > max_bytes_) return {};
  Blocks blocks;
  blocks.text = std::make_unique_for_overwrite<char[]>(size);
  const std::string_view text(blocks.text.get(), file.read(blocks.text.get(), size, 0));
  if (!text.starts_with(kMagic)) return {};
  for (std::size_t at = kMagic.size(); text.size() - at >= kHead; at = blocks.end) {
    std::uint32_t length = 0;
    std::uint64_t checksum = 0;
    std::memcpy(&length, text.data() + at, 4);
    std::memcpy(&checksum, text.data() + at + 4, 8);
    if (text.size() - at - kHead < length) break;
    const std::string_view content = text.substr(at + kHead, length);
    if (checksum_of(content) != checksum) break;
    if (blocks.end == 0 && content != fingerprint_) return {};
    if (blocks.end != 0) blocks.contents.push_back(content);
    blocks.last = at;
    blocks.end = at + kHead + length;
  }
  return blocks;
}

const std::vector<std::string_view>& CheckedLog::load() {
  loaded_ = blocks_of(CheckedFile(path_, O_RDONLY));
  return loaded_.contents;
}

bool CheckedLog::still_ends_as_loaded(const CheckedFile& file) const {
  char head[kHead];
  return loaded_.end != 0 && file.size() == loaded_.end && file.read(head, kHead, loaded_.last) == kHead &&
         std::memcmp(head, loaded_.text.get() + loaded_.last, kHead) == 0;
}

void CheckedLog::append(std::string_view block) {
  const CheckedFile file(path_, O_RDWR | O_CREAT);
  if (!file.is_open() || !file.lock()) return;
  // Others may have added blocks since; those are kept.
  std::size_t at = still_ends_as_loaded(file) ? loaded_.end : blocks_of(file).end;
  const std::string begin = std::string(kMagic) + block_of(fingerprint_);
  std::string added = at == 0 ? begin + block_of(block) : block_of(block);
  if (at + added.size() > max_bytes_) {
    at = 0;
    added = begin + block_of(block);
  }
  if (added.size() <= max_bytes_) file.write(added, at);
}

}  // namespace cadence::analysis::source
