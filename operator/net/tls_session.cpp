#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "net/tls_context.hpp"

namespace cadence::net {
namespace {

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool is_passing() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int send_bytes(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && is_passing()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (got < 0 && is_passing()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  return command == BIO_CTRL_EOF && BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; ignoring that signal would be inherited by the
// servers that the agents start.
const BIO_METHOD* quiet_socket() {
  static const BIO_METHOD* const method = make_bio_method("quiet socket", send_bytes, receive_bytes, control);
  return method;
}

}  // namespace

base::Result<std::unique_ptr<TlsSession>> TlsSession::over(int socket, SSL_CTX* context) {
  std::unique_ptr<TlsSession> made(new TlsSession(SSL_new(context)));
  BIO* bio = BIO_new(quiet_socket());
  if (made->native() == nullptr || bio == nullptr) {
    BIO_free(bio);
    return base::Error{base::ErrorKind::Transient, "Could not set up TLS: " + tls_error_text()};
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  SSL_set_bio(made->native(), bio, bio);
  SSL_set_mode(made->native(), SSL_MODE_RELEASE_BUFFERS);
  return made;
}

TlsSession::Turn TlsSession::shake_hands() {
  ERR_clear_error();
  const auto turn = judge(SSL_connect(native()));
  if (turn != Turn::End) return turn;
  problem_ = "connection closed";
  return Turn::Failed;
}

TlsSession::Turn TlsSession::read(std::span<char> into, std::size_t& count) {
  ERR_clear_error();
  return judge(SSL_read_ex(native(), into.data(), into.size(), &count));
}

TlsSession::Turn TlsSession::write(std::string_view bytes, std::size_t& count) {
  ERR_clear_error();
  return judge(SSL_write_ex(native(), bytes.data(), bytes.size(), &count));
}

TlsSession::Turn TlsSession::judge(int result) {
  if (result == 1) return Turn::Done;
  const int system = errno;
  switch (SSL_get_error(native(), result)) {
    case SSL_ERROR_WANT_READ:
      return Turn::WantRead;
    case SSL_ERROR_WANT_WRITE:
      return Turn::WantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Turn::End;
    case SSL_ERROR_SYSCALL:
      problem_ = system != 0 ? std::strerror(system) : "connection closed";
      return Turn::Failed;
    default:
      problem_ = tls_error_text();
      return Turn::Failed;
  }
}

}  // namespace cadence::net
