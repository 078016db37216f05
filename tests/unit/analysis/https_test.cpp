// https with authorities of one's own, from a real git server behind TLS.
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "analysis/source/guard/credentials.hpp"
#include "analysis/source/git/repository.hpp"
#include "net/pki.hpp"
#include "script_servers.hpp"

namespace cadence::analysis::source {
namespace {

using std::chrono::hours;

struct OverHttps : ::testing::Test {
  ScratchFolder folder;
  ScratchFolder secret;
  ScratchFolder clones;
  ScratchRepository repository{folder.path() / "a"};
  const net::KeyPair authority = *net::make_ca("ours", hours(48), base::system_clock().wall());

  void SetUp() override {
    repository.write("a", "1\n");
    repository.commit("first");
  }
  void put(const std::string& name, const std::string& text) const { std::ofstream(secret.path() / name) << text; }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name) << text;
    return (folder.path() / name).string();
  }
  // Of a server, signed by the authority.
  [[nodiscard]] std::string identity(const std::string& address = "127.0.0.1", hours lifetime = hours(24),
                                     hours age = hours(0)) const {
    const auto pair =
        *net::issue_certificate(authority, {.common_name = "git", .ip_addresses = {address}, .lifetime = lifetime},
                                base::system_clock().wall() - age);
    return file("identity", pair.certificate_pem + pair.key_pem);
  }
  [[nodiscard]] base::Result<Clone> cloned(const std::string& place, const std::string& scheme = "https",
                                           std::chrono::seconds limit = std::chrono::seconds(20)) const {
    CloneOptions options;
    options.url = scheme + "://" + place + "/a/.git";
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.credentials = secret.path();
    options.time_limit = limit;
    return clone(options, {});
  }
  void expect_refused(const std::string& place, const std::string& said) const {
    const auto made = cloned(place);
    ASSERT_FALSE(made.is_ok());
    EXPECT_NE(made.error().message.find(said), std::string::npos) << made.error().message;
    EXPECT_EQ(made.error().kind, base::ErrorKind::Invalid) << "tried again in vain";
  }
};

TEST_F(OverHttps, ARepositoryIsClonedFromAServerThatTheSecretsAuthoritySigned) {
  const Backend server(folder.path(), "ada", "s3cret", "", identity());
  put("ca.crt", authority.certificate_pem);
  put("accounts", "https://ada:s3cret@" + server.place() + "\n");
  const auto made = cloned(server.place());
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(analyse(made->path(), {}, {}, {})->total_commits, 1);
}

TEST_F(OverHttps, AServerThatNobodyVouchesForGetsNoRequest) {
  const Backend server(folder.path(), "ada", "s3cret", "", identity());
  put("accounts", "https://ada:s3cret@" + server.place() + "\n");
  expect_refused(server.place(), "no secure connection to 127.0.0.1 port " + server.port() +
                                     ": its certificate is not trusted: unable to get local issuer certificate. Check "
                                     "the URL and the server's certificate; ");
  put("ca.crt", net::make_ca("theirs", hours(48), base::system_clock().wall())->certificate_pem);
  expect_refused(server.place(), ": its certificate is not trusted: ");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "seen"));
}

TEST_F(OverHttps, ACertificateCountsForItsNameAndTime) {
  put("ca.crt", authority.certificate_pem);
  const Backend other(folder.path(), "", "", "", identity("127.0.0.2"));
  expect_refused(other.place(), "IP address mismatch");
  const Backend old(folder.path(), "", "", "", identity("127.0.0.1", hours(1), hours(2)));
  expect_refused(old.place(), "certificate has expired");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "seen"));
}

TEST_F(OverHttps, TheRootSufficesWhenTheServerSendsWhatIsBetween) {
  const std::string made = "cd " + folder.path().string() + R"sh( && exec 2>/dev/null
    ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    openssl req -x509 $ec -days 2 -subj /CN=root -keyout root.key -out root.crt
    openssl req -new $ec -subj /CN=between -keyout between.key -out between.csr
    printf 'basicConstraints=critical,CA:TRUE\n' >between.ext
    openssl x509 -req -in between.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 \
      -extfile between.ext -out between.crt
    openssl req -new $ec -subj /CN=git -keyout git.key -out git.csr
    printf 'subjectAltName=IP:127.0.0.1\n' >git.ext
    openssl x509 -req -in git.csr -CA between.crt -CAkey between.key -CAcreateserial -days 2 \
      -extfile git.ext -out git.crt
    cat git.crt between.crt git.key >identity
    cat git.crt git.key >alone)sh";
  run(made);
  put("ca.crt", run("cat " + (folder.path() / "root.crt").string()));
  const Backend server(folder.path(), "ada", "s3cret", "", (folder.path() / "identity").string());
  const Backend terse(folder.path(), "ada", "s3cret", "", (folder.path() / "alone").string());
  put("accounts", "https://ada:s3cret@" + server.place() + "\nhttps://ada:s3cret@" + terse.place() + "\n");
  const auto whole = cloned(server.place());
  EXPECT_TRUE(whole.is_ok()) << whole.error().message;
  expect_refused(terse.place(), "unable to get local issuer certificate");
  put("between.crt", run("cat " + (folder.path() / "between.crt").string()));
  const auto helped = cloned(terse.place());
  EXPECT_TRUE(helped.is_ok()) << helped.error().message;
}

TEST_F(OverHttps, ADamagedAuthorityIsNamedAndConcernsHttpsAlone) {
  const std::string& whole = authority.certificate_pem;
  const Backend server(folder.path(), "ada", "s3cret", "", identity());
  const Backend plain(folder.path(), "ada", "s3cret");
  put("accounts", "https://ada:s3cret@" + server.place() + "\nhttp://ada:s3cret@" + plain.place() + "\n");
  for (const std::string& broken :
       {whole + whole.substr(0, whole.size() / 2), whole.substr(0, 200) + "!" + whole.substr(201)}) {
    put("ca.crt", broken);
    expect_refused(server.place(), "ca.crt: a block of the PEM text is cut off or damaged. Put the whole of it there");
    const auto made = cloned(plain.place(), "http");
    EXPECT_TRUE(made.is_ok()) << made.error().message;
  }
}

TEST_F(OverHttps, ARedirectLeadsToAServerOfThatNameOnly) {
  const Backend server(folder.path(), "ada", "s3cret", "", identity());
  const Backend sending(folder.path(), "", "", "https://localhost:" + server.port(),
                        (folder.path() / "identity").string());
  put("ca.crt", authority.certificate_pem);
  put("accounts", "https://ada:s3cret@localhost:" + server.port() + "\n");
  expect_refused(sending.place(), "no secure connection to localhost port " + server.port() +
                                      ": its certificate is not trusted: hostname mismatch");
  EXPECT_EQ(run("cat " + (folder.path() / "seen").string()), "none") << "one request, to the server that sends on";
}

TEST_F(OverHttps, AFileMayHoldAKeyAndCertificatesButNoPasswordBesideThem) {
  const Backend server(folder.path(), "ada", "s3cret", "", identity());
  const std::string account = "https://ada:s3cret@" + server.place() + "\n";
  put("accounts", account);
  put("tls.pem", authority.key_pem + authority.certificate_pem);
  const auto made = cloned(server.place());
  EXPECT_TRUE(made.is_ok()) << made.error().message;
  put("tls.pem", account + authority.certificate_pem);
  expect_refused(server.place(),
                 "tls.pem: it has a password beside a key or certificate. Put each into a file of its own");
}

TEST_F(OverHttps, APlainServerIsNamedAsThat) {
  const Backend plain(folder.path(), "", "");
  expect_refused(plain.place(), ": it does not speak TLS as it should: wrong version number. Check the URL ");
}

TEST_F(OverHttps, AServerThatNeverShakesHandsIsGivenUp) {
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto made = cloned("127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "https", std::chrono::seconds(1));
  ASSERT_FALSE(made.is_ok());
  EXPECT_NE(made.error().message.find("it took longer than 1 s"), std::string::npos) << made.error().message;
  ::close(silent);
}

}  // namespace
}  // namespace cadence::analysis::source
