// Credentials: the format, whom they are sent to, and against git's own HTTP backend.
#include <gtest/gtest.h>

#include "analysis/source/guard/credentials.hpp"
#include "analysis/source/git/repository.hpp"
#include "script_servers.hpp"

namespace cadence::analysis::source {
namespace {

TEST(Credentials, AreReadFromGitsOwnFormat) {
  const auto read = parse_credentials(
      "# comment\n\nhttps://ada:s3cr%40t@Git.Example.org\nhttp://bot:x:y@host:8080/path\n  https://:token@b.org  \n");
  ASSERT_TRUE(read.is_ok()) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].host, "git.example.org");
  EXPECT_EQ((*read)[0].password, "s3cr@t");
  EXPECT_EQ((*read)[0].port, "443");
  EXPECT_EQ((*read)[1].password, "x:y");
  EXPECT_EQ((*read)[1].port, "8080");
  EXPECT_EQ((*read)[2].user, "");
}

TEST(Credentials, WrongLinesAreNamedWithoutShowingThem) {
  for (const std::string wrong :
       {"secret", "ftp://a:secret@h", "https://a:secret", "https://secret@h", "https://a:secret%zz@h",
        "https://a:secret%00@h", "https://a:secret@", "https://a:secret@h:"}) {
    const auto read = parse_credentials("https://a:b@c\n" + wrong);
    ASSERT_FALSE(read.is_ok()) << wrong;
    EXPECT_EQ(read.error().message, "line 2 is not of the form https://user:password@host");
  }
}

TEST(Credentials, CountForTheirSchemeHostAndPort) {
  const auto read = parse_credentials("https://a:1@h\nhttp://b:2@h:8080\nhttps://c:3@h\n").value();
  EXPECT_EQ(find_credential(read, "https", "H", "443")->user, "a");
  EXPECT_EQ(find_credential(read, "http", "h", "8080")->user, "b");
  for (const auto& [scheme, host, port] : {std::tuple("http", "h", "80"), std::tuple("https", "h", "8443"),
                                           std::tuple("https", "sub.h", "443"), std::tuple("https", "h.evil", "443")}) {
    EXPECT_EQ(find_credential(read, scheme, host, port), nullptr) << scheme << host << port;
  }
}

struct PrivateRepository : ::testing::Test {
  ScratchFolder folder;
  ScratchFolder elsewhere;
  ScratchFolder secret;
  ScratchFolder clones;
  ScratchRepository repository{folder.path() / "a"};
  Backend backend{folder.path(), "ada", "s3cret/@"};

  void SetUp() override {
    repository.write("a", "1\n");
    repository.commit("first");
  }
  void set_credentials(const std::string& text) { std::ofstream(secret.path() / "git-credentials") << text; }
  base::Result<Clone> cloned(const std::string& place) {
    CloneOptions options;
    options.url = "http://" + place + "/a/.git";
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.credentials = secret.path();
    options.time_limit = std::chrono::seconds(20);
    return clone(options, {});
  }
};

TEST_F(PrivateRepository, IsClonedWithItsCredentials) {
  set_credentials("http://ada:s3cret%2F%40@" + backend.place() + "\n");
  const auto made = cloned(backend.place());
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(analyse(made->path(), {}, {}, {})->total_commits, 1);
  EXPECT_EQ(run("grep -rc s3cret " + made->path().string() + "/config || true"), "0");
}

TEST_F(PrivateRepository, SaysWhatIsMissing) {
  const auto made = cloned(backend.place());
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Forbidden);
  EXPECT_NE(made.error().message.find("clone.credentials_folder"), std::string::npos) << made.error().message;
}

TEST_F(PrivateRepository, RefusedCredentialsAreSentOnceAndNotShown) {
  set_credentials("http://ada:wrong@" + backend.place() + "\n");
  const auto made = cloned(backend.place());
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Forbidden);
  EXPECT_TRUE(
      made.error().message.ends_with("the server refused the credentials for 127.0.0.1. Renew them in the Secret"))
      << made.error().message;
  EXPECT_EQ(made.error().message.find("wrong"), std::string::npos);
}

TEST_F(PrivateRepository, UnreadableCredentialsNameTheirFile) {
  set_credentials("http://ada-s3cret\n");
  const auto made = cloned(backend.place());
  ASSERT_FALSE(made.is_ok());
  EXPECT_NE(made.error().message.find("git-credentials: line 1 is not of the form"), std::string::npos)
      << made.error().message;
  EXPECT_EQ(made.error().message.find("s3cret"), std::string::npos);
}

TEST_F(PrivateRepository, FilesForSshConcernSshAlone) {
  set_credentials("http://ada:s3cret%2F%40@" + backend.place() + "\n");
  std::ofstream(secret.path() / "known_hosts") << "|1|hashed\n";
  std::ofstream(secret.path() / "ssh-privatekey") << "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n";
  std::filesystem::create_symlink("loop", secret.path() / "loop");
  const auto made = cloned(backend.place());
  EXPECT_TRUE(made.is_ok()) << made.error().message;
}

TEST_F(PrivateRepository, ARedirectToAnotherServerGetsNothing) {
  Backend other(elsewhere.path(), "eve", "x");
  Backend sending(elsewhere.path(), "any", "any", "http://" + other.place());
  set_credentials("http://ada:s3cret@" + sending.place() + "\n");
  EXPECT_FALSE(cloned(sending.place()).is_ok());
  EXPECT_EQ(other.seen().find("Basic"), std::string::npos) << other.seen();
}

}  // namespace
}  // namespace cadence::analysis::source
