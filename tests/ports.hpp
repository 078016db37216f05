// Ports of loopback for the servers that tests start.
// Promises: each is outside the range that the kernel hands out itself, nobody listens on it, and no other test of this
// machine is given it before this process ends: a name of an abstract Unix socket stands for it meanwhile
// (tests/ports.py draws from the same). Does not know: programs that are no tests of ours.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace cadence::test {

// Held until the process ends.
inline bool claim_port(int port) {
  const int holder = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::string name = "cadence-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(holder, reinterpret_cast<sockaddr*>(&address), size) == 0) return true;
  ::close(holder);
  return false;
}

inline bool is_port_free(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool free = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return free;
}

inline int free_port() {
  constexpr int kFirst = 61001, kLast = 65500;
  static int next = kFirst + static_cast<int>(::getpid() % 400) * 11;
  for (int tries = 0; tries <= kLast - kFirst; ++tries) {
    if (++next > kLast) next = kFirst;
    if (claim_port(next) && is_port_free(next)) return next;
  }
  throw std::runtime_error("no free port");
}

inline std::vector<int> free_ports(std::size_t count) {
  std::vector<int> out(count);
  for (int& port : out) port = free_port();
  return out;
}

}  // namespace cadence::test
