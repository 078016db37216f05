#include "net/pki.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

#include "net/tls_context.hpp"

namespace cadence::net {

namespace {

struct Free {
  void operator()(BIO* at) const { BIO_free(at); }
  void operator()(X509* at) const { X509_free(at); }
  void operator()(EVP_PKEY* at) const { EVP_PKEY_free(at); }
  void operator()(BIGNUM* at) const { BN_free(at); }
  void operator()(EVP_MD_CTX* at) const { EVP_MD_CTX_free(at); }
  void operator()(SSL_CTX* at) const { SSL_CTX_free(at); }
  void operator()(X509_EXTENSION* at) const { X509_EXTENSION_free(at); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

base::Error failure(base::ErrorKind kind, const std::string& what) { return {kind, what + ": " + tls_error_text()}; }

int no_passphrase(char*, int, int, void*) { return 0; }

Certificate read_certificate(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
}

Key read_key(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

KeyPair to_pem(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_bio(BIO_new(BIO_s_mem())), key_bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_bio.get(), certificate);
  PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_bio), text_of(key_bio)};
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// 128 random bits (CA/B baseline asks for 64), positive, never zero.
bool set_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const std::unique_ptr<BIGNUM, Free> number(BN_bin2bn(bytes, sizeof(bytes), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

Certificate blank_certificate(const std::string& common_name, EVP_PKEY* key, std::chrono::hours lifetime,
                              base::Wall now) {
  Certificate out(X509_new());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  X509_set_version(out.get(), X509_VERSION_3);
  // Five minutes back, for machines whose clock is behind.
  ASN1_TIME_set(X509_getm_notBefore(out.get()), seconds - 300);
  ASN1_TIME_set(X509_getm_notAfter(out.get()), seconds + std::chrono::seconds(lifetime).count());
  // RFC 5280 bounds the common name to 64 characters; the full names are in the alternative names.
  const std::string name = common_name.substr(0, 64);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0);
  X509_set_pubkey(out.get(), key);
  return set_serial(out.get()) ? std::move(out) : nullptr;
}

std::string alternative_names(const CertificateRequest& request) {
  std::string out;
  for (const auto& name : request.dns_names) out += (out.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& address : request.ip_addresses) out += (out.empty() ? "IP:" : ",IP:") + address;
  return out;
}

// The extension syntax gives ',' and others a meaning, so names are held to what DNS names and addresses may hold.
bool is_plain(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*:_") !=
                            std::string::npos) {
      return false;
    }
  }
  return true;
}

bool add_leaf_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  std::string usage;
  if (request.is_server) usage = "serverAuth";
  if (request.is_client) usage += usage.empty() ? "clientAuth" : ",clientAuth";
  const auto names = alternative_names(request);
  return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         (usage.empty() || add_extension(certificate, issuer, NID_ext_key_usage, usage)) &&
         (names.empty() || add_extension(certificate, issuer, NID_subject_alt_name, names)) &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

}  // namespace

base::Result<KeyPair> make_ca(const std::string& common_name, std::chrono::hours lifetime, base::Wall now) {
  ERR_clear_error();
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = key ? blank_certificate(common_name, key.get(), lifetime, now) : nullptr;
  if (!certificate) return failure(base::ErrorKind::Bug, "Could not make a CA");
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  auto* self = certificate.get();
  const bool is_made = add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                       add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                       add_extension(self, self, NID_subject_key_identifier, "hash") &&
                       X509_sign(self, key.get(), EVP_sha256()) > 0;
  if (!is_made) return failure(base::ErrorKind::Bug, "Could not make a CA");
  return to_pem(self, key.get());
}

base::Result<void> check_pair(const KeyPair& pair, bool must_sign) {
  ERR_clear_error();
  const auto unfit = [](const std::string& why) { return base::Error{base::ErrorKind::Invalid, why}; };
  const auto certificate = read_certificate(pair.certificate_pem);
  if (!certificate)
    return unfit(pair.certificate_pem.empty() ? "tls.crt is missing or empty" : "tls.crt is no PEM certificate");
  const auto key = read_key(pair.key_pem);
  if (!key) return unfit(pair.key_pem.empty() ? "tls.key is missing or empty" : "tls.key is no PEM private key");
  const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return unfit("tls.key is not the key of tls.crt");
  if (must_sign && X509_check_ca(certificate.get()) != 1) return unfit("tls.crt is not an authority's certificate");
  return {};
}

base::Result<void> check_server_pair(const KeyPair& pair) {
  if (auto checked = check_pair(pair, false); !checked) return checked;
  const std::unique_ptr<SSL_CTX, Free> server(SSL_CTX_new(TLS_server_method()));
  const Bio bio(BIO_new_mem_buf(pair.certificate_pem.data(), static_cast<int>(pair.certificate_pem.size())));
  if (!server) return failure(base::ErrorKind::Bug, "Could not try a certificate");
  SSL_CTX_set_security_level(server.get(), 2);
  const auto key = read_key(pair.key_pem);
  bool is_taken = true;
  for (int i = 0; is_taken; ++i) {
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!certificate) break;
    is_taken = i == 0 ? SSL_CTX_use_certificate(server.get(), certificate.get()) == 1
                      : SSL_CTX_add1_chain_cert(server.get(), certificate.get()) == 1;
  }
  // What ends the loop above is the end of the text, or a certificate that cannot be read.
  const auto last = ERR_peek_last_error();
  const bool is_at_end = is_taken && ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (is_at_end) ERR_clear_error();
  if (!is_at_end) return failure(base::ErrorKind::Invalid, "tls.crt is refused by OpenSSL");
  if (SSL_CTX_use_PrivateKey(server.get(), key.get()) != 1)
    return failure(base::ErrorKind::Invalid, "tls.key is refused by OpenSSL");
  return {};
}

bool is_issued_by(const std::string& certificate_pem, const std::string& authority_pem) {
  const auto certificate = read_certificate(certificate_pem), authority = read_certificate(authority_pem);
  const bool is_signed =
      certificate && authority && X509_check_ca(authority.get()) == 1 &&
      X509_NAME_cmp(X509_get_issuer_name(certificate.get()), X509_get_subject_name(authority.get())) == 0 &&
      X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return is_signed;
}

base::Result<KeyPair> issue_certificate(const KeyPair& ca, const CertificateRequest& request, base::Wall now) {
  ERR_clear_error();
  const std::string attempt = "Could not issue a certificate for " + request.common_name;
  const auto issuer = read_certificate(ca.certificate_pem);
  const auto issuer_key = read_key(ca.key_pem);
  if (!issuer || !issuer_key) return failure(base::ErrorKind::Invalid, attempt + ": the CA is not PEM");
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return failure(base::ErrorKind::Invalid, attempt + ": the CA's key is not its own");
  }
  if (!is_plain(request.dns_names) || !is_plain(request.ip_addresses)) {
    return base::Error{base::ErrorKind::Invalid, attempt + ": an alternative name holds a forbidden character"};
  }
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = key ? blank_certificate(request.common_name, key.get(), request.lifetime, now) : nullptr;
  if (!certificate) return failure(base::ErrorKind::Bug, attempt);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
  if (!add_leaf_extensions(certificate.get(), issuer.get(), request) ||
      X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) <= 0) {
    return failure(base::ErrorKind::Invalid, attempt);
  }
  return to_pem(certificate.get(), key.get());
}

base::Result<std::string> sign_rs256(const std::string& key_pem, std::string_view message) {
  constexpr int kLeastBits = 2048;
  const auto key = read_key(key_pem);
  if (!key) return failure(base::ErrorKind::Invalid, "holds no private key in PEM without a passphrase");
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_bits(key.get()) < kLeastBits)
    return base::Error{base::ErrorKind::Invalid, "holds no RSA key of at least 2048 bits"};
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_size(key.get())), '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
    return failure(base::ErrorKind::Invalid, "could not sign");
  signature.resize(size);
  return signature;
}

base::Result<Validity> certificate_validity(const std::string& certificate_pem) {
  ERR_clear_error();
  const auto certificate = read_certificate(certificate_pem);
  std::tm begin{}, end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notBefore(certificate.get()), &begin) != 1 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return failure(base::ErrorKind::Invalid, "Could not read a certificate");
  }
  return Validity{base::Wall(std::chrono::seconds(timegm(&begin))), base::Wall(std::chrono::seconds(timegm(&end)))};
}

}  // namespace cadence::net
