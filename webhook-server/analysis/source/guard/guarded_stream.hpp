// The sockets under libgit2's transports, replaced by ours: every connection, a redirect's too, resolves its host
// itself, refuses addresses that are not allowed and connects to the very address it looked at. Promises: no read or
// connect outlives the guard's deadline or stop. A guard belongs to the thread that made it, for as long as it lives.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace cadence::analysis::source {

struct NetworkRules {
  bool allow_private_networks = false;
  std::vector<std::string> allowed_hosts;
  // Certificates (PEM) of authorities trusted beside the machine's own; asked for once a server that shows one is
  // connected. None: no others.
  std::function<base::Result<std::string>()> authorities;
};

class NetworkGuard {
 public:
  NetworkGuard(NetworkRules rules, base::Monotonic deadline, std::stop_token stop);
  ~NetworkGuard();
  NetworkGuard(const NetworkGuard&) = delete;
  NetworkGuard& operator=(const NetworkGuard&) = delete;

  // The guard of the calling thread; null when it has none.
  static NetworkGuard* current();

  // Why a connection was not made or was cut, when that was our doing.
  [[nodiscard]] const std::optional<base::Error>& refusal() const { return refusal_; }
  // Whom the last connection leads to, a redirect's too.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& port() const { return port_; }
  // Bytes that may still be received; replaces what was left.
  void allow_bytes(std::uint64_t bytes) { bytes_left_ = bytes; }
  [[nodiscard]] base::Result<std::string> authorities() const {
    return rules_.authorities ? rules_.authorities() : base::Result<std::string>(std::string());
  }
  // Takes down why and tells libgit2; -1.
  int refuse(base::ErrorKind kind, std::string why);
  [[nodiscard]] bool is_over() const { return stop_.stop_requested() || has_expired(); }
  [[nodiscard]] bool has_expired() const { return base::system_clock().monotonic() >= deadline_; }

  // A connected socket, or -1 with the reason in refusal().
  int connect(const std::string& host, const std::string& port);
  void close(int socket);
  // What recv(2) and send(2) say; -1 as well when the bytes are used up.
  ssize_t receive(int socket, void* data, std::size_t length);
  ssize_t send(int socket, const char* data, std::size_t length);

 private:
  int connect_one(int family, const void* address, unsigned length);
  void watch(const std::stop_token& end);

  const NetworkRules rules_;
  const base::Monotonic deadline_;
  const std::stop_token stop_;
  std::optional<base::Error> refusal_;
  std::string host_;
  std::string port_;
  std::uint64_t bytes_left_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<int> open_;
  std::jthread watcher_;
};

// What every stream of libgit2's has in common here. Without a guard nothing is connected: -1, and libgit2 is told.
int refuse_without_guard();
void close_guarded(int& socket);  // -1 afterwards; nothing when it is -1

// Makes libgit2 use guarded sockets for http, git and ssh, and tls_stream.hpp on such for https; once for the process.
void register_guarded_streams();

}  // namespace cadence::analysis::source
