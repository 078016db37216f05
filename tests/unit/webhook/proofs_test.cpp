#include "ingest/proofs.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {
namespace {

std::string signature_of(const std::string& secret, const std::string& body) { return net::hmac_sha256(secret, body); }

std::vector<std::string> check(const std::vector<Secret>& secrets, const std::string& signature,
                               const std::vector<std::string>& pieces) {
  const auto list = std::make_shared<std::vector<Secret>>(secrets);
  const auto proof = hmac_of_body(list, signature);
  for (const auto& piece : pieces) proof->update(piece);
  std::vector<std::string> values;
  for (const auto* secret : proof->finish(base::join(pieces, ""))) values.push_back(secret->value);
  return values;
}

TEST(Signature, TakesOnlyTheDocumentedForm) {
  const std::string digits(64, 'a');
  EXPECT_TRUE(parse_signature("sha256=" + digits));
  EXPECT_TRUE(parse_signature("sha256=" + std::string(64, 'A')));
  for (const std::string wrong : {"", "abc", "sha256=zz", "sha256=", "sha1=aabb"})
    EXPECT_FALSE(parse_signature(wrong)) << wrong;
  EXPECT_FALSE(parse_signature("SHA256=" + digits));
  EXPECT_FALSE(parse_signature("md5=" + digits));
  EXPECT_FALSE(parse_signature("sha256=" + digits + "aa"));
  EXPECT_FALSE(parse_signature("sha256=" + digits.substr(1)));
}

// The example of GitHub's documentation, "Testing the webhook payload validation".
TEST(Signature, AgreesWithGitHubsExample) {
  const auto expected = base::from_hex("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  ASSERT_TRUE(expected);
  EXPECT_EQ(check({{"It's a Secret to Everybody", {}}}, *expected, {"Hello", ", ", "World!"}).size(), 1u);
  EXPECT_TRUE(check({{"It's a Secret to Everybody", {}}}, *expected, {"Hello, World"}).empty());
}

TEST(Signature, FindsTheSecretsThatMadeIt) {
  const auto signature = signature_of("new", "body");
  EXPECT_EQ(check({{"old", {}}, {"new", {}}}, signature, {"bo", "dy"}), std::vector<std::string>{"new"});
  EXPECT_EQ(check({{"new", {"a/*"}}, {"new", {"b/*"}}}, signature, {"body"}).size(), 2u);
  EXPECT_TRUE(check({{"old", {}}}, signature, {"body"}).empty());
  EXPECT_TRUE(check({}, signature, {"body"}).empty());
}

}  // namespace
}  // namespace cadence::ingest
