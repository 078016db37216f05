// Memory for a library that is written in C and cleans up by recursion: everything is given back at once. Promises:
// never holds more than its limit; a request beyond it gets nothing. One thread at a time.
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
  // Small sizes are rounded up to multiples of 16 bytes, others to powers of two; what is released waits in its size's
  // list for the next one.
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kSmallSizes = kSmall / kStep + 1;
  static constexpr std::size_t kSizes = kSmallSizes + 49;
  static constexpr std::size_t kBlock = 256 * 1024;
  struct Free {
    Free* next;
  };

  static std::size_t place_of(std::size_t bytes);
  static std::size_t size_of(std::size_t place);
  void* take(std::size_t bytes);

  const std::size_t limit_;
  std::size_t held_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
  std::array<Free*, kSizes> free_{};
};

}  // namespace cadence::analysis::web
