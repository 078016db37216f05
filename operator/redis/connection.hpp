// A connection to one Redis node over TCP or a Unix socket: blocking calls, each with a deadline and a stop.
// Promises: no call outlives its deadline or a stop; after any failure the stream is closed, so that a late answer is
// never taken for the next one's; credentials appear in no error. One thread at a time. Knows nothing of clusters and
// redirects.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "redis/codec.hpp"
#include "redis/topology.hpp"

namespace cadence::redis {

struct Credentials {
  std::string user, password;  // no user: no AUTH
};

struct Endpoint {
  Address address;          // a numeric ip
  std::string unix_socket;  // a path; then the address is not used
};

// Until when a call may wait.
struct Limits {
  base::Monotonic deadline;
  std::stop_token stop = {};
};

inline constexpr std::size_t kMaxReplyBytes = std::size_t{16} << 20;

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

class Connection {
 public:
  // Connects and authenticates. Transient: refused, no answer; Forbidden: the credentials.
  static base::Result<Connection> open(const Endpoint& endpoint, const Credentials& credentials, const Limits& limits,
                                       std::size_t max_reply_bytes = kMaxReplyBytes);

  // An error reply becomes an Error.
  base::Result<Reply> call(const Request& request, const Limits& limits);
  // One reply for each request, in order; error replies stay replies.
  base::Result<std::vector<Reply>> pipeline(const std::vector<Request>& requests, const Limits& limits);
  // The two halves of a pipeline, for who waits for several servers at once. What was not received belongs to nobody
  // else: such a connection is of no more use.
  base::Result<void> send(const std::string& encoded, const Limits& limits);
  base::Result<Reply> receive(const Limits& limits) { return read_one(limits); }

 private:
  Connection(std::string name, Descriptor socket, Descriptor wake, std::size_t max_reply_bytes);
  base::Result<void> connect(const void* address, std::size_t size, const Limits& limits);
  base::Result<void> write_all(std::string_view bytes, const Limits& limits);
  base::Result<Reply> read_one(const Limits& limits);
  base::Result<void> wait(short events, const Limits& limits);
  base::Error fail(base::ErrorKind kind, const std::string& what);

  std::string name_;  // for messages
  Descriptor socket_, wake_;
  Decoder decoder_;
};

}  // namespace cadence::redis
