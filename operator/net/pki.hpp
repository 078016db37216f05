// Keys and X.509 certificates made in memory with OpenSSL: the operator's own small CA (RFC 5280). Pure but for
// randomness.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace cadence::net {

struct KeyPair {
  std::string certificate_pem, key_pem;  // EC P-256, PKCS#8
};

struct CertificateRequest {
  std::string common_name{};
  std::vector<std::string> dns_names{};
  std::vector<std::string> ip_addresses{};
  std::chrono::hours lifetime{24 * 90};
  bool is_client = true, is_server = true;  // extended key usage
};

base::Result<KeyPair> make_ca(const std::string& common_name, std::chrono::hours lifetime, base::Wall now);
base::Result<KeyPair> issue_certificate(const KeyPair& ca, const CertificateRequest& request, base::Wall now);
// Whether a pair can be used at all: both can be read and belong together, and `must_sign`: the certificate is an
// authority's. Says nothing of trust or time.
base::Result<void> check_pair(const KeyPair& pair, bool must_sign);
// Whether a TLS server can start with it: as check_pair, and OpenSSL at Debian's security level 2 takes the whole chain
// (no RSA key below 2048 bits, no SHA-1).
base::Result<void> check_server_pair(const KeyPair& pair);
// Whether this authority (a certificate, PEM) signed it, under its own name; false where one of the two cannot be read.
// Says nothing of time.
bool is_issued_by(const std::string& certificate_pem, const std::string& authority_pem);

struct Validity {
  base::Wall begin{}, end{};  // notBefore, notAfter
};
base::Result<Validity> certificate_validity(const std::string& certificate_pem);

// 20 raw bytes; for what git wrote, never for trust
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

// Ed25519 (RFC 8032): a raw public key of 32 bytes and a signature of 64. False for anything else.
bool verify_ed25519(std::string_view public_key, std::string_view message, std::string_view signature);

// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3), raw; the key is RSA of at least 2048 bits, PKCS#1 or PKCS#8, in PEM,
// and not encrypted.
base::Result<std::string> sign_rs256(const std::string& key_pem, std::string_view message);

// HMAC-SHA256 over a body that arrives in pieces.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  void update(std::string_view piece);
  std::string finish();  // once

 private:
  void* context_;
};

}  // namespace cadence::net
