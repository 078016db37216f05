#include "kube/client/config.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"

namespace cadence::kube::client {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  Files() : folder(std::filesystem::path(::testing::TempDir()) / ("kube-" + base::to_hex(base::random_bytes(8)))) {
    std::filesystem::create_directories(folder);
  }
  ~Files() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::string plugin(const std::string& script) const {
    const auto path = write("plugin", "#!/bin/sh\necho run >> " + (folder / "runs").string() + "\n" + script);
    ::chmod(path.c_str(), 0700);
    return path;
  }
  int runs() const {
    std::ifstream file(folder / "runs");
    int count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }
  std::filesystem::path folder;
  base::ManualClock clock;
};

std::string file_with(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
         "contexts: [{name: here, context: {cluster: c, user: u, namespace: demo}}]\n"
         "clusters: [{name: c, cluster: {" +
         cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
}

TEST_F(Files, AWholeKubeconfig) {
  const auto path = write(
      "config", file_with("server: 'https://10.0.0.1:6443', certificate-authority-data: " + base::to_base64("CA") +
                              ", tls-server-name: api.test",
                          "client-certificate-data: " + base::to_base64("CERT") + ", client-key: key.pem, token: tok"));
  write("key.pem", "KEY");
  const auto source = kubeconfig(path);
  ASSERT_TRUE(source) << source.error().message;
  const auto origin = (*source)->origin();
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(origin->host, "10.0.0.1");
  EXPECT_EQ(origin->port, 6443);
  EXPECT_EQ(origin->tls->ca_pem, "CA");
  EXPECT_EQ(origin->tls->certificate_pem, "CERT");
  EXPECT_EQ(origin->tls->key_pem, "KEY");
  EXPECT_EQ(origin->tls->server_name, "api.test");
  EXPECT_TRUE(origin->tls->is_verified);
  EXPECT_EQ(*(*source)->authorization(), "Bearer tok");
  EXPECT_EQ((*source)->default_namespace(), "demo");
}

TEST_F(Files, ServersInAllForms) {
  const auto server = [&](const std::string& url) {
    return read_kubeconfig({write("config", file_with("server: '" + url + "'", "token: t"))}, "");
  };
  EXPECT_EQ(server("https://api")->port, 443);
  EXPECT_FALSE(server("http://api")->is_tls);
  EXPECT_EQ(server("http://api")->port, 80);
  EXPECT_EQ(server("https://[fd00::1]:6443/")->host, "fd00::1");
  EXPECT_EQ(server("https://[fd00::1]:6443/")->path_prefix, "");
  EXPECT_EQ(server("https://gate/k8s/clusters/c1/")->path_prefix, "/k8s/clusters/c1");
  for (const char* bad :
       {"", "ftp://api", "https://api:0", "https://api:x", "https://[::1", "https://[::1]x1", "https:///x"}) {
    EXPECT_FALSE(server(bad)) << bad;
  }
}

TEST_F(Files, TheFirstFileOfAListWins) {
  const auto first = write("first",
                           "current-context: b\ncontexts: [{name: b, context: {cluster: c, user: u}}]\nclusters: "
                           "[{name: c, cluster: {server: 'https://first'}}]\n");
  const auto second = write("second",
                            "current-context: a\nclusters: [{name: c, cluster: {server: 'https://second'}}]\nusers: "
                            "[{name: u, user: {token: t}}]\n"
                            "contexts: [{name: a, context: {cluster: c, user: u, namespace: x}}]\n");
  const auto merged = read_kubeconfig({first, second, (folder / "absent").string()}, "");
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->host, "first");
  EXPECT_EQ(merged->token, "t");
  EXPECT_EQ(merged->default_namespace, "default");
  EXPECT_EQ(read_kubeconfig({first, second}, "a")->default_namespace, "x");
}

TEST_F(Files, SaysWhatItCannotUse) {
  const auto problem = [&](const std::string& cluster, const std::string& user) {
    const auto read = read_kubeconfig({write("config", file_with(cluster, user))}, "");
    return read ? "" : read.error().message;
  };
  EXPECT_THAT(problem("server: 'https://a', proxy-url: 'http://p'", "token: t"),
              HasSubstr("proxy-url is not supported"));
  EXPECT_THAT(problem("server: 'https://a'", "auth-provider: {name: gcp}"), HasSubstr("auth-provider"));
  EXPECT_THAT(problem("server: 'https://a'", "as: root"), HasSubstr("impersonation"));
  EXPECT_THAT(problem("server: 'https://a', certificate-authority-data: '!'", "token: t"), HasSubstr("not base64"));
  EXPECT_THAT(problem("server: 'https://a'", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}"),
              HasSubstr("v1alpha1"));
  EXPECT_EQ(read_kubeconfig({(folder / "absent").string()}, "").error().kind, ErrorKind::NotFound);
  EXPECT_FALSE(read_kubeconfig({write("config", "a: [")}, ""));
  EXPECT_FALSE(read_kubeconfig({write("config", "users: [1]")}, ""));
  EXPECT_FALSE(read_kubeconfig({write("config", "{}")}, "nowhere"));
}

TEST_F(Files, ATokenFileIsReadAgainEachMinuteAndAfterA401) {
  const auto path = write("token", "one\n");
  const auto source = make_config_source({.host = "api", .token_file = path, .exec = {}}, clock);
  EXPECT_EQ(*source->authorization(), "Bearer one");
  write("token", "two");
  EXPECT_EQ(*source->authorization(), "Bearer one");
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(*source->authorization(), "Bearer two");
  write("token", "three");
  source->reject("Bearer one");  // a late answer to an old token
  EXPECT_EQ(*source->authorization(), "Bearer two");
  source->reject("Bearer two");
  EXPECT_EQ(*source->authorization(), "Bearer three");
  std::filesystem::remove(path);
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(*source->authorization(), "Bearer three");
}

TEST_F(Files, CertificateFilesAreReadForEachConnection) {
  const auto ca = write("ca", "old");
  const auto source = make_config_source({.host = "api", .ca_file = ca, .exec = {}}, clock);
  EXPECT_EQ(source->origin()->tls->ca_pem, "old");
  write("ca", "new");
  EXPECT_EQ(source->origin()->tls->ca_pem, "new");
  std::filesystem::remove(ca);
  EXPECT_EQ(source->origin()->tls->ca_pem, "new");
  EXPECT_FALSE(make_config_source({.host = "api", .ca_file = ca, .exec = {}}, clock)->origin());
}

TEST_F(Files, BasicAuthentication) {
  EXPECT_EQ(*make_config_source({.host = "api", .username = "u", .password = "p", .exec = {}})->authorization(),
            "Basic dTpw");
  EXPECT_EQ(*make_config_source({.host = "api", .exec = {}})->authorization(), "");
}

ExecPlugin exec(const std::string& command) {
  return {.api_version = "client.authentication.k8s.io/v1",
          .command = command,
          .install_hint = "install it",
          .args = {"a b", "$HOME"},
          .environment = {{"EXTRA", "yes"}}};
}

const std::string kCredential = R"('{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
                                R"("status":{"token":"%s","expirationTimestamp":"%s"}}\n')";

TEST_F(Files, APluginGivesATokenUntilItExpiresOrIsRefused) {
  const auto until = base::format_rfc3339(clock.wall() + std::chrono::minutes(10));
  const auto path = plugin("printf " + kCredential + " \"$1-$2-$EXTRA\" " + until + "\n");
  const auto source = make_config_source({.host = "api", .exec = exec(path)}, clock);
  EXPECT_EQ(*source->authorization(), "Bearer a b-$HOME-yes");  // no shell touched the arguments
  EXPECT_EQ(*source->authorization(), "Bearer a b-$HOME-yes");
  EXPECT_EQ(runs(), 1);
  source->reject("Bearer a b-$HOME-yes");
  EXPECT_TRUE(source->authorization());
  EXPECT_EQ(runs(), 2);
  clock.advance(std::chrono::minutes(10));
  EXPECT_TRUE(source->authorization());
  EXPECT_EQ(runs(), 3);
}

TEST_F(Files, APluginGivesAClientCertificateAndKnowsItsServer) {
  const auto path = plugin(
      "echo \"$KUBERNETES_EXEC_INFO\" > " + (folder / "info").string() +
      "\necho "
      "'{\"apiVersion\":\"client.authentication.k8s.io/"
      "v1\",\"kind\":\"ExecCredential\",\"status\":{\"clientCertificateData\":\"C\",\"clientKeyData\":\"K\"}}'\n");
  auto made = exec(path);
  made.has_cluster_info = true;
  const auto source = make_config_source({.host = "fd00::1", .port = 6443, .exec = made}, clock);
  EXPECT_EQ(source->origin()->tls->certificate_pem, "C");
  EXPECT_EQ(source->origin()->tls->key_pem, "K");
  EXPECT_EQ(*source->authorization(), "");
  EXPECT_EQ(runs(), 1);
  std::ifstream info(folder / "info");
  std::string line;
  std::getline(info, line);
  EXPECT_EQ(line, R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
                  R"("spec":{"cluster":{"server":"https://[fd00::1]:6443"},"interactive":false}})");
}

TEST_F(Files, PluginFailuresNameThePluginAndHideItsOutput) {
  const auto problem = [&](const std::string& script, std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    auto made = exec(plugin(script));
    made.timeout = timeout;
    const auto answer = make_config_source({.host = "api", .exec = made}, clock)->authorization();
    return answer ? "none" : answer.error().message;
  };
  EXPECT_THAT(problem("echo secret; exit 1\n"),
              ::testing::AllOf(HasSubstr("it failed (install it)"), ::testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(problem("echo secret\n"),
              ::testing::AllOf(HasSubstr("not an ExecCredential"), ::testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(problem("exec sleep 60\n", std::chrono::milliseconds(300)), HasSubstr("timed out"));
  EXPECT_THAT(problem("exec head -c 3000000 /dev/zero\n"), HasSubstr("wrote too much"));
  EXPECT_THAT(problem("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"other\"}'\n"),
              HasSubstr("another apiVersion"));
  EXPECT_FALSE(make_config_source({.host = "api", .exec = exec((folder / "absent").string())}, clock)->authorization());
}

class Environment : public Files {
 protected:
  ~Environment() override {
    for (const char* name : {"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"}) ::unsetenv(name);
  }
};

TEST_F(Environment, InClusterUsesTheServiceAccount) {
  EXPECT_EQ(in_cluster(folder.string()).error().kind, ErrorKind::NotFound);
  ::setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  EXPECT_THAT(in_cluster(folder.string()).error().message, HasSubstr("service account"));
  write("token", "t");
  write("ca.crt", "CA");
  write("namespace", "cadence-system");
  const auto source = in_cluster(folder.string());
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ((*source)->origin()->host, "10.96.0.1");
  EXPECT_EQ((*source)->origin()->tls->ca_pem, "CA");
  EXPECT_EQ(*(*source)->authorization(), "Bearer t");
  EXPECT_EQ((*source)->default_namespace(), "cadence-system");
  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  EXPECT_EQ((*in_cluster(folder.string()))->origin()->host, "kubernetes.default.svc");
}

TEST_F(Environment, DiscoveryPrefersTheFlagThenTheVariable) {
  const auto flag = write("flag", file_with("server: 'https://flag'", "token: t"));
  const auto variable = write("variable", file_with("server: 'https://variable'", "token: t"));
  ::setenv("KUBECONFIG", (variable + ":" + flag).c_str(), 1);
  EXPECT_EQ((*discover(flag))->origin()->host, "flag");
  EXPECT_EQ((*discover())->origin()->host, "variable");
}

}  // namespace
}  // namespace cadence::kube::client
