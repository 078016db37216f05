#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "net/pki.hpp"

namespace cadence::net {

namespace {

struct Hmac {
  explicit Hmac(std::string_view key) {
    static EVP_MAC* const kind = EVP_MAC_fetch(nullptr, "HMAC", nullptr);  // to fetch it takes locks
    context = EVP_MAC_CTX_new(kind);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
    // An empty key still needs a pointer, or OpenSSL takes it for "no key".
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
    EVP_MAC_init(context, bytes, key.size(), parameters);
  }
  ~Hmac() { EVP_MAC_CTX_free(context); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  EVP_MAC_CTX* context = nullptr;
};

}  // namespace

std::string sha1(std::string_view bytes) {
  std::string out(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string sha256(std::string_view bytes) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  HmacSha256 hmac(key);
  hmac.update(bytes);
  return hmac.finish();
}

bool verify_ed25519(std::string_view public_key, std::string_view message, std::string_view signature) {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool is_right =
      key != nullptr && context != nullptr && EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(message), message.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return is_right;
}

HmacSha256::HmacSha256(std::string_view key) : context_(new Hmac(key)) {}
HmacSha256::~HmacSha256() { delete static_cast<Hmac*>(context_); }
HmacSha256::HmacSha256(HmacSha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
HmacSha256& HmacSha256::operator=(HmacSha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

void HmacSha256::update(std::string_view piece) {
  EVP_MAC_update(static_cast<Hmac*>(context_)->context, reinterpret_cast<const unsigned char*>(piece.data()),
                 piece.size());
}

std::string HmacSha256::finish() {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  std::size_t written = 0;
  EVP_MAC_final(static_cast<Hmac*>(context_)->context, reinterpret_cast<unsigned char*>(out.data()), &written,
                out.size());
  return out;
}

}  // namespace cadence::net
