#include "analysis/source/guard/guarded_stream.hpp"

#include <fcntl.h>
#include <git2.h>
#include <git2/sys/stream.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/guard/tls_stream.hpp"
#include "analysis/source/guard/url.hpp"

namespace cadence::analysis::source {
namespace {

constexpr int kConnectSeconds = 10;
constexpr int kStallSeconds = 30;  // a server that says nothing for so long is gone
constexpr int kPollMilliseconds = 50;

thread_local NetworkGuard* current_guard = nullptr;

void set_timeout(int socket, int option, int seconds) {
  timeval time{};
  time.tv_sec = seconds;
  ::setsockopt(socket, SOL_SOCKET, option, &time, sizeof time);
}

}  // namespace

NetworkGuard::NetworkGuard(NetworkRules rules, base::Monotonic deadline, std::stop_token stop)
    : rules_(std::move(rules)),
      deadline_(deadline),
      stop_(std::move(stop)),
      watcher_([this](const std::stop_token& end) { watch(end); }) {
  current_guard = this;
}

NetworkGuard::~NetworkGuard() { current_guard = nullptr; }

NetworkGuard* NetworkGuard::current() { return current_guard; }

// Cuts the open sockets when time is up: libgit2 and libssh2 wait in calls that know no time limit.
void NetworkGuard::watch(const std::stop_token& end) {
  const std::stop_callback wake(stop_, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, end, deadline_, [this] { return stop_.stop_requested(); });
  if (end.stop_requested() && !stop_.stop_requested()) return;
  for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
}

int NetworkGuard::refuse(base::ErrorKind kind, std::string why) {
  refusal_ = base::Error{kind, std::move(why)};
  git_error_set_str(GIT_ERROR_NET, refusal_->message.c_str());
  return -1;
}

int NetworkGuard::connect(const std::string& host, const std::string& port) {
  refusal_.reset();  // libgit2 gets over a connection that ends between two requests
  host_ = host;
  port_ = port;
  const auto addresses = resolve(host, port);
  if (!addresses) return refuse(addresses.error().kind, addresses.error().message);
  const bool may_be_private = rules_.allow_private_networks || is_listed_host(rules_.allowed_hosts, host);
  for (const Address& address : *addresses) {
    if (const auto checked = check_public(host, address); !may_be_private && !checked)
      return refuse(checked.error().kind, checked.error().message);
  }
  for (const Address& address : *addresses) {
    const int socket = connect_one(address.family, &address.storage, address.length);
    if (socket >= 0 || is_over()) return socket;
  }
  return refuse(base::ErrorKind::Transient, "no connection to " + host + " port " + port +
                                                " could be made. Check that its server runs and is reachable");
}

int NetworkGuard::connect_one(int family, const void* address, unsigned length) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -1;
  bool is_connected = ::connect(socket, static_cast<const sockaddr*>(address), length) == 0;
  if (!is_connected && errno == EINPROGRESS) {
    const auto give_up = base::system_clock().monotonic() + std::chrono::seconds(kConnectSeconds);
    pollfd waiting{socket, POLLOUT, 0};
    while (!is_over() && base::system_clock().monotonic() < give_up && ::poll(&waiting, 1, kPollMilliseconds) == 0) {
    }
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (waiting.revents != 0) ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    is_connected = error == 0;
  }
  // Blocking from here on: libssh2 expects it, and the watcher cuts what takes too long.
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
  set_timeout(socket, SO_RCVTIMEO, kStallSeconds);
  set_timeout(socket, SO_SNDTIMEO, kStallSeconds);
  {
    const std::lock_guard lock(mutex_);
    if (is_connected && !is_over()) {
      open_.push_back(socket);
      return socket;
    }
  }
  ::close(socket);
  return -1;
}

void NetworkGuard::close(int socket) {
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
}

ssize_t NetworkGuard::receive(int socket, void* data, std::size_t length) {
  if (bytes_left_ == 0)
    return refuse(base::ErrorKind::Invalid,
                  "the server sent more than is allowed. Raise the size limit or use a smaller repository");
  const ssize_t received = ::recv(socket, data, std::min<std::uint64_t>(length, bytes_left_), 0);
  if (received > 0) bytes_left_ -= static_cast<std::uint64_t>(received);
  if (received < 0) {
    const bool has_stalled = errno == EAGAIN || errno == EWOULDBLOCK;
    refuse(base::ErrorKind::Transient, has_stalled ? "timeout: the server sent nothing for 30 s. Try again later"
                                                   : "the connection broke. Try again later");
  }
  return received;
}

ssize_t NetworkGuard::send(int socket, const char* data, std::size_t length) {
  const ssize_t sent = ::send(socket, data, length, MSG_NOSIGNAL);
  if (sent < 0) refuse(base::ErrorKind::Transient, "the connection broke. Try again later");
  return sent;
}

int refuse_without_guard() {
  git_error_set_str(GIT_ERROR_NET, "connections outside a clone are not allowed");
  return -1;
}

void close_guarded(int& socket) {
  const int closed = std::exchange(socket, -1);
  if (closed < 0) return;
  if (NetworkGuard* guard = NetworkGuard::current()) {
    guard->close(closed);
  } else {
    ::close(closed);
  }
}

namespace {

// libgit2's ssh transport reads the socket out of its own stream type, so ours has the same beginning.
struct GuardedStream {
  git_stream parent;
  char* host;
  char* port;
  int socket;
};

GuardedStream* guarded(git_stream* stream) { return reinterpret_cast<GuardedStream*>(stream); }

int stream_connect(git_stream* stream) {
  NetworkGuard* guard = NetworkGuard::current();
  if (guard == nullptr) return refuse_without_guard();
  guarded(stream)->socket = guard->connect(guarded(stream)->host, guarded(stream)->port);
  return guarded(stream)->socket >= 0 ? 0 : -1;
}

ssize_t stream_read(git_stream* stream, void* data, std::size_t length) {
  NetworkGuard* guard = NetworkGuard::current();
  return guard != nullptr ? guard->receive(guarded(stream)->socket, data, length) : refuse_without_guard();
}

ssize_t stream_write(git_stream* stream, const char* data, std::size_t length, int) {
  NetworkGuard* guard = NetworkGuard::current();
  return guard != nullptr ? guard->send(guarded(stream)->socket, data, length) : refuse_without_guard();
}

int stream_close(git_stream* stream) {
  close_guarded(guarded(stream)->socket);
  return 0;
}

void stream_free(git_stream* stream) {
  stream_close(stream);
  ::free(guarded(stream)->host);
  ::free(guarded(stream)->port);
  delete guarded(stream);
}

int make_stream(git_stream** out, const char* host, const char* port) {
  auto* stream = new GuardedStream{};
  stream->parent.version = GIT_STREAM_VERSION;
  stream->parent.connect = stream_connect;
  stream->parent.read = stream_read;
  stream->parent.write = stream_write;
  stream->parent.close = stream_close;
  stream->parent.free = stream_free;
  stream->host = ::strdup(host);
  stream->port = ::strdup(port);
  stream->socket = -1;
  *out = &stream->parent;
  return 0;
}

}  // namespace

void register_guarded_streams() {
  git_stream_registration registration{};
  registration.version = GIT_STREAM_VERSION;
  registration.init = make_stream;
  git_stream_register(GIT_STREAM_STANDARD, &registration);
  registration.init = make_tls_stream;
  git_stream_register(GIT_STREAM_TLS, &registration);
}

}  // namespace cadence::analysis::source
