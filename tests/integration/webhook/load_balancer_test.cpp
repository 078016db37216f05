// A webhook server behind a real HAProxy that runs the configuration the operator renders: answers that come before the
// end of a body.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "unit/net/raw_peer.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"
#include "haproxy_process.hpp"
#include "sample.hpp"
#include "support.hpp"

namespace cadence::test {
namespace {

constexpr std::size_t kTooLarge = 28 << 20;

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) out += buffer.data();
  return out + "exit " + std::to_string(WEXITSTATUS(pclose(pipe)));
}

class LoadBalancerTest : public testing::Test {
 protected:
  LoadBalancerTest()
      : server(folder.path(), ""),
        haproxy(resources::haproxy_configuration(
                    {.cluster = resources::cluster_from("{loadBalancer: {redirectHTTP: false}}")}),
                server.port()) {
    server.start();
    EXPECT_TRUE(haproxy.start());
    EXPECT_TRUE(eventually([&] {
      return haproxy.ask(haproxy.http_port(), "GET /health HTTP/1.0\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200");
    }));
    std::ofstream(folder.path() / "body") << std::string(kTooLarge, 'x');
  }

  // What curl shows: the body, then status, protocol and bytes sent in a line of their own.
  std::string curl(const std::string& arguments, const std::string& path = "/webhooks/github") {
    return output_of(
        "curl --silent --show-error --insecure --max-time 60 --write-out '\n%{http_code} HTTP/%{http_version} ' "
        "--data-binary @" +
        (folder.path() / "body").string() + " -H 'X-Hub-Signature-256: sha256=" + std::string(64, '0') + "' " +
        arguments + " https://127.0.0.1:" + std::to_string(haproxy.https_port()) + path);
  }

  Folder folder;
  WebhookServer server;
  resources::HaproxyProcess haproxy;
};

TEST_F(LoadBalancerTest, ATooLargeBodyGetsItsAnswerOverEveryProtocol) {
  const std::string said =
      R"({"code":"too_large","error":"payload too large","message":"the limit is 27262976 bytes"})";
  for (int i = 0; i < 5; ++i) {  // which of answer and reset comes first was chance
    EXPECT_EQ(curl("--http2"), said + "\n413 HTTP/2 exit 0");
    EXPECT_EQ(curl("--http2 -H Transfer-Encoding:chunked"), said + "\n413 HTTP/2 exit 0");
    EXPECT_EQ(curl("--http1.1 -H Expect:"), said + "\n413 HTTP/1.1 exit 0");
    EXPECT_EQ(curl("--http1.1 -H Expect: -H Transfer-Encoding:chunked"), said + "\n413 HTTP/1.1 exit 0");
  }
  const auto api =
      curl(std::string("--http2 -H 'Authorization: Bearer ") + WebhookServer::kToken + "'", "/api/analyze/repository");
  EXPECT_EQ(member(api, "message"), "the limit is 1048576 bytes") << api;
}

TEST_F(LoadBalancerTest, WhoAsksFirstIsRefusedBeforeSending) {
  const net::testing::RawPeer client(static_cast<std::uint16_t>(haproxy.http_port()));
  ASSERT_TRUE(client.send("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " +
                          std::to_string(kTooLarge) + "\r\n\r\n"));
  const auto answer = client.read_until("}");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
  EXPECT_EQ(member(answer, "message"), "the limit is 27262976 bytes");
}

TEST_F(LoadBalancerTest, WhoSendsEverythingBeforeReadingIsAnsweredToo) {
  for (int i = 0; i < 5; ++i) {
    const net::testing::RawPeer client(static_cast<std::uint16_t>(haproxy.http_port()));
    ASSERT_TRUE(client.send(
        "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kTooLarge) + "\r\n\r\n"));
    EXPECT_TRUE(client.send(std::string(kTooLarge, 'x'))) << i;
    const auto answer = client.read_until("}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
    EXPECT_EQ(member(answer, "error"), "payload too large") << answer;
  }
}

TEST_F(LoadBalancerTest, TheHeaderAloneIsEnoughForTheAnswer) {
  const net::testing::RawPeer client(static_cast<std::uint16_t>(haproxy.http_port()));
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(client.send("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kTooLarge) +
                          "\r\n\r\n"));
  EXPECT_TRUE(client.read_until("}").starts_with("HTTP/1.1 413"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

}  // namespace
}  // namespace cadence::test
