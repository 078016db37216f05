// Cloning from this machine and from git's own server on loopback, and everything that must be refused, cut or stopped.
#include <gtest/gtest.h>

#include "analysis/source/git/repository.hpp"
#include "memory_objects.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

struct Cloning : ::testing::Test {
  ScratchFolder folder;
  ScratchFolder clones;
  ScratchRepository repository{folder.path() / "a"};

  CloneOptions local() {
    CloneOptions options;
    options.url = repository.path();
    options.folder = clones.path();
    options.allow_local = true;
    return options;
  }
  CloneOptions remote(const std::string& url) {
    CloneOptions options;
    options.url = url;
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.time_limit = std::chrono::seconds(20);
    return options;
  }
  // The sentence of a clone that must fail, and that leaves nothing behind.
  std::string refusal(const CloneOptions& options) {
    const auto made = clone(options, {});
    EXPECT_FALSE(made.is_ok());
    EXPECT_EQ(clones.count(), 0U);
    return made ? "" : made.error().message;
  }
  std::string two_branches() {
    repository.write("a", "1\n");
    repository.commit("first");
    repository.git("checkout -q -b side/one");
    repository.write("b", git::lines(30));
    repository.commit("side");
    repository.git("checkout -q trunk");
    repository.write("c", "1\n");
    return repository.commit("trunk");
  }
};

TEST_F(Cloning, LocalCloneIsBareAndGoesAway) {
  const std::string trunk = two_branches();
  {
    const auto made = clone(local(), {});
    ASSERT_TRUE(made.is_ok()) << made.error().message;
    EXPECT_EQ(run("git -C " + made->path().string() + " rev-parse --is-bare-repository HEAD"), "true\n" + trunk);
    EXPECT_EQ(analyse(made->path(), {}, {}, {})->tip, trunk);
  }
  EXPECT_EQ(clones.count(), 0U);
}

TEST_F(Cloning, FetchesOnlyTheBranchesThatAreNeeded) {
  two_branches();
  const auto references = [&](const CloneOptions& options) {
    const auto made = clone(options, {});
    return run("git -C " + made.value().path().string() + " for-each-ref --format='%(refname)'");
  };
  repository.git("tag v1");
  CloneOptions options = local();
  EXPECT_EQ(references(options), "refs/heads/trunk");
  options.branch = "side/one";
  options.after = std::string(40, '1');
  EXPECT_EQ(references(options), "refs/heads/side/one\nrefs/heads/trunk");
  options.branch = "gone";  // deleted since the push: the commit may be anywhere
  EXPECT_EQ(references(options), "refs/heads/side/one\nrefs/heads/trunk\nrefs/tags/v1");
}

TEST_F(Cloning, DetachedHead) {
  const std::string trunk = two_branches();
  repository.git("checkout -q --detach trunk~1");
  CloneOptions options = local();
  options.branch = "trunk";
  const auto made = clone(options, {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(analyse(made->path(), {"trunk", ""}, {}, {})->tip, trunk);
  EXPECT_EQ(analyse(made->path(), {}, {}, {})->total_commits, 1);  // HEAD itself
}

TEST_F(Cloning, FromGitsOwnServer) {
  two_branches();
  const GitServer server(folder.path());
  CloneOptions options = remote(server.url("a"));
  options.branch = "side/one";
  {
    const auto made = clone(options, {});
    ASSERT_TRUE(made.is_ok()) << made.error().message;
    EXPECT_EQ(analyse(made->path(), {"side/one", ""}, {}, {})->total_commits, 2);
  }
  EXPECT_TRUE(refusal(remote(server.url("none")))
                  .starts_with("Could not clone " + server.url("none") + ": there is no such repository"));
}

TEST_F(Cloning, AllowedHostsMayBePrivateOthersNot) {
  two_branches();
  const GitServer server(folder.path());
  CloneOptions options = remote(server.url("a"));
  options.allow_private_networks = false;
  EXPECT_EQ(refusal(options), "Could not clone " + options.url +
                                  ": the host 127.0.0.1 has the address 127.0.0.1, which is not public. "
                                  "Add the host to clone.allowed_hosts if it should be reached");
  options.allowed_hosts = {"127.0.0.1"};
  EXPECT_TRUE(clone(options, {}).is_ok());
}

TEST_F(Cloning, PrivateAddressesInAnySpelling) {
  for (const char* url : {"http://localhost/a", "https://127.1/a", "http://2130706433/a", "http://0x7f000001/a",
                          "git://[::1]/a", "http://[::ffff:10.0.0.1]/a", "http://169.254.169.254/latest/meta-data",
                          "ssh://git@10.0.0.1/a", "http://0/a"}) {
    CloneOptions options = remote(url);
    options.allow_private_networks = false;
    const auto made = clone(options, {});
    ASSERT_FALSE(made.is_ok()) << url;
    EXPECT_EQ(made.error().kind, base::ErrorKind::Forbidden) << made.error().message;
  }
}

TEST_F(Cloning, RedirectIsCheckedLikeTheUrl) {
  // 127.0.0.1 is allowed here, the address it leads to is not.
  const FixedServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/a.git/info/refs?service=git-upload-pack\r\nContent-Length: "
      "0\r\n\r\n",
      false);
  CloneOptions options = remote(server.url());
  options.allow_private_networks = false;
  options.allowed_hosts = {"127.0.0.1"};
  const std::string sentence = refusal(options);
  EXPECT_NE(sentence.find("127.0.0.2"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("not public"), std::string::npos) << sentence;
}

TEST_F(Cloning, HttpAnswersBecomeSentences) {
  const auto answered = [&](const std::string& status) {
    const FixedServer server("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n", false);
    const auto made = clone(remote(server.url()), {});
    EXPECT_FALSE(made.is_ok());
    return made ? base::Error{} : made.error();
  };
  EXPECT_EQ(answered("404 Not Found").kind, base::ErrorKind::NotFound);
  EXPECT_EQ(answered("401 Unauthorized\r\nWWW-Authenticate: Basic realm=x").kind, base::ErrorKind::Forbidden);
  EXPECT_EQ(answered("500 Oops").kind, base::ErrorKind::Transient);
  EXPECT_EQ(answered("200 OK").kind, base::ErrorKind::Transient);
}

TEST_F(Cloning, NobodyListens) {
  const CloneOptions options = remote("http://127.0.0.1:" + std::to_string(test::free_port()) + "/a");
  EXPECT_NE(refusal(options).find("no connection to 127.0.0.1"), std::string::npos);
}

TEST_F(Cloning, SilentServerIsCutAtTheTimeLimit) {
  const FixedServer server("", true);
  CloneOptions options = remote(server.url());
  options.time_limit = std::chrono::seconds(1);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_NE(refusal(options).find("it took longer than 1 s"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Cloning, StopCutsASilentServerAtOnce) {
  for (const std::string scheme : {"http", "https", "git", "ssh"}) {
    const FixedServer server("", true);
    std::stop_source stop;
    CloneOptions options = remote(scheme + "://127.0.0.1:" + std::to_string(server.port()) + "/a.git");
    const auto begin = std::chrono::steady_clock::now();
    std::jthread stopper([&] {
      while (!is_listening(server.port())) std::this_thread::yield();
      stop.request_stop();
    });
    const auto made = clone(options, stop.get_token());
    ASSERT_FALSE(made.is_ok());
    EXPECT_EQ(made.error().kind, base::ErrorKind::Canceled) << made.error().message;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << scheme;
    EXPECT_EQ(clones.count(), 0U);
  }
}

TEST_F(Cloning, BoundsOnBytesAndObjects) {
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 60000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  repository.write("noise", noise);
  repository.commit("noise");
  const GitServer server(folder.path());
  CloneOptions options = remote(server.url("a"));
  options.max_bytes = 20000;
  EXPECT_NE(refusal(options).find("it is larger than 20000 bytes"), std::string::npos);
  options.max_bytes = 1 << 20;
  options.max_objects = 2;
  EXPECT_NE(refusal(options).find("it has more than 2 objects"), std::string::npos);
  options.max_objects = 3;
  EXPECT_TRUE(clone(options, {}).is_ok());
}

TEST_F(Cloning, EndlessAdvertisementIsCut) {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n";
  answer += std::string(200000, '0');
  const FixedServer server(answer, true);
  CloneOptions options = remote(server.url());
  options.max_bytes = 50000;
  options.time_limit = std::chrono::seconds(5);
  EXPECT_NE(refusal(options), "");
}

TEST_F(Cloning, EmptyRepositoryAndLocalOnesThatAreNotAllowed) {
  EXPECT_EQ(refusal(local()),
            "Could not clone " + repository.path() + ": it has no commits yet. Push a commit and analyse it again");
  CloneOptions options = local();
  options.allow_local = false;
  EXPECT_NE(refusal(options).find("repositories on this machine are not allowed"), std::string::npos);
  options = local();
  options.branch = "-x";
  EXPECT_NE(refusal(options).find("branch name"), std::string::npos);
  options = local();
  options.url = clones.path().string() + "/none";
  EXPECT_NE(refusal(options), "");
}

TEST_F(Cloning, ARedirectThatLeadsToItselfIsCalledThat) {
  const FixedServer server(
      "HTTP/1.1 302 Found\r\nLocation: /a.git/info/refs?service=git-upload-pack\r\nConnection: "
      "close\r\nContent-Length: 0\r\n\r\n",
      false);
  const std::string sentence = refusal(remote(server.url()));
  EXPECT_NE(sentence.find("its server redirects in a circle"), std::string::npos) << sentence;
  EXPECT_EQ(sentence.find("credentials"), std::string::npos) << sentence;
}

TEST_F(Cloning, AServerOfFilesIsCalledThat) {
  for (const std::string type : {"text/plain", "application/octet-stream"}) {
    const FixedServer server("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: 0\r\n\r\n", false);
    const std::string sentence = refusal(remote(server.url()));
    EXPECT_NE(sentence.find("does not speak git's smart HTTP protocol"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("git http-backend"), std::string::npos) << sentence;
  }
}

TEST_F(Cloning, AServerWithSha256IsCalledThat) {
  run("git init -q --bare --object-format=sha256 -b main " + (folder.path() / "b").string());
  run("cd " + (folder.path() / "b").string() +
      " && git -c user.name=a -c user.email=a@x commit-tree -m x $(git mktree < /dev/null) | xargs git update-ref "
      "refs/heads/main");
  const GitServer server(folder.path());
  const std::string sentence = refusal(remote(server.url("b")));
  EXPECT_NE(sentence.find("it names its objects with SHA-256, which is not supported"), std::string::npos) << sentence;
}

TEST_F(Cloning, AServerWhoseHeadPointsNowhereHasNoDefaultBranch) {
  two_branches();
  repository.git("branch master side/one");
  repository.git("symbolic-ref HEAD refs/heads/none");
  const GitServer server(folder.path());
  const auto made = clone(remote(server.url("a")), {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  AnalyseOptions named;
  named.name = "kiln";
  const auto result = analyse(made->path(), {}, named, {});
  ASSERT_FALSE(result.is_ok());
  EXPECT_EQ(
      result.error().message,
      "Could not analyse kiln: its HEAD names no branch that exists. Name one that does: master, side/one, trunk");
}

TEST_F(Cloning, PasswordsDoNotShow) {
  CloneOptions options = remote("http://user:hunter2@127.0.0.1:" + std::to_string(test::free_port()) + "/a");
  EXPECT_EQ(refusal(options).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace cadence::analysis::source
