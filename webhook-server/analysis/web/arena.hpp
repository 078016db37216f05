// Memory for a library that is written in C and cleans up by recursion: everything is given back at once. Promises: never holds more
// than its limit; a request beyond it gets nothing. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace cadence::analysis::web {

class Arena {
 public:
  explicit Arena(std::size_t limit) : limit_(limit) {}

  // Null when the limit is reached.
  void* allocate(std::size_t bytes);
  void release(void* at);
  [[nodiscard]] std::size_t held() const { return held_; }

 private:
  // Sizes are rounded up to powers of two; what is released waits in its size's list for the next one.
  static constexpr std::size_t kSmallest = 5;  // 32 bytes with the header
  static constexpr std::size_t kSizes = 48;
  static constexpr std::size_t kBlock = 256 * 1024;
  struct Free {
    Free* next;
  };

  void* take(std::size_t bytes);

  const std::size_t limit_;
  std::size_t held_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
  std::array<Free*, kSizes> free_{};
};

}  // namespace cadence::analysis::web
