#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/text.hpp"
#include "feedback/github_app.hpp"
#include "json/value.hpp"
#include "net/pki.hpp"

namespace cadence::feedback {
namespace {

struct TestKey {
  explicit TestKey(EVP_PKEY* made) : key(made) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    pem.assign(data, static_cast<std::size_t>(size));
    BIO_free(bio);
  }
  ~TestKey() { EVP_PKEY_free(key); }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;
  [[nodiscard]] bool verifies(const std::string& text, const std::string& signature) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
    const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
    const bool is_good = EVP_DigestVerify(context, bytes, signature.size(),
                                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
    return is_good;
  }
  EVP_PKEY* key;
  std::string pem;
};

std::string decoded(std::string text) {
  text = base::replace_all(base::replace_all(std::move(text), "-", "+"), "_", "/");
  while (text.size() % 4 != 0) text += '=';
  return base::from_base64(text).value_or("");
}

TEST(AppProof, IsAJwtThatTheKeySigned) {
  const TestKey key(EVP_RSA_gen(2048));
  const base::Wall now(std::chrono::seconds(1'800'000'000));
  const auto proof = app_proof("4711", key.pem, now);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->find_first_of("+/="), std::string::npos) << "base64url";
  const auto parts = base::split(*proof, '.');
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(decoded(parts[0]), R"({"alg":"RS256","typ":"JWT"})");
  const auto claims = json::parse(decoded(parts[1]));
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, (json::Value{{"iat", 1'799'999'940}, {"exp", 1'800'000'480}, {"iss", "4711"}}));
  EXPECT_TRUE(key.verifies(parts[0] + "." + parts[1], decoded(parts[2])));
  EXPECT_FALSE(key.verifies(parts[0] + ".x", decoded(parts[2])));
}

TEST(AppProof, NeedsAnRsaKey) {
  const TestKey weak(EVP_RSA_gen(1024)), curve(EVP_EC_gen("P-256"));
  for (const auto& pem : {weak.pem, curve.pem, std::string("hush"), std::string()}) {
    const auto proof = app_proof("4711", pem, {});
    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().kind, base::ErrorKind::Invalid);
    EXPECT_EQ(proof.error().message.find("hush"), std::string::npos);
  }
  EXPECT_EQ(app_proof("4711", weak.pem, {}).error().message, "holds no RSA key of at least 2048 bits");
}

TEST(Tokens, AreOneWord) {
  for (const char* good : {"x", "ghp_abc", "mira:t0ken"}) EXPECT_TRUE(is_sound_token(good));
  for (const char* bad : {"", "a b", "a\nb", "a\r\nX: y", "\xc3\xa9"}) EXPECT_FALSE(is_sound_token(bad)) << bad;
}

}  // namespace
}  // namespace cadence::feedback
