#include "ingest/secrets.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/text.hpp"

namespace cadence::ingest {
namespace {

std::string signature_of(const std::string& secret, const std::string& body) { return net::hmac_sha256(secret, body); }

std::vector<std::string> check(const std::vector<Secret>& secrets, const std::string& signature,
                               const std::vector<std::string>& pieces) {
  SignatureCheck signature_check(std::make_shared<std::vector<Secret>>(secrets), signature);
  for (const auto& piece : pieces) signature_check.update(piece);
  std::vector<std::string> values;
  for (const auto* secret : signature_check.finish()) values.push_back(secret->value);
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

TEST(RepositoryFilter, MatchesNamesAndOwners) {
  EXPECT_TRUE(is_allowed_repository({}, "potters/kiln"));
  EXPECT_TRUE(is_allowed_repository({"potters/kiln"}, "Potters/Kiln"));
  EXPECT_TRUE(is_allowed_repository({"x/y", "potters/*"}, "potters/kiln"));
  EXPECT_FALSE(is_allowed_repository({"potters/*"}, "potters-guild/kiln"));
  EXPECT_FALSE(is_allowed_repository({"potters/kiln"}, "potters/kiln2"));
  EXPECT_FALSE(is_allowed_repository({"potters/*"}, ""));
}

TEST(RepositoryUrl, IsBoundToTheName) {
  for (const char* url : {"https://git.example/mallory/x", "https://git.example/Mallory/X.git",
                          "ssh://git@git.example:22/mallory/x.git/", "http://u:p@h/mallory/x"})
    EXPECT_TRUE(is_url_of(url, "mallory/x")) << url;
  for (const char* url :
       {"https://git.example/victim/secret.git", "https://git.example/victim/secret?/mallory/x",
        "https://git.example/victim/mallory/x", "https://git.example/mallory/x/../../victim/secret",
        "https://git.example/mallory/x?a", "https://git.example/mallory/x#a", "https://git.example//mallory/x",
        "https://git.example", "git@git.example:mallory/x", "", "https://git.example/mallory/x.git.git"})
    EXPECT_FALSE(is_url_of(url, "mallory/x")) << url;
  // The name is the sender's word as well.
  for (const char* name : {"mallory/../victim/secret", "mallory/./x", "mallory//x", "mallory/%2e%2e/victim/secret",
                           "mallory/..\\victim", "mallory", ""})
    EXPECT_FALSE(is_url_of(std::string("https://git.example/") + name, name)) << name;
  EXPECT_TRUE(is_url_of("https://git.example/mallory/group/x.git", "mallory/group/x"));
}

TEST(SecretScope, StaysWhileTheSecretIsRotated) {
  EXPECT_EQ(scope_of({"old", {"B/*", "a/x"}}), scope_of({"new", {"a/X", "b/*"}}));
  EXPECT_EQ(scope_of({"a", {}}), "*");
  EXPECT_NE(scope_of({"a", {"a/*"}}), scope_of({"a", {}}));
}

TEST(Secrets, FilesAreReadAgainAndKeptWhenTheyVanish) {
  const std::string path = "/tmp/cadence-secret-test-" + std::to_string(getpid());
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write("first\n");
  Secrets secrets({{"fixed", {}}}, {{path, {"a/*"}}});
  ASSERT_TRUE(secrets.refresh());
  ASSERT_EQ(secrets.current()->size(), 2u);
  EXPECT_EQ(secrets.current()->at(1).value, "first");
  write("second");
  ASSERT_TRUE(secrets.refresh());
  EXPECT_EQ(secrets.current()->at(1).value, "second");
  unlink(path.c_str());
  EXPECT_FALSE(secrets.refresh());
  EXPECT_EQ(secrets.current()->at(1).value, "second");
}

}  // namespace
}  // namespace cadence::ingest
