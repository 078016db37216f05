// Which pages of other servers may read answers in a browser (CORS, fetch standard §3.3). Off unless origins are named.
// Pure. Promises: a session is of no use to them, for credentials are never allowed; the pages for people are read by
// nobody else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/server.hpp"

namespace cadence::api {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}  // "*": all
  // The answer to a browser that asks whether it may ask.
  [[nodiscard]] std::optional<net::Response> preflight(const net::RequestHead& head) const;
  // The origin that may read the answer to this request.
  [[nodiscard]] std::optional<std::string> reader_of(const net::RequestHead& head) const;
  static net::Response readable(net::Response response, const std::string& origin);

 private:
  std::vector<std::string> origins_;
};

}  // namespace cadence::api
