// The answer of one request, read from a ClientConnection through Beast's parser piece by piece (RFC 9112). Promises:
// at most one read of raw bytes is held; an answer cut short is an error; 1xx answers are passed over.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/beast_connection.hpp"
#include "net/http.hpp"

namespace cadence::net {

class ResponseParser;

class Answer {
 public:
  Answer(ClientConnection& connection, bool is_head);
  ~Answer();

  base::Result<void> read_head(base::Monotonic deadline, std::stop_token stop);
  // 0: proper end
  base::Result<std::size_t> read_some(std::span<char> into, base::Monotonic deadline, std::stop_token stop);

  [[nodiscard]] int status() const;
  [[nodiscard]] const std::vector<Header>& headers() const;
  [[nodiscard]] bool has_begun() const { return has_begun_; }  // a byte of it was seen
  [[nodiscard]] bool is_reusable() const;                      // wholly read, and the server keeps the connection

 private:
  base::Result<bool> fill(base::Monotonic deadline, std::stop_token stop);  // false: the connection ended
  base::Error broken(const std::string& why) const;

  ClientConnection& connection_;
  bool is_head_, has_begun_ = false;
  std::unique_ptr<ResponseParser> parser_;
  std::string raw_;
};

}  // namespace cadence::net
