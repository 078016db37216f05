// RESP2, the protocol of Redis: requests to bytes, bytes to replies. No I/O; the only file pair that knows hiredis.
// Promises: a reply above the bound ends the stream with an error instead of eating memory; replies come out in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::redis {

struct Reply {
  enum class Kind { Nil, Status, Error, Integer, Text, Array };
  Kind kind = Kind::Nil;
  std::string text;  // Status, Error, Text
  std::int64_t integer = 0;
  std::vector<Reply> items;
  [[nodiscard]] bool is_error() const { return kind == Kind::Error; }
};

using Request = std::vector<std::string>;  // command and arguments; bytes, not words

std::string encode(const Request& request);

class Decoder {
 public:
  explicit Decoder(std::size_t max_reply_bytes);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  base::Result<void> feed(std::string_view bytes);
  base::Result<std::optional<Reply>> next();  // nothing: more bytes are needed

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An error reply as an Error whose kind says whether to try again.
base::Error to_error(const Reply& reply);

}  // namespace cadence::redis
