#include "net/tls_channel.hpp"

#include <openssl/err.h>

#include <algorithm>

#include "net/tls_context.hpp"

namespace cadence::net {
namespace {

TlsCarrier& carrier_of(BIO* bio) { return *static_cast<TlsCarrier*>(BIO_get_data(bio)); }

int send_bytes(BIO* bio, const char* bytes, int size) {
  return static_cast<int>(carrier_of(bio).send({bytes, static_cast<std::size_t>(size)}));
}

int receive_bytes(BIO* bio, char* into, int size) {
  return static_cast<int>(carrier_of(bio).receive({into, static_cast<std::size_t>(size)}));
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* carried() {
  static const BIO_METHOD* const method = make_bio_method("carried", send_bytes, receive_bytes, control);
  return method;
}

// What became of a connection that is of no use any more. A peer that has a reason sends it as an alert (RFC 8446
// §6.2), one that wants a client certificate only after the handshake.
base::Error ending() {
  const auto code = ERR_peek_error();
  const bool is_alert = ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET;
  if (is_alert) return {base::ErrorKind::Invalid, "the peer ended it: " + tls_error_text()};
  ERR_clear_error();
  return {base::ErrorKind::Transient, "the connection broke"};
}

}  // namespace

class TlsChannel::Session {
 public:
  explicit Session(SSL_CTX* context) : session_(SSL_new(context)) {}
  ~Session() {
    if (session_ && is_sound_) SSL_shutdown(session_.get());
    ERR_clear_error();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  base::Result<void> shake_hands(TlsCarrier& carrier, const ClientTls& tls, const std::string& host) {
    BIO* bio = session_ ? BIO_new(carried()) : nullptr;
    if (bio == nullptr) return base::Error{base::ErrorKind::Transient, "Could not set up TLS: " + tls_error_text()};
    BIO_set_data(bio, &carrier);
    SSL_set_bio(session_.get(), bio, bio);
    if (auto named = set_peer_name(session_.get(), tls, host); !named) return named;
    ERR_clear_error();
    is_sound_ = SSL_connect(session_.get()) == 1;
    return is_sound_ ? base::ok() : base::Result<void>(refusal(tls.is_verified));
  }

  base::Result<std::size_t> read(std::span<char> into) {
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_read_ex(session_.get(), into.data(), into.size(), &count) == 1) return count;
    if (SSL_get_error(session_.get(), 0) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    return fail();
  }

  base::Result<std::size_t> write(std::string_view bytes) {
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count) == 1) return count;
    return fail();
  }

  [[nodiscard]] std::string certificate() const {
    X509* const certificate = SSL_get0_peer_certificate(session_.get());
    std::string encoded(
        static_cast<std::size_t>(certificate != nullptr ? std::max(i2d_X509(certificate, nullptr), 0) : 0), '\0');
    auto* out = reinterpret_cast<unsigned char*>(encoded.data());
    if (!encoded.empty()) i2d_X509(certificate, &out);
    return encoded;
  }

 private:
  base::Error fail() {
    is_sound_ = false;
    return ending();
  }

  // Why the handshake failed.
  base::Error refusal(bool is_verified) {
    if (const long verdict = SSL_get_verify_result(session_.get()); is_verified && verdict != X509_V_OK) {
      return {base::ErrorKind::Invalid,
              std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verdict)};
    }
    const auto code = ERR_peek_error();
    if (ERR_GET_LIB(code) != ERR_LIB_SSL || ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET) return ending();
    return {base::ErrorKind::Invalid, "it does not speak TLS as it should: " + tls_error_text()};
  }

  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  std::unique_ptr<SSL, Free> session_;
  bool is_sound_ = false;
};

TlsChannel::TlsChannel(std::unique_ptr<Session> session) : session_(std::move(session)) {}
TlsChannel::~TlsChannel() = default;

base::Result<std::unique_ptr<TlsChannel>> TlsChannel::open(TlsCarrier& carrier, const ClientTls& tls,
                                                           const std::string& host) {
  const auto context = make_client_context(tls);
  if (!context) return context.error();
  auto session = std::make_unique<Session>(context->get());
  if (const auto done = session->shake_hands(carrier, tls, host); !done) return done.error();
  return std::unique_ptr<TlsChannel>(new TlsChannel(std::move(session)));
}

base::Result<std::size_t> TlsChannel::read(std::span<char> into) { return session_->read(into); }
base::Result<std::size_t> TlsChannel::write(std::string_view bytes) { return session_->write(bytes); }
std::string TlsChannel::certificate() const { return session_->certificate(); }

}  // namespace cadence::net
