#include "ingest/secrets.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "queue/repository_names.hpp"

namespace cadence::ingest {
namespace {

using queue::is_allowed_repository;

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

TEST(RepositoryUrl, MayHaveASegmentOfItsSender) {
  EXPECT_TRUE(is_url_of("https://dev.example/mallory/kiln/_git/x", "mallory/kiln/x", "_git"));
  EXPECT_TRUE(is_url_of("https://git.example/scm/~mallory/x.git", "~mallory/x", "scm"));
  EXPECT_FALSE(is_url_of("https://git.example/mallory/x", "mallory/x", "_git"));
  EXPECT_FALSE(is_url_of("https://git.example/mallory/_git/x", "mallory/x")) << "other senders have none";
  EXPECT_FALSE(is_url_of("https://git.example/_git/_git/mallory/x", "mallory/x", "_git"));
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
