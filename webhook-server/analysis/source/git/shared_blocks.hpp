// The port behind which servers share what their analyses found out, in blocks of bytes under keys. A result never
// depends on it: a block that is not there, or late, is found out again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cadence::analysis::source {

class SharedBlocks {
 public:
  virtual ~SharedBlocks() = default;
  using Found = std::function<void(std::size_t place, std::string_view block)>;
  // Calls `found` for the blocks that are there, in any order, before it returns. `worth`: how long it takes about to
  // do without all of them, which bounds the waiting.
  virtual void find(std::span<const std::string> keys, std::chrono::milliseconds worth, const Found& found) = 0;
  // False where keep() would be of no use: `state` (a number for the block's content) was kept lately, or nothing can
  // be kept now.
  virtual bool wants(const std::string& key, std::uint64_t state) = 0;
  // Does not wait.
  virtual void keep(const std::string& key, std::uint64_t state, std::string block) = 0;
};

struct Shared {
  SharedBlocks* blocks = nullptr;  // null: nothing is shared
  // Whose verdicts these are: what is known of one repository is never told to who reads another.
  std::string repository;
};

}  // namespace cadence::analysis::source
