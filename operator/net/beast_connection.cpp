#include "net/beast_connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "net/resolve.hpp"
#include "net/tls_context.hpp"
#include "net/wire.hpp"

namespace cadence::net {

using base::Error;
using base::ErrorKind;
using base::Monotonic;

// Runs one operation; its handler gets (error_code, bytes). Past the deadline or on a stop the socket is closed, which
// ends the operation with an error, so no handler outlives this call.
template <class Start>
base::Result<std::size_t> ClientConnection::run(const char* attempt, Monotonic deadline, std::stop_token stop,
                                                Start start) {
  bool is_done = false;
  error_code failure;
  std::size_t count = 0;
  start([&](error_code ec, std::size_t bytes) {
    is_done = true;
    failure = ec;
    count = bytes;
  });
  {
    const std::stop_callback on_stop(stop, [this] {
      asio::post(context_, [this] {
        is_canceled_ = true;
        close();
      });
    });
    context_.restart();
    while (!is_done && context_.run_one_until(deadline) != 0) {
    }
    if (!is_done) {
      is_late_ = true;
      close();
      context_.restart();
      while (!is_done && context_.run_one() != 0) {
      }
    }
  }
  context_.restart();
  context_.poll();  // a stop that came in the same moment must not hit a later operation
  if (!failure) return count;
  close();
  const std::string what = std::string("Could not ") + attempt + " " + host_header(origin_) + ": ";
  if (is_canceled_) return Error{ErrorKind::Canceled, what + "stopped"};
  if (is_late_) return Error{ErrorKind::Transient, what + "timed out"};
  if (failure == asio::error::eof) return std::size_t{0};
  return Error{ErrorKind::Transient, what + failure.message()};
}

// Takes turns with the socket until the operation is done. Bytes that come without a pause must not outlast the
// deadline either.
template <class TakeTurn>
base::Result<std::size_t> ClientConnection::run_tls(const char* attempt, Monotonic deadline,
                                                    const std::stop_token& stop, TakeTurn take_turn) {
  const auto failed = [&](ErrorKind kind, const std::string& why) {
    close();
    return Error{kind, std::string("Could not ") + attempt + " " + host_header(origin_) + ": " + why};
  };
  for (;;) {
    if (!socket_.is_open()) return failed(ErrorKind::Transient, "connection closed");
    if (stop.stop_requested()) return failed(ErrorKind::Canceled, "stopped");
    if (std::chrono::steady_clock::now() >= deadline) return failed(ErrorKind::Transient, "timed out");
    std::size_t count = 0;
    const auto turn = take_turn(count);
    if (turn == TlsSession::Turn::Done) return count;
    if (turn == TlsSession::Turn::End) {
      close();
      return std::size_t{0};
    }
    if (turn == TlsSession::Turn::Failed) return failed(ErrorKind::Transient, tls_->problem());
    const auto awaited = turn == TlsSession::Turn::WantRead ? tcp::socket::wait_read : tcp::socket::wait_write;
    auto ready = run(attempt, deadline, stop,
                     [&](auto done) { socket_.async_wait(awaited, [done](error_code ec) mutable { done(ec, 0); }); });
    if (!ready) return ready.error();
  }
}

base::Result<std::unique_ptr<ClientConnection>> ClientConnection::open(const Origin& origin, Monotonic deadline,
                                                                       std::stop_token stop) {
  std::unique_ptr<ClientConnection> made(new ClientConnection(origin));
  try {
    if (auto connected = made->connect(deadline, stop); !connected) return connected.error();
    if (origin.tls) {
      if (auto secured = made->start_tls(deadline, stop); !secured) return secured.error();
    }
  } catch (const std::exception& thrown) {
    return Error{ErrorKind::Transient, "Could not connect to " + host_header(origin) + ": " + thrown.what()};
  }
  made->opened_at_ = std::chrono::steady_clock::now();
  return made;
}

base::Result<void> ClientConnection::connect(Monotonic deadline, std::stop_token stop) {
  auto endpoints = resolve(origin_.host, origin_.port, deadline, stop);
  if (!endpoints) return endpoints.error();
  for (const auto& endpoint : *endpoints) {
    if (!origin_.check_address) break;
    if (auto allowed = origin_.check_address(endpoint.address().to_string()); !allowed) return allowed;
  }
  Error last{ErrorKind::Transient, "no address"};
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    // A silent first address must not use up the time of the others.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<int>(endpoints->size() - i);
    is_late_ = false;
    if (socket_.is_open()) close();
    auto connected = run("connect to", std::min(deadline, now + share), stop, [&](auto done) {
      socket_.async_connect((*endpoints)[i], [done](error_code ec) mutable { done(ec, 0); });
    });
    if (connected) {
      set_options();
      return base::ok();
    }
    last = connected.error();
    if (last.kind == ErrorKind::Canceled) break;
  }
  return last;
}

void ClientConnection::set_options() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  // A peer that vanished is noticed after about a minute even while nothing is sent, and after 30 s of unacknowledged
  // data.
  const int idle = 30, interval = 10, count = 3;
  const unsigned int user_timeout_ms = 30000;
  const int fd = socket_.native_handle();
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
}

base::Result<void> ClientConnection::start_tls(Monotonic deadline, std::stop_token stop) {
  auto made = make_client_context(*origin_.tls);
  if (!made) return made.error();
  socket_.native_non_blocking(true);
  auto session = TlsSession::over(socket_.native_handle(), made->get());
  if (!session) return session.error();
  tls_ = std::move(session).value();
  if (auto named = set_peer_name(tls_->native(), *origin_.tls, origin_.host); !named) return named;
  auto shaken = run_tls("agree on TLS with", deadline, stop, [&](std::size_t&) { return tls_->shake_hands(); });
  if (shaken) return base::ok();
  const auto verdict = SSL_get_verify_result(tls_->native());
  if (verdict == X509_V_OK || !origin_.tls->is_verified) return shaken.error();
  return Error{shaken.error().kind, shaken.error().message + " (" + X509_verify_cert_error_string(verdict) + ")"};
}

base::Result<void> ClientConnection::write(std::string_view bytes, Monotonic deadline, std::stop_token stop) {
  constexpr const char* kAttempt = "write to";
  auto written = tls_ ? run_tls(kAttempt, deadline, stop, [&](std::size_t& count) { return tls_->write(bytes, count); })
                      : run(kAttempt, deadline, stop, [&](auto done) {
                          asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), done);
                        });
  if (!written) return written.error();
  if (*written != bytes.size())
    return Error{ErrorKind::Transient, "Could not write to " + host_header(origin_) + ": connection closed"};
  return base::ok();
}

base::Result<std::size_t> ClientConnection::read_some(std::span<char> into, Monotonic deadline, std::stop_token stop) {
  constexpr const char* kAttempt = "read from";
  if (tls_) return run_tls(kAttempt, deadline, stop, [&](std::size_t& count) { return tls_->read(into, count); });
  return run(kAttempt, deadline, stop,
             [&](auto done) { socket_.async_read_some(asio::buffer(into.data(), into.size()), done); });
}

bool ClientConnection::is_stale() {
  if (!socket_.is_open()) return true;
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void ClientConnection::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace cadence::net
