// Both ends of a plain TCP connection in the hand of a test: a client that sends any bytes, and a server that follows a
// script. Every wait is bounded; loopback only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace cadence::net::testing {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

// One connected socket.
class RawPeer {
 public:
  explicit RawPeer(int fd) : fd_(fd) {}
  explicit RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) close();
  }
  ~RawPeer() { close(); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool is_open() const { return fd_ >= 0; }
  // False when the peer does not take it all.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      pollfd wanted{fd_, POLLOUT, 0};
      if (::poll(&wanted, 1, 5000) <= 0) return false;
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Reads until `mark` was seen `times` times, the end, or the limit.
  std::string read_until(std::string_view mark, int times = 1,
                         std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
    std::string out;
    const auto until = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < until) {
      if (!mark.empty() && count(out, mark) >= times) break;
      pollfd wanted{fd_, POLLIN, 0};
      if (::poll(&wanted, 1, 200) <= 0) continue;
      char piece[16384];
      const auto got = ::recv(fd_, piece, sizeof(piece), 0);
      if (got <= 0) break;
      out.append(piece, static_cast<std::size_t>(got));
    }
    return out;
  }
  std::string read_to_end() const { return read_until({}); }
  // Passes bytes on both ways until `limit` bytes came from `other`, one of them ends, or five seconds are over.
  void relay(RawPeer& other, std::size_t limit) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::size_t passed = 0;
    while (passed < limit && std::chrono::steady_clock::now() < until) {
      pollfd wanted[] = {{fd_, POLLIN, 0}, {other.fd_, POLLIN, 0}};
      ::poll(wanted, 2, 20);
      char piece[4096];
      if ((wanted[0].revents & POLLIN) != 0) {
        const auto got = ::recv(fd_, piece, sizeof(piece), 0);
        if (got <= 0 || !other.send({piece, static_cast<std::size_t>(got)})) return;
      }
      if ((wanted[1].revents & POLLIN) != 0) {
        const auto got = ::recv(other.fd_, piece, sizeof(piece), 0);
        if (got <= 0 || !send({piece, static_cast<std::size_t>(got)})) return;
        passed += static_cast<std::size_t>(got);
      }
    }
  }
  void finish_sending() const { ::shutdown(fd_, SHUT_WR); }
  // Leaves with a reset instead of an orderly end.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  static int count(std::string_view text, std::string_view mark) {
    int out = 0;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + mark.size())) ++out;
    return out;
  }

 private:
  int fd_;
};

// Hands each connection to the next step of its script, on one thread; joined at the end.
class ScriptedServer {
 public:
  using Step = std::function<void(RawPeer&)>;
  explicit ScriptedServer(std::vector<Step> steps) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof(address);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(fd_, 16);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, steps = std::move(steps)](std::stop_token stop) {
      for (const auto& step : steps) {
        const int client = accept(stop);
        if (client < 0) return;
        RawPeer peer(client);
        step(peer);
      }
    });
  }
  ~ScriptedServer() {
    thread_.request_stop();
    thread_.join();
    ::close(fd_);
  }
  std::uint16_t port() const { return port_; }

 private:
  int accept(const std::stop_token& stop) const {
    while (!stop.stop_requested()) {
      pollfd wanted{fd_, POLLIN, 0};
      if (::poll(&wanted, 1, 20) > 0) return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    }
    return -1;
  }
  int fd_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

// Polls a condition for up to `limit`.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace cadence::net::testing
