// The rendered haproxy.cfg as a real HAProxy takes it, and what it then answers.
#include "haproxy_process.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/text.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"
#include "ports.hpp"
#include "sample.hpp"

namespace cadence::resources {
namespace {

// Answers every connection with 200 and echoes the request's head, so that a test sees what arrived.
class EchoServer {
 public:
  EchoServer() : port_(test::free_port()), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  void serve() const {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      std::string head(8192, '\0');
      const auto count = recv(fd, head.data(), head.size(), 0);
      head.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      const auto answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(head.size()) + "\r\n\r\n" + head;
      static_cast<void>(send(fd, answer.data(), answer.size(), MSG_NOSIGNAL));
      close(fd);
    }
  }
  int port_, listener_;
  std::thread thread_;
};

std::string request(const std::string& line, const std::string& headers = {}, const std::string& body = {}) {
  return line + " HTTP/1.1\r\nHost: hooks.example:8080\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

std::string configuration_of(const std::string& spec) {
  const auto cluster = cluster_from(spec);
  return haproxy_configuration({.cluster = cluster});
}

TEST(HaproxyConfiguration, IsAcceptedWithoutAWarning) {
  for (const char* spec :
       {"{}", "{loadBalancer: {redirectHTTP: false, stats: {enabled: false}, algorithm: LeastConnections}}",
        "{webhook: {replicas: 0}}",
        "{webhook: {replicas: 100}, loadBalancer: {rateLimit: {requestsPerSecond: 100, connectionsPerSource: 20}}}",
        "{loadBalancer: {timeouts: {connect: 1500ms, client: 1m30s, server: 2h}, healthCheck: {path: /up, fall: 1, "
        "rise: 9}}}"}) {
    EXPECT_EQ(HaproxyProcess(configuration_of(spec)).complaints(), "") << spec;
  }
}

TEST(HaproxyConfiguration, KeepsTheServerTimeoutAboveTheHold) {
  EXPECT_NE(configuration_of("{loadBalancer: {timeouts: {server: 2s}}}").find("timeout server 12s\n"),
            std::string::npos);
  EXPECT_NE(configuration_of("{}").find("timeout server 50s\n"), std::string::npos);
}

TEST(HaproxyConfiguration, LetsStreamsBeSilentBetweenTwoHeartbeats) {
  const auto text = configuration_of("{loadBalancer: {timeouts: {server: 2s}}}");
  EXPECT_NE(text.find("http-request set-timeout server 45s if { path -i -m beg /api/stream/ }\n"), std::string::npos);
  EXPECT_EQ(HaproxyProcess(text).complaints(), "");
  EXPECT_EQ(configuration_of("{}").find("set-timeout"), std::string::npos) << "50s are enough";
}

TEST(Haproxy, RedirectsPlainHttpWithoutThePort) {
  HaproxyProcess haproxy(configuration_of("{}"));
  ASSERT_TRUE(haproxy.start());
  const auto answer = haproxy.ask(haproxy.http_port(), request("POST /webhooks/github?x=1", "Content-Length: 0\r\n"));
  EXPECT_EQ(answer.rfind("HTTP/1.1 301", 0), 0U) << answer;
  EXPECT_NE(answer.find("location: https://hooks.example/webhooks/github?x=1\r\n"), std::string::npos) << answer;
  EXPECT_EQ(haproxy.ask(haproxy.http_port(), "GET / HTTP/1.0\r\n\r\n").substr(8, 5), " 400 ");
}

TEST(Haproxy, RefusesWhatMustNotReachAServer) {
  HaproxyProcess haproxy(
      configuration_of("{loadBalancer: {redirectHTTP: false}, webhook: {ingest: {maxBodyBytes: 2048}}}"));
  ASSERT_TRUE(haproxy.start());
  const auto status = [&](const std::string& bytes) { return haproxy.ask(haproxy.http_port(), bytes).substr(0, 12); };
  EXPECT_EQ(status(request("GET /metrics")), "HTTP/1.1 404");
  EXPECT_EQ(status(request("GET /%6detrics")), "HTTP/1.1 404");
  EXPECT_EQ(status(request("GET /metrics/store")), "HTTP/1.1 404");
  const auto refused = haproxy.ask(
      haproxy.http_port(), request("POST /webhooks/github", "Content-Length: 2049\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(refused.substr(0, 12), "HTTP/1.1 413");
  EXPECT_NE(refused.find("content-type: application/json\r\n"), std::string::npos) << refused;
  EXPECT_NE(refused.find(R"({"error":"payload too large","code":"too_large","message":"the limit is 2048 bytes"})"),
            std::string::npos)
      << refused;
  EXPECT_EQ(status(request("POST /webhooks/github", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello")),
            "HTTP/1.1 400");
  EXPECT_EQ(status(request("GET /jobs")), "HTTP/1.1 503");  // nobody is there yet
  EXPECT_EQ(haproxy.ask(haproxy.stats_port(), request("GET /readyz")).substr(0, 12), "HTTP/1.1 503");
  EXPECT_EQ(haproxy.ask(haproxy.stats_port(), request("GET /livez")).substr(0, 12), "HTTP/1.1 200");
}

TEST(Haproxy, KeepsAnInternalInterfaceInside) {
  EchoServer server;
  HaproxyProcess haproxy(configuration_of("{loadBalancer: {redirectHTTP: false}, webhook: {api: {access: Internal}}}"),
                         server.port());
  ASSERT_TRUE(haproxy.start());
  const auto status = [&](const std::string& line) {
    return haproxy.ask(haproxy.http_port(), request(line)).substr(9, 3);
  };
  for (const char* path : {"/jobs", "/JOBS/", "/jobs/1", "/jobs?limit=1", "/%6aobs", "//jobs", "/api/results/1",
                           "/api/analyze/repository", "/ready/deep", "/pages", "/Pages/", "/pages/jobs/1?until=1"})
    EXPECT_EQ(status(std::string("GET ") + path), "404") << path;
  for (const char* path : {"/webhooks/github", "/health", "/readyz", "/version", "/jobsite", "/pagesize"})
    EXPECT_EQ(status(std::string("GET ") + path), "200") << path;
}

TEST(Haproxy, PassesOnWhoAskedAndNotWhatTheyClaim) {
  EchoServer server;
  HaproxyProcess haproxy(configuration_of("{loadBalancer: {redirectHTTP: false}}"), server.port());
  ASSERT_TRUE(haproxy.start());
  const auto answer = base::to_lower(haproxy.ask(
      haproxy.http_port(),
      request("GET /jobs", "X-Forwarded-For: 6.6.6.6\r\nX-Request-ID: mine\r\nForwarded: for=6.6.6.6\r\n")));
  EXPECT_EQ(answer.rfind("http/1.1 200", 0), 0U) << answer;
  EXPECT_EQ(answer.find("6.6.6.6"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("x-request-id: mine"), std::string::npos) << answer;
  EXPECT_NE(answer.find("x-forwarded-for: 127.0.0.1"), std::string::npos) << answer;
  EXPECT_NE(answer.find("x-forwarded-proto: http\r\n"), std::string::npos) << answer;
  EXPECT_EQ(haproxy.ask(haproxy.stats_port(), request("GET /readyz")).substr(0, 12), "HTTP/1.1 200");
  EXPECT_NE(haproxy.ask(haproxy.stats_port(), request("GET /metrics")).find("haproxy_server_status"),
            std::string::npos);
  EXPECT_NE(haproxy.ask(haproxy.stats_port(), request("GET /stats;csv")).find("webhooks,s1"), std::string::npos);
}

TEST(Haproxy, LimitsASourceThatAsksTooOften) {
  EchoServer server;
  HaproxyProcess haproxy(configuration_of("{loadBalancer: {redirectHTTP: false, rateLimit: {requestsPerSecond: 5}}}"),
                         server.port());
  ASSERT_TRUE(haproxy.start());
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    const auto answer = haproxy.ask(haproxy.http_port(), request("GET /jobs"));
    if (answer.rfind("HTTP/1.1 429", 0) != 0) continue;
    ++refused;
    EXPECT_NE(base::to_lower(answer).find("retry-after: 1"), std::string::npos) << answer;
  }
  EXPECT_GT(refused, 0);
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(haproxy.ask(haproxy.http_port(), request("POST /webhooks/github", "Content-Length: 0\r\n")).substr(9, 3),
              "200")
        << "a burst of deliveries";
}

TEST(Haproxy, LimitsASourceByItself) {
  const auto text = configuration_of("{}");
  EXPECT_NE(text.find("{ sc_gpc0_rate(0) gt 100 } !is_delivery\n"), std::string::npos) << text;
  EXPECT_NE(text.find("{ sc_http_req_rate(0) gt 1000 } is_delivery\n"), std::string::npos) << text;
  EXPECT_NE(configuration_of("{loadBalancer: {rateLimit: {requestsPerSecond: 1}}}").find("gt 200 } is_delivery\n"),
            std::string::npos);
  EXPECT_EQ(configuration_of("{loadBalancer: {rateLimit: {requestsPerSecond: 0, connectionsPerSource: 0}}}")
                .find("stick-table"),
            std::string::npos);
}

}  // namespace
}  // namespace cadence::resources
