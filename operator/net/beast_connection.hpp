// One client connection, plain or TLS, with blocking calls that keep a deadline and end at once on a stop: it owns a
// private io_context and runs each asynchronous operation to completion (synchronous Asio calls know no time-outs).
// After an error the connection is closed for good. One thread at a time.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/tls.hpp"
#include "net/tls_session.hpp"

namespace cadence::net {

class ClientConnection {
 public:
  static base::Result<std::unique_ptr<ClientConnection>> open(const Origin& origin, base::Monotonic deadline,
                                                              std::stop_token stop);

  base::Result<void> write(std::string_view bytes, base::Monotonic deadline, std::stop_token stop);
  // 0: proper end
  base::Result<std::size_t> read_some(std::span<char> into, base::Monotonic deadline, std::stop_token stop);
  // Anything to read between two answers is an end or a protocol error: such a connection must not be used again.
  bool is_stale();
  [[nodiscard]] const Origin& origin() const { return origin_; }
  [[nodiscard]] base::Monotonic opened_at() const { return opened_at_; }

 private:
  explicit ClientConnection(Origin origin) : origin_(std::move(origin)) {}
  base::Result<void> connect(base::Monotonic deadline, std::stop_token stop);
  base::Result<void> start_tls(base::Monotonic deadline, std::stop_token stop);
  void set_options();
  void close();
  template <class Start>
  base::Result<std::size_t> run(const char* attempt, base::Monotonic deadline, std::stop_token stop, Start start);
  template <class TakeTurn>
  base::Result<std::size_t> run_tls(const char* attempt, base::Monotonic deadline, const std::stop_token& stop,
                                    TakeTurn take_turn);

  asio::io_context context_{1};
  tcp::socket socket_{context_};
  std::unique_ptr<TlsSession> tls_;
  Origin origin_;
  base::Monotonic opened_at_{};
  bool is_canceled_ = false, is_late_ = false;
};

}  // namespace cadence::net
