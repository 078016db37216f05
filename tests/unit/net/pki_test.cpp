#include "net/pki.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

#include "base/text.hpp"

namespace cadence::net {
namespace {

const base::Wall kNow = base::parse_rfc3339("2026-03-04T10:00:00Z");

TEST(Pki, CertificatesExpireWhenAsked) {
  const auto authority = make_ca("ca", std::chrono::hours(48), kNow);
  ASSERT_TRUE(authority);
  const auto term = certificate_validity(authority->certificate_pem);
  EXPECT_EQ(term->begin, kNow - std::chrono::minutes(5));
  EXPECT_EQ(term->end, kNow + std::chrono::hours(48));
  const auto leaf = issue_certificate(
      *authority, {.common_name = "db", .dns_names = {"db.svc", "*.db.svc"}, .ip_addresses = {"10.0.0.1", "fd00::1"}},
      kNow);
  ASSERT_TRUE(leaf) << leaf.error().message;
  EXPECT_EQ(certificate_validity(leaf->certificate_pem)->end, kNow + std::chrono::hours(24 * 90));
  EXPECT_THAT(leaf->key_pem, ::testing::StartsWith("-----BEGIN PRIVATE KEY-----"));
}

TEST(Pki, RefusesBadInput) {
  const auto authority = make_ca("ca", std::chrono::hours(48), kNow).value();
  EXPECT_EQ(issue_certificate({"nonsense", "nonsense"}, {}, kNow).error().kind, base::ErrorKind::Invalid);
  EXPECT_FALSE(
      issue_certificate({authority.certificate_pem, make_ca("b", std::chrono::hours(1), kNow)->key_pem}, {}, kNow));
  EXPECT_FALSE(
      issue_certificate(authority, {.common_name = "x", .dns_names = {"a,DNS:evil.test"}, .ip_addresses = {}}, kNow));
  EXPECT_FALSE(
      issue_certificate(authority, {.common_name = "x", .dns_names = {}, .ip_addresses = {"not-an-address"}}, kNow));
  EXPECT_FALSE(certificate_validity(""));
}

// Made by `openssl req -x509 -newkey rsa:1024` and `openssl pkey -aes128`, as users' tools would.
std::string run(const std::string& command) {
  std::string out;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) out.append(buffer, n);
  return out;
}

TEST(Pki, SaysWhetherAServerCanStartWithAPair) {
  const auto authority = make_ca("ca", std::chrono::hours(48), kNow).value();
  const auto pair =
      issue_certificate(authority, {.common_name = "x", .dns_names = {"x"}, .ip_addresses = {}}, kNow).value();
  const auto other =
      issue_certificate(authority, {.common_name = "y", .dns_names = {"y"}, .ip_addresses = {}}, kNow).value();
  EXPECT_TRUE(check_server_pair(pair));
  EXPECT_TRUE(check_server_pair({pair.certificate_pem + authority.certificate_pem, pair.key_pem})) << "with its chain";
  EXPECT_TRUE(check_server_pair({"said before\n" + pair.certificate_pem + "said after\n", pair.key_pem}))
      << "text between";
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string weak = run("openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=x -keyout /dev/stdout 2>/dev/null");
  ASSERT_NE(weak.find(begin), std::string::npos);
  const std::string locked = run("printf '%s' '" + pair.key_pem + "' | openssl pkey -aes128 -passout pass:potter");
  ASSERT_NE(locked.find("ENCRYPTED"), std::string::npos);
  const std::pair<KeyPair, const char*> unfit[] = {
      {{"", pair.key_pem}, "tls.crt is missing or empty"},
      {{pair.certificate_pem, ""}, "tls.key is missing or empty"},
      {{"nonsense", pair.key_pem}, "tls.crt is no PEM certificate"},
      {{pair.certificate_pem, other.key_pem}, "tls.key is not the key of tls.crt"},
      {{authority.certificate_pem + pair.certificate_pem, pair.key_pem}, "tls.key is not the key of tls.crt"},
      {{pair.certificate_pem, locked}, "tls.key is no PEM private key"},
      {{pair.certificate_pem + begin + "%%%%\n-----END CERTIFICATE-----\n", pair.key_pem},
       "tls.crt is refused by OpenSSL"},
      {{weak.substr(weak.find(begin)), weak.substr(0, weak.find(begin))}, "tls.crt is refused by OpenSSL: "},
  };
  for (const auto& [bad, why] : unfit) {
    const auto checked = check_server_pair(bad);
    ASSERT_FALSE(checked) << why;
    EXPECT_THAT(checked.error().message, ::testing::HasSubstr(why));
    EXPECT_THAT(checked.error().message, ::testing::Not(::testing::HasSubstr("PRIVATE")));
  }
  EXPECT_TRUE(check_server_pair(pair)) << "nothing is left behind by those before";
}

TEST(Pki, SaysWhoIssuedACertificate) {
  const auto now = base::system_clock().wall();
  const auto one = *make_ca("one", std::chrono::hours(1), now), two = *make_ca("one", std::chrono::hours(1), now);
  const auto leaf = *issue_certificate(one, {.common_name = "x", .dns_names = {"x"}}, now);
  EXPECT_TRUE(is_issued_by(leaf.certificate_pem, one.certificate_pem));
  EXPECT_FALSE(is_issued_by(leaf.certificate_pem, two.certificate_pem)) << "the same name is not the same key";
  const auto renamed =
      run("printf '%s' '" + one.key_pem + "' | openssl req -x509 -new -key /dev/stdin -subj /CN=another 2>/dev/null");
  ASSERT_TRUE(check_pair({renamed, one.key_pem}, true));
  EXPECT_FALSE(is_issued_by(leaf.certificate_pem, renamed)) << "the same key is not the same name";
  EXPECT_FALSE(is_issued_by(leaf.certificate_pem, leaf.certificate_pem));
  for (const char* nothing : {"", "no PEM"})
    EXPECT_FALSE(is_issued_by(leaf.certificate_pem, nothing) || is_issued_by(nothing, one.certificate_pem));
}

TEST(Hash, KnownValues) {
  EXPECT_EQ(base::to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(base::to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 case 2.
  EXPECT_EQ(base::to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(base::to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  HmacSha256 pieces("Jefe");
  pieces.update("what do ya want ");
  auto moved = std::move(pieces);
  moved.update("for nothing?");
  EXPECT_EQ(moved.finish(), hmac_sha256("Jefe", "what do ya want for nothing?"));
}

}  // namespace
}  // namespace cadence::net
