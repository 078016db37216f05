// HTTP/1.1 server on Boost.Beast, safe to face the internet: every phase has a limit in bytes and in time.
// Promises: the body is handed over while it arrives and refused at the limit before it is read; a half-sent request,
// slow header, oversized header or smuggling attempt (RFC 9112 §6.3) is answered or closed within its time-out; an
// early answer reaches a client that sends everything before it reads; memory per connection is bounded; pipelined
// requests are answered in order. Knows nothing of routes, JSON or Cadence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace cadence::net {

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;  // 0: any free one, told by Server::port()
  std::optional<ServerTls> tls{};
  int threads = 1;
  std::size_t header_limit = 16 * 1024;
  std::size_t max_connections = 4096;               // further ones are closed at once
  std::chrono::milliseconds header_timeout{10000};  // from the first byte, or from accept, to the end of the header
  std::chrono::milliseconds body_timeout{30000};    // for the whole body
  std::chrono::milliseconds idle_timeout{60000};    // keep-alive connection between two requests
  std::chrono::milliseconds write_timeout{30000};
  // What a client still sends after the last answer is read away, so that no reset overtakes the answer (RFC 9112
  // §9.6): for this long, this many bytes, and no longer than `linger_pause` without any.
  std::chrono::milliseconds linger_timeout{30000};
  std::chrono::milliseconds linger_pause{5000};
  std::uint64_t linger_bytes = 64ULL << 20;
};

struct RequestHead {
  std::string method, target, remote_address;
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;  // absent: no body or chunked
};

// The rest of an answer that is sent as it comes about. Copyable handle, any thread. Promises: no time-out ends it
// while the client takes what is sent; a client that takes nothing for write_timeout, or leaves kMostUnsent bytes
// lying, is gone; so is one that left, at once.
class Stream {
 public:
  static constexpr std::size_t kMostUnsent = 1 << 20;  // what one piece is longer comes on top

  using Push = std::function<bool(std::string piece, bool is_last)>;
  explicit Stream(Push push = {}) : push_(std::move(push)) {}
  // False: nobody takes it any more.
  bool send(std::string piece) const { return push_ && push_(std::move(piece), false); }
  void end() const {
    if (push_) push_({}, true);
  }

 private:
  Push push_;
};

// Sends the one answer of its request. Copyable handle, any thread, at most once: later calls are ignored. When every
// copy is gone unused the client gets 500, so no request hangs.
class Responder {
 public:
  using Begin = std::function<Stream(Response head, std::function<void()> on_gone)>;
  explicit Responder(std::function<void(Response)> send, Begin begin = {});
  void operator()(Response response) const;
  // The head of an answer whose body comes piece by piece. `on_gone` is called once, on the server's thread, when the
  // client leaves before the end.
  [[nodiscard]] Stream begin(Response head, std::function<void()> on_gone) const;
  // The same client, for whom each answer takes a turn first.
  [[nodiscard]] Responder with(std::function<Response(Response)> turn) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Receives one request's body. Called on the server's thread: must not block.
class RequestSink {
 public:
  virtual ~RequestSink() = default;
  virtual void on_body(std::string_view piece) = 0;
  virtual void on_complete(Responder respond) = 0;
  // Destroyed without on_complete when the client went away or broke a limit.
};

struct Accept {
  std::unique_ptr<RequestSink> sink;
  std::uint64_t body_limit = 1024 * 1024;  // above it 413: from Content-Length before reading, else while reading
  std::optional<Response> too_large{};     // that answer; plain text when absent
};

// Decides from the header alone: an answer at once (the body is not read), or a sink. On the server's thread: must not
// block.
using HeadHandler = std::function<std::variant<Response, Accept>(const RequestHead&)>;

class Server {
 public:
  virtual ~Server() = default;  // stops at once
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Graceful stop: no new connections, keep-alive ones closed after their present answer; returns when all are gone or
  // at the deadline.
  virtual void drain(std::chrono::milliseconds deadline) = 0;
  [[nodiscard]] virtual std::size_t connections() const = 0;
  virtual void renew_tls(ServerTls tls) = 0;  // used by connections accepted from now on
};

base::Result<std::unique_ptr<Server>> start_server(ServerOptions options, HeadHandler handler);

// A handler for small routes: collects the body up to `body_limit` and calls `answer` on the server's thread.
HeadHandler simple_handler(std::function<Response(const RequestHead&, std::string body)> answer,
                           std::uint64_t body_limit = 1024 * 1024);

}  // namespace cadence::net
