// A PostgreSQL server that has its answers ready, on a Unix socket of its own.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "folder.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::postgres {

inline std::string message(char type, const std::string& body) {
  const auto size = static_cast<std::uint32_t>(body.size() + 4);
  std::string out(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  return out + body;
}
inline const std::string kAccepted =
    message('R', std::string(4, '\0')) + message('K', std::string(8, 'x')) + message('Z', "I");

// A server that says `bytes` to whoever comes, whatever is asked, and then keeps silent until it is destroyed, or says
// `later` when told.
class FakeServer {
 public:
  explicit FakeServer(std::string bytes) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = folder_ + "/.s.PGSQL.5432";
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 1);
    thread_ = std::jthread([this, bytes = std::move(bytes)] {
      client_ = ::accept(listener_, nullptr, nullptr);
      if (client_ >= 0) static_cast<void>(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    if (client_ >= 0) ::close(client_);
    ::close(listener_);
  }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] Connection::Options options() const {
    Connection::Options out;
    out.socket_directory = folder_;
    out.timeout = std::chrono::milliseconds(300);
    return out;
  }

  void say(const std::string& later) { static_cast<void>(::send(client_, later.data(), later.size(), MSG_NOSIGNAL)); }

 private:
  test::Folder place_;
  std::string folder_ = place_.path();
  int listener_ = -1, client_ = -1;
  std::jthread thread_;
};

}  // namespace cadence::postgres
