// A TLS client over a connection that the caller owns and carries the bytes of; every call may block as long as the
// caller's own do. Promises: what tls_context.hpp does; nothing but the handshake is sent to a peer that is not
// trusted; an end without the peer's close_notify is a failure. Knows no sockets and no time.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/tls.hpp"

namespace cadence::net {

// As send(2) and recv(2) answer. Outlives its channel.
class TlsCarrier {
 public:
  virtual ~TlsCarrier() = default;
  virtual ssize_t send(std::string_view bytes) = 0;
  virtual ssize_t receive(std::span<char> into) = 0;
};

class TlsChannel {
 public:
  // Shakes hands. Errors, here and below: Invalid when the peer is not trusted, speaks no TLS or says why it will not,
  // Transient when the connection broke.
  static base::Result<std::unique_ptr<TlsChannel>> open(TlsCarrier& carrier, const ClientTls& tls,
                                                        const std::string& host);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // How many bytes came, or went; 0 came once the peer has said that it ends. After an error nothing more can be done.
  base::Result<std::size_t> read(std::span<char> into);
  base::Result<std::size_t> write(std::string_view bytes);
  // The peer's, in DER.
  [[nodiscard]] std::string certificate() const;

 private:
  class Session;
  explicit TlsChannel(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace cadence::net
