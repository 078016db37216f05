#include "agent/redis/doorman.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/text.hpp"
#include "redis/topology.hpp"

namespace cadence::agent::redis {
namespace {

using cadence::redis::Descriptor;

constexpr int kBacklog = 16, kMostAtOnce = 16;
constexpr int kPatienceMs = 50;  // for a caller's first word

Descriptor listen_on_port(std::uint16_t port) {
  Descriptor out(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1, off = 0;
  ::setsockopt(out.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(out.number(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  if (::bind(out.number(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 &&
      ::listen(out.number(), kBacklog) == 0)
    return out;
  // A machine without IPv6.
  out = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::setsockopt(out.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in all{};
  all.sin_family = AF_INET;
  all.sin_port = htons(port);
  if (::bind(out.number(), reinterpret_cast<const sockaddr*>(&all), sizeof all) != 0 ||
      ::listen(out.number(), kBacklog) != 0)
    return Descriptor();
  return out;
}

Descriptor listen_on_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Descriptor();
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ::unlink(path.c_str());
  Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::bind(out.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(out.number(), kBacklog) != 0)
    return Descriptor();
  return out;
}

void answer_one(int caller, const std::string& line) {
  // What a caller said must be read, or closing would take the answer back.
  pollfd waiting{.fd = caller, .events = POLLIN, .revents = 0};
  char said[4096];
  if (::poll(&waiting, 1, kPatienceMs) > 0 && ::recv(caller, said, sizeof said, MSG_DONTWAIT) < 0) return;
  ::send(caller, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(caller, SHUT_WR);
}

}  // namespace

Doorman::Doorman(std::uint16_t port, const std::string& unix_socket)
    : network_(listen_on_port(port)), local_(listen_on_path(unix_socket)) {}

void Doorman::answer_all(const std::string& sentence) const {
  auto text = base::replace_all(base::replace_all(sentence, "\r", " "), "\n", " ");
  const auto line = "-" + std::string(cadence::redis::kShut) + text + "\r\n";
  for (const auto* door : {&network_, &local_}) {
    for (int count = 0; door->is_open() && count < kMostAtOnce; ++count) {
      const Descriptor caller(::accept4(door->number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!caller.is_open()) break;
      answer_one(caller.number(), line);
    }
  }
}

}  // namespace cadence::agent::redis
