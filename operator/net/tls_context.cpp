#include "net/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

namespace cadence::net {

namespace {

constexpr std::size_t kKeptContexts = 3;

struct FreeOpenssl {
  void operator()(BIO* at) const { BIO_free(at); }
  void operator()(X509* at) const { X509_free(at); }
  void operator()(EVP_PKEY* at) const { EVP_PKEY_free(at); }
  void operator()(X509_STORE* at) const { X509_STORE_free(at); }
};
using Bio = std::unique_ptr<BIO, FreeOpenssl>;
using Certificate = std::unique_ptr<X509, FreeOpenssl>;
using Key = std::unique_ptr<EVP_PKEY, FreeOpenssl>;
using Store = std::unique_ptr<X509_STORE, FreeOpenssl>;

base::Error invalid(const std::string& what) {
  return {base::ErrorKind::Invalid, "Could not set up TLS: " + what + ": " + tls_error_text()};
}

// A key under a passphrase is refused, never asked for on a terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

base::Result<std::vector<Certificate>> read_certificates(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  ERR_clear_error();
  std::vector<Certificate> out;
  while (auto* one = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) out.emplace_back(one);
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const bool is_at_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (!is_at_end)
    return base::Error{base::ErrorKind::Invalid,
                       "a block of the PEM text is cut off or damaged. Put the whole of it there, from -----BEGIN to "
                       "the line with -----END"};
  if (out.empty()) return base::Error{base::ErrorKind::Invalid, "there is no PEM certificate"};
  return out;
}

base::Error unusable(const char* what, const base::Error& why) {
  return {why.kind, "Could not set up TLS: " + std::string(what) + ": " + why.message};
}

base::Result<void> trust(SSL_CTX* context, const std::string& ca_pem, bool trusts_system = false) {
  Store store(X509_STORE_new());
  if (trusts_system && X509_STORE_set_default_paths(store.get()) != 1)
    return invalid("the machine's roots could not be loaded");
  if (!ca_pem.empty()) {
    const auto roots = read_certificates(ca_pem);
    if (!roots) return unusable("the CA", roots.error());
    for (const auto& root : *roots) X509_STORE_add_cert(store.get(), root.get());
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  }
  SSL_CTX_set_cert_store(context, store.release());
  return base::ok();
}

base::Result<void> use_identity(SSL_CTX* context, const std::string& certificate_pem, const std::string& key_pem) {
  const auto certificates = read_certificates(certificate_pem);
  if (!certificates) return unusable("the certificate", certificates.error());
  const auto& chain = *certificates;
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1) return invalid("the certificate was refused");
  SSL_CTX_clear_chain_certs(context);
  for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context, chain[i].get());
  const Bio bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return invalid("the private key is not PEM");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return invalid("the private key does not belong to the certificate");
  return base::ok();
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

base::Result<void> check_certificates(const std::string& pem) {
  const auto read = read_certificates(pem);
  return read ? base::ok() : base::Result<void>(read.error());
}

const BIO_METHOD* make_bio_method(const char* name, SendBytes send, ReceiveBytes receive, ControlBio control) {
  auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, name);
  BIO_meth_set_create(made, [](BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  });
  BIO_meth_set_write(made, send);
  BIO_meth_set_read(made, receive);
  BIO_meth_set_ctrl(made, control);
  return made;
}

std::string tls_error_text() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "OpenSSL error " + std::to_string(code);
}

base::Result<void> set_up_client(SSL_CTX* context, const ClientTls& tls) {
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, tls.is_verified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (auto trusted = trust(context, tls.ca_pem, tls.trusts_system); !trusted) return trusted;
  if (!tls.certificate_pem.empty()) return use_identity(context, tls.certificate_pem, tls.key_pem);
  return base::ok();
}

base::Result<void> set_peer_name(SSL* session, const ClientTls& tls, const std::string& host) {
  std::string name = tls.server_name.empty() ? host : tls.server_name;
  if (name.ends_with('.')) name.pop_back();  // a full name; certificates and SNI have it without (RFC 6066 §3)
  const bool is_literal = is_address(name);
  if (!is_literal && SSL_set_tlsext_host_name(session, name.c_str()) != 1) return invalid("server name " + name);
  auto* checks = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int is_set = is_literal ? X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str())
                                : X509_VERIFY_PARAM_set1_host(checks, name.c_str(), name.size());
  if (is_set != 1) return invalid("server name " + name);
  return base::ok();
}

base::Result<SslContext> make_client_context(const ClientTls& tls) {
  // A context is about 100 kB, and a process' connections share few settings (an agent: API server, peers): the last
  // ones are kept.
  struct Kept {
    ClientTls tls;
    SslContext context;
  };
  static std::mutex mutex;
  static std::deque<Kept> kept;
  const std::lock_guard lock(mutex);
  auto found = std::find_if(kept.begin(), kept.end(), [&](const Kept& one) { return one.tls == tls; });
  if (found == kept.end()) {
    SslContext context(SSL_CTX_new(TLS_client_method()));
    if (!context) return invalid("no context");
    if (auto ready = set_up_client(context.get(), tls); !ready) return ready.error();
    if (kept.size() == kKeptContexts) kept.pop_front();
    kept.push_back({tls, std::move(context)});
    found = std::prev(kept.end());
  }
  SSL_CTX_up_ref(found->context.get());
  return SslContext(found->context.get());
}

base::Result<SslContext> make_server_context(const ServerTls& tls) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return invalid("no context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Resumed sessions would skip the check of the client certificate's present state.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  if (auto ready = use_identity(context.get(), tls.certificate_pem, tls.key_pem); !ready) return ready.error();
  if (!tls.client_ca_pem.empty()) {
    if (auto trusted = trust(context.get(), tls.client_ca_pem); !trusted) return trusted.error();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const auto& name = tls.client_name;
    if (!name.empty() && X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(context.get()), name.c_str(), name.size()) != 1)
      return invalid("client name " + name);
  }
  return context;
}

}  // namespace cadence::net
