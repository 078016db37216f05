// A TLS client session straight over a non-blocking socket that somebody else owns and waits on.
// Promises: no call blocks or raises SIGPIPE; an end without the peer's close_notify is a failure; an idle session
// holds no buffers. Asio's own stream keeps four buffers of 17 kB for as long as it lives, which fifteen quiet watches
// pay fifteen times.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::net {

class TlsSession {
 public:
  enum class Turn { Done, WantRead, WantWrite, End, Failed };

  static base::Result<std::unique_ptr<TlsSession>> over(int socket, SSL_CTX* context);

  // After WantRead or WantWrite the same call again, with the same arguments, once the socket is ready.
  Turn shake_hands();
  Turn read(std::span<char> into, std::size_t& count);
  Turn write(std::string_view bytes, std::size_t& count);

  [[nodiscard]] SSL* native() const { return session_.get(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }  // after Failed

 private:
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  explicit TlsSession(SSL* session) : session_(session) {}
  Turn judge(int result);

  std::unique_ptr<SSL, Free> session_;
  std::string problem_;
};

}  // namespace cadence::net
