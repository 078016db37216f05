#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "base/clock.hpp"
#include "files/descriptor.hpp"
#include "net/transport.hpp"

namespace cadence::net {

namespace {

constexpr std::size_t kAnswerLimit = 16u * 1024 * 1024;

base::Error failure(const std::string& path, const std::string& why) {
  return {base::ErrorKind::Transient, "Could not ask " + path + ": " + why};
}

bool is_ready(int fd, short events, base::Monotonic until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  if (left <= 0) return false;
  pollfd wanted{fd, events, 0};
  return ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

base::Result<void> write_all(int fd, const std::string& path, std::string_view bytes, base::Monotonic until) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return failure(path, std::strerror(errno));
    } else if (!is_ready(fd, POLLOUT, until)) {
      return failure(path, "timed out");
    }
  }
  return base::ok();
}

}  // namespace

base::Result<std::string> ask_unix_socket(const std::string& path, std::string_view command,
                                          std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return base::Error{base::ErrorKind::Invalid, "Could not ask " + path + ": path too long"};
  std::memcpy(address.sun_path, path.data(), path.size());
  const files::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open() ||
      ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return failure(path, std::strerror(errno));
  }
  if (auto sent = write_all(socket.number(), path, command, until); !sent) return sent.error();
  std::string out;
  char piece[16 * 1024];
  for (;;) {
    const auto got = ::recv(socket.number(), piece, sizeof(piece), MSG_DONTWAIT);
    if (got == 0) return out;
    if (got > 0) {
      out.append(piece, static_cast<std::size_t>(got));
      if (out.size() > kAnswerLimit) return failure(path, "answer too long");
    } else if (errno != EAGAIN && errno != EINTR) {
      return failure(path, std::strerror(errno));
    } else if (!is_ready(socket.number(), POLLIN, until)) {
      return failure(path, "timed out");
    }
  }
}

}  // namespace cadence::net
