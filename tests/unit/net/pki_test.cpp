#include "net/pki.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"

namespace cadence::net {
namespace {

const base::Wall kNow = base::parse_rfc3339("2026-03-04T10:00:00Z");

TEST(Pki, certificates_expire_when_asked) {
  const auto authority = make_ca("ca", std::chrono::hours(48), kNow);
  ASSERT_TRUE(authority);
  EXPECT_EQ(*certificate_expiry(authority->certificate_pem), kNow + std::chrono::hours(48));
  const auto leaf = issue_certificate(*authority, {.common_name = "db", .dns_names = {"db.svc", "*.db.svc"}, .ip_addresses = {"10.0.0.1", "fd00::1"}}, kNow);
  ASSERT_TRUE(leaf) << leaf.error().message;
  EXPECT_EQ(*certificate_expiry(leaf->certificate_pem), kNow + std::chrono::hours(24 * 90));
  EXPECT_THAT(leaf->key_pem, ::testing::StartsWith("-----BEGIN PRIVATE KEY-----"));
}

TEST(Pki, refuses_bad_input) {
  const auto authority = make_ca("ca", std::chrono::hours(48), kNow).value();
  EXPECT_EQ(issue_certificate({"nonsense", "nonsense"}, {}, kNow).error().kind, base::ErrorKind::Invalid);
  EXPECT_FALSE(issue_certificate({authority.certificate_pem, make_ca("b", std::chrono::hours(1), kNow)->key_pem}, {}, kNow));
  EXPECT_FALSE(issue_certificate(authority, {.common_name = "x", .dns_names = {"a,DNS:evil.test"}, .ip_addresses = {}}, kNow));
  EXPECT_FALSE(issue_certificate(authority, {.common_name = "x", .dns_names = {}, .ip_addresses = {"not-an-address"}}, kNow));
  EXPECT_FALSE(certificate_expiry(""));
}

TEST(Hash, known_values) {
  EXPECT_EQ(base::to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(base::to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 case 2.
  EXPECT_EQ(base::to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(base::to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  HmacSha256 pieces("Jefe");
  pieces.update("what do ya want ");
  auto moved = std::move(pieces);
  moved.update("for nothing?");
  EXPECT_EQ(moved.finish(), hmac_sha256("Jefe", "what do ya want for nothing?"));
}

}  // namespace
}  // namespace cadence::net
