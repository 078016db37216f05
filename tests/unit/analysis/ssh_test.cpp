// ssh: OpenSSH's formats, and clones from a real SSH server.
#include <gtest/gtest.h>

#include "analysis/source/guard/credentials.hpp"
#include "analysis/source/git/repository.hpp"
#include "script_servers.hpp"

namespace cadence::analysis::source {
namespace {

// Real ones, made by ssh-keygen for this test.
struct Keys : ::testing::Test {
  ScratchFolder folder;

  std::string make(const std::string& name, const std::string& options = "-t ed25519 -N ''") {
    const std::string path = (folder.path() / name).string();
    run("ssh-keygen -q -C '' " + options + " -f " + path);
    return path;
  }
  static std::string content(const std::string& path) { return run("cat " + path) + "\n"; }
  // "kind key", as known_hosts has it after the name.
  static std::string public_of(const std::string& path) {
    return run("ssh-keygen -y -f " + path + " | cut -d ' ' -f 1,2");
  }
  static std::string raw(const std::string& path) {
    return *base::from_base64(run("ssh-keygen -y -f " + path + " | cut -d ' ' -f 2"));
  }
};

TEST_F(Keys, ArePrivateKeysInAnyOfTheirFormats) {
  for (const char* options :
       {"-t ed25519 -N ''", "-t ecdsa -N ''", "-t ecdsa -N '' -m PEM", "-t ecdsa -N '' -m PKCS8"}) {
    const std::string key = content(make("key", options));
    EXPECT_TRUE(is_private_key(key)) << options;
    EXPECT_TRUE(check_private_key(key).is_ok()) << options;
    run("rm " + (folder.path() / "key").string() + "*");
  }
  EXPECT_FALSE(is_private_key("https://ada:BEGIN@host\n"));
  EXPECT_FALSE(is_private_key("-----BEGIN CERTIFICATE-----\n"));
}

TEST_F(Keys, WithAPassphraseAreNamedAsThat) {
  for (const char* options : {"-t ed25519 -N secret", "-t ecdsa -N secret -m PEM", "-t ecdsa -N secret -m PKCS8"}) {
    const auto checked = check_private_key(content(make("key", options)));
    ASSERT_FALSE(checked.is_ok()) << options;
    EXPECT_EQ(checked.error().message, "the private key asks for a passphrase. Use one without (ssh-keygen -p)");
    run("rm " + (folder.path() / "key").string() + "*");
  }
}

TEST_F(Keys, ThatAreCutOffOrDamagedAreNamedAsThat) {
  for (const char* options : {"-t ed25519 -N ''", "-t ecdsa -N '' -m PEM", "-t ecdsa -N '' -m PKCS8"}) {
    const std::string key = content(make("key", options));
    std::string cut = key;
    cut.erase(cut.find("-----END") - 20, 19);
    for (const std::string& broken : {cut, key.substr(0, key.size() / 2), key.substr(0, key.find('\n')),
                                      key.substr(0, key.find('\n')) + "\n!!!!\n-----END PRIVATE KEY-----\n"}) {
      const auto checked = check_private_key(broken);
      ASSERT_FALSE(checked.is_ok()) << options << "\n" << broken;
      EXPECT_TRUE(checked.error().message.starts_with("the private key is cut off or damaged. "))
          << checked.error().message;
    }
    run("rm " + (folder.path() / "key").string() + "*");
  }
}

TEST_F(Keys, OfServersAreKnownByNameAndPort) {
  const std::string one = make("one");
  const std::string two = make("two", "-t ecdsa -N ''");
  const auto known = parse_known_hosts("# comment\n\nGit.Example,10.0.0.1 " + public_of(one) +
                                       " a comment\n[git.example]:2222 " + public_of(two) + "\n");
  ASSERT_TRUE(known.is_ok()) << known.error().message;
  EXPECT_TRUE(check_host_key(*known, "git.example", "22", raw(one)).is_ok());
  EXPECT_TRUE(check_host_key(*known, "10.0.0.1", "22", raw(one)).is_ok());
  EXPECT_TRUE(check_host_key(*known, "GIT.example", "2222", raw(two)).is_ok());
  const auto message = [&](const char* host, const char* port, const std::string& key) {
    return check_host_key(*known, host, port, key).error().message;
  };
  EXPECT_TRUE(message("git.example", "22", raw(make("three")))
                  .starts_with("the ssh-ed25519 key of git.example is not the one in known_hosts: "))
      << message("git.example", "22", "");
  EXPECT_TRUE(
      message("git.example", "22", raw(two))
          .starts_with(
              "known_hosts has no ecdsa-sha2-nistp256 key of git.example. Add what ssh-keyscan git.example prints "));
  EXPECT_TRUE(message("git.example", "2200", raw(one))
                  .starts_with("known_hosts has no ssh-ed25519 key of [git.example]:2200. Add what ssh-keyscan -p 2200 "
                               "git.example prints "));
  EXPECT_FALSE(check_host_key(*known, "git.example", "22", "").is_ok());
  EXPECT_FALSE(check_host_key({}, "git.example", "22", raw(one)).is_ok());
}

TEST_F(Keys, LinesThatAreNotUnderstoodAreNumbered) {
  const std::string key = public_of(make("one"));
  for (const std::string& line :
       {std::string("|1|c2FsdA==|aGFzaA== ") + key, "*.example " + key, "@revoked a.example " + key,
        std::string("a.example ssh-ed25519 ????"), std::string("a.example"),
        std::string("a.example ssh-rsa ") + key.substr(key.find(' ') + 1)}) {
    const auto known = parse_known_hosts("a.example " + key + "\n" + line + "\n");
    ASSERT_FALSE(known.is_ok()) << line;
    EXPECT_EQ(known.error().message,
              "line 2 is not of the form \"host kind key\". Take the lines that ssh-keyscan prints");
  }
}

struct OverSsh : Keys {
  ScratchFolder secret;
  ScratchFolder clones;
  ScratchRepository repository{folder.path() / "a"};
  std::string host_key = make("host");
  std::string own = make("own");
  ScriptServer server{"ssh_server.py", {folder.path(), host_key, own + ".pub"}};

  void SetUp() override {
    repository.write("a", "1\n");
    repository.commit("first");
  }
  void put(const std::string& name, const std::string& text) const { std::ofstream(secret.path() / name) << text; }
  void put_known(const std::string& key) const {
    put("known_hosts", "[127.0.0.1]:" + server.port() + " " + public_of(key) + "\n");
  }
  [[nodiscard]] CloneOptions options(const std::string& path = "/a/.git") const {
    CloneOptions options;
    options.url = "ssh://git@" + server.place() + path;
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.credentials = secret.path();
    options.time_limit = std::chrono::seconds(20);
    return options;
  }
  [[nodiscard]] base::Result<Clone> cloned(const std::string& path = "/a/.git") const {
    return clone(options(path), {});
  }
  void expect_refused(const std::string& said) const {
    const auto made = cloned();
    ASSERT_FALSE(made.is_ok());
    EXPECT_NE(made.error().message.find(said), std::string::npos) << made.error().message;
    EXPECT_TRUE(made.error().kind == base::ErrorKind::Forbidden || made.error().kind == base::ErrorKind::Invalid)
        << "tried again in vain";
  }
};

TEST_F(OverSsh, ARepositoryIsClonedWithAKey) {
  put("ssh-privatekey", content(own));
  put_known(host_key);
  const auto made = cloned();
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(analyse(made->path(), {}, {}, {})->total_commits, 1);
}

TEST_F(OverSsh, EveryKeyIsTried) {
  put("a", content(make("other")));
  put("b", content(own));
  put_known(host_key);
  const auto made = cloned();
  EXPECT_TRUE(made.is_ok()) << made.error().message;
}

TEST_F(OverSsh, LargeFilesStayThereToo) {
  repository.write("film", std::string(100'000, 'x'));
  repository.commit("second");
  repository.git("config uploadpack.allowFilter true");
  put("key", content(own));
  put_known(host_key);
  CloneOptions partial = options();
  partial.largest_file = 1000;
  const auto made = clone(partial, {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(run("git -C " + made->path().string() + " rev-list --objects --all --missing=print | grep -c '^?'"), "1");
}

// libssh2 reads the socket itself, past the guard that counts for the other schemes.
TEST_F(OverSsh, TheListOfReferencesIsBounded) {
  put("key", content(own));
  put_known(host_key);
  CloneOptions small = options();
  small.max_bytes = 100;
  const auto made = clone(small, {});
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Invalid);
  EXPECT_NE(made.error().message.find("its list of references is larger than 100 bytes. "), std::string::npos)
      << made.error().message;
}

TEST_F(OverSsh, WhatIsMissingIsSaid) {
  expect_refused("known_hosts has no ssh-ed25519 key of [127.0.0.1]:" + server.port() + ". Add what ssh-keyscan -p " +
                 server.port() + " 127.0.0.1 prints");
  put_known(host_key);
  expect_refused("ssh needs a private key. ");
  put("key", content(make("other")));
  expect_refused("127.0.0.1 accepts none of the private keys in the Secret. ");
}

TEST_F(OverSsh, AFileThatCannotBeUsedIsNamed) {
  put_known(host_key);
  put("key", content(own));
  put("bad", content(own).substr(0, 150));
  expect_refused("bad: the private key is cut off or damaged");
}

TEST_F(OverSsh, AnotherServerGetsNothing) {
  put("key", content(own));
  put_known(make("another"));
  expect_refused("the ssh-ed25519 key of [127.0.0.1]:" + server.port() + " is not the one in known_hosts: ");
}

TEST_F(OverSsh, ARepositoryThatIsNotThereIsAnError) {
  put("key", content(own));
  put_known(host_key);
  const auto made = cloned("/none.git");
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::NotFound);
  EXPECT_TRUE(made.error().message.starts_with("Could not clone ssh://" + server.place() +
                                               "/none.git: there is no such repository"))
      << made.error().message;
}

}  // namespace
}  // namespace cadence::analysis::source
