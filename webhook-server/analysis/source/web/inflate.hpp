// A body that arrives in pieces, unpacked as it comes (RFC 1952, gzip): one member, or several in a row. Promises:
// never holds more than `most` bytes of the result, however much a small body unpacks to.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cadence::analysis::source {

class Inflater {
 public:
  enum class State { NeedsMore, Done, TooLarge, Broken };

  explicit Inflater(std::size_t most);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // not after TooLarge or Broken; bytes behind the end that begin no other member are ignored
  State add(std::string_view piece);
  std::string take() { return std::move(result_); }

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  const std::size_t most_;
  std::string result_;
  bool is_done_ = false;
};

}  // namespace cadence::analysis::source
