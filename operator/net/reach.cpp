#include "net/reach.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cadence::net {
namespace {

// The length of `out`; 0 when the address is none.
socklen_t fill(sockaddr_storage& out, const std::string& address, std::uint16_t port) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &four.sin_addr) == 1) {
    std::memcpy(&out, &four, sizeof(four));
    return sizeof(four);
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  if (inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) != 1) return 0;
  std::memcpy(&out, &six, sizeof(six));
  return sizeof(six);
}

Reached judge(int code) {
  if (code == 0) return Reached::Open;
  return code == ECONNREFUSED || code == ECONNRESET ? Reached::Refused : Reached::Silent;
}

}  // namespace

Reached reach(const std::string& address, std::uint16_t port, std::chrono::milliseconds at_most) {
  sockaddr_storage target{};
  const auto size = fill(target, address, port);
  if (size == 0) return Reached::Silent;
  const int fd = ::socket(target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Reached::Silent;
  int code = ::connect(fd, reinterpret_cast<const sockaddr*>(&target), size) == 0 ? 0 : errno;
  if (code == EINPROGRESS) {
    pollfd waiting{fd, POLLOUT, 0};
    code = ETIMEDOUT;
    socklen_t length = sizeof(code);
    if (::poll(&waiting, 1, static_cast<int>(at_most.count())) == 1)
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length);
  }
  ::close(fd);
  return judge(code);
}

}  // namespace cadence::net
