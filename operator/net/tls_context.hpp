// Turns PEM text into OpenSSL settings, the same for Beast and cpprest. Promises: TLS 1.2 or newer, and no root is
// trusted but the given ones: the machine's own bundle is loaded only for who says trusts_system. Where roots are given
// a chain may end at any certificate of the store: an intermediate one, or a server's own.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/tls.hpp"

namespace cadence::net {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeContext>;

base::Result<void> set_up_client(SSL_CTX* context, const ClientTls& tls);
// SNI and the check of the peer's name or address. `host` without brackets.
base::Result<void> set_peer_name(SSL* session, const ClientTls& tls, const std::string& host);
base::Result<SslContext> make_client_context(const ClientTls& tls);
base::Result<SslContext> make_server_context(const ServerTls& tls);

// A kind of BIO that sends and receives as these functions say, for as long as the process lives.
using SendBytes = int (*)(BIO*, const char*, int);
using ReceiveBytes = int (*)(BIO*, char*, int);
using ControlBio = long (*)(BIO*, int, long, void*);
const BIO_METHOD* make_bio_method(const char* name, SendBytes send, ReceiveBytes receive, ControlBio control);

std::string tls_error_text();  // the oldest error of this thread's queue, and empties the queue

}  // namespace cadence::net
