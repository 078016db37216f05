#include "redis/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace cadence::redis {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kReadBytes = 16384;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<SocketAddress> to_socket_address(const Endpoint& endpoint) {
  SocketAddress out;
  if (!endpoint.unix_socket.empty()) {
    auto& local = reinterpret_cast<sockaddr_un&>(out.storage);
    if (endpoint.unix_socket.size() >= sizeof local.sun_path) return std::nullopt;
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, endpoint.unix_socket.c_str(), endpoint.unix_socket.size() + 1);
    out.size = sizeof local;
    return out;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  if (inet_pton(AF_INET, endpoint.address.ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.address.port);
    out.size = sizeof v4;
    return out;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (inet_pton(AF_INET6, endpoint.address.ip.c_str(), &v6.sin6_addr) != 1) return std::nullopt;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.address.port);
  out.size = sizeof v6;
  return out;
}

int milliseconds_until(base::Monotonic deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::system_clock().monotonic()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3600 * 1000));
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Connection::Connection(std::string name, Descriptor socket, Descriptor wake, std::size_t max_reply_bytes)
    : name_(std::move(name)), socket_(std::move(socket)), wake_(std::move(wake)), decoder_(max_reply_bytes) {}

Error Connection::fail(ErrorKind kind, const std::string& what) {
  socket_ = Descriptor();
  return {kind, "Could not talk to Redis at " + name_ + ": " + what};
}

base::Result<Connection> Connection::open(const Endpoint& endpoint, const Credentials& credentials,
                                          const Limits& limits, std::size_t max_reply_bytes) {
  const std::string name = endpoint.unix_socket.empty() ? to_string(endpoint.address) : endpoint.unix_socket;
  const auto address = to_socket_address(endpoint);
  if (!address) return Error{ErrorKind::Invalid, "Could not talk to Redis: '" + name + "' is not a numeric address"};
  Descriptor socket(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Descriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!socket.is_open() || !wake.is_open())
    return Error{ErrorKind::Transient, "Could not open a socket for Redis at " + name + ": " + std::strerror(errno)};
  if (endpoint.unix_socket.empty()) {
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Connection connection(name, std::move(socket), std::move(wake), max_reply_bytes);
  if (auto connected = connection.connect(&address->storage, address->size, limits); !connected)
    return connected.error();
  if (!credentials.user.empty()) {
    if (auto answer = connection.call({"AUTH", credentials.user, credentials.password}, limits); !answer)
      return answer.error();
  }
  return connection;
}

base::Result<void> Connection::connect(const void* address, std::size_t size, const Limits& limits) {
  if (::connect(socket_.number(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0)
    return base::ok();
  if (errno != EINPROGRESS) return fail(ErrorKind::Transient, std::strerror(errno));
  if (auto ready = wait(POLLOUT, limits); !ready) return ready;
  int problem = 0;
  socklen_t length = sizeof problem;
  ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &problem, &length);
  if (problem != 0) return fail(ErrorKind::Transient, std::strerror(problem));
  return base::ok();
}

base::Result<void> Connection::wait(short events, const Limits& limits) {
  if (limits.stop.stop_requested()) return fail(ErrorKind::Canceled, "stopped");
  const int wake = wake_.number();
  const std::stop_callback on_stop(limits.stop, [wake] { ::eventfd_write(wake, 1); });
  while (true) {
    pollfd watched[] = {{socket_.number(), events, 0}, {wake, POLLIN, 0}};
    const int count = ::poll(watched, 2, milliseconds_until(limits.deadline));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorKind::Transient, std::strerror(errno));
    if (watched[1].revents != 0) return fail(ErrorKind::Canceled, "stopped");
    if (watched[0].revents != 0) return base::ok();
    if (base::system_clock().monotonic() >= limits.deadline) return fail(ErrorKind::Transient, "no answer in time");
  }
}

base::Result<void> Connection::write_all(std::string_view bytes, const Limits& limits) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (auto ready = wait(POLLOUT, limits); !ready) return ready;
    } else if (errno != EINTR) {
      return fail(ErrorKind::Transient, std::strerror(errno));
    }
  }
  return base::ok();
}

base::Result<Reply> Connection::read_one(const Limits& limits) {
  char buffer[kReadBytes];
  while (true) {
    auto reply = decoder_.next();
    if (!reply) return fail(reply.error().kind, reply.error().message);
    if (*reply) return std::move(**reply);
    // Even a stream that never runs dry ends at the deadline.
    if (auto ready = wait(POLLIN, limits); !ready) return ready.error();
    if (base::system_clock().monotonic() >= limits.deadline)
      return fail(ErrorKind::Transient, "no whole answer in time");
    const auto count = ::recv(socket_.number(), buffer, sizeof buffer, 0);
    if (count == 0) return fail(ErrorKind::Transient, "the server closed the connection");
    if (count < 0 && errno != EAGAIN && errno != EINTR) return fail(ErrorKind::Transient, std::strerror(errno));
    if (count < 0) continue;
    if (auto fed = decoder_.feed({buffer, static_cast<std::size_t>(count)}); !fed)
      return fail(fed.error().kind, fed.error().message);
  }
}

base::Result<Reply> Connection::call(const Request& request, const Limits& limits) {
  auto replies = pipeline({request}, limits);
  if (!replies) return replies.error();
  if (replies->front().is_error()) return to_error(replies->front()).with_context("Redis at " + name_);
  return std::move(replies->front());
}

base::Result<void> Connection::send(const std::string& encoded, const Limits& limits) {
  if (!socket_.is_open())
    return Error{ErrorKind::Transient, "Could not talk to Redis at " + name_ + ": the connection is closed"};
  return write_all(encoded, limits);
}

base::Result<std::vector<Reply>> Connection::pipeline(const std::vector<Request>& requests, const Limits& limits) {
  std::string bytes;
  for (const auto& request : requests) bytes += encode(request);
  if (auto written = send(bytes, limits); !written) return written.error();
  std::vector<Reply> out;
  out.reserve(requests.size());
  while (out.size() < requests.size()) {
    auto reply = read_one(limits);
    if (!reply) return reply.error();
    out.push_back(std::move(*reply));
  }
  return out;
}

}  // namespace cadence::redis
