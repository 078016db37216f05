// Requests that mean harm, against the real program over a real socket.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "base/text.hpp"
#include "net/pki.hpp"
#include "support.hpp"

namespace cadence::test {
namespace {

class Socket {
 public:
  explicit Socket(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Socket() { close(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  bool send(const std::string& bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void finish_sending() { shutdown(socket_, SHUT_WR); }
  // Everything until the server closes; nothing when it does not within the bound.
  std::optional<std::string> read_all(int bound_ms) {
    std::string all;
    for (char buffer[4096];;) {
      pollfd descriptor{socket_, POLLIN, 0};
      if (poll(&descriptor, 1, bound_ms) <= 0) return std::nullopt;
      const auto count = recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) return all;
      all.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_;
};

std::int64_t resident_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:"))
      return base::parse_integer(base::trim(base::replace_all(line.substr(6), "kB", ""))).value_or(0);
  return 0;
}

class HostileTest : public testing::Test {
 protected:
  explicit HostileTest(WebhookServer::Times times = {}) : server(folder.path(), "", "", times) { server.start(); }
  std::string talk(const std::string& bytes, int bound_ms = 15000) {
    Socket socket(server.port());
    (void)socket.send(bytes);
    return socket.read_all(bound_ms).value_or("still open");
  }
  Folder folder;
  WebhookServer server;
};

// Senders that stop in the middle.
class HalfSentTest : public HostileTest {
 protected:
  HalfSentTest() : HostileTest({.read_timeout_seconds = 2}) {}
};

TEST_F(HostileTest, UnsignedAndWronglySignedAre401) {
  EXPECT_EQ(server.ask("POST", "/webhooks/github", {}, "{}").status, 401);
  for (const char* wrong : {"sha256=zz", "abc", ""})
    EXPECT_EQ(server.ask("POST", "/webhooks/github", {{"X-Hub-Signature-256", wrong}}, "{}").status, 401) << wrong;
  EXPECT_EQ(
      server.ask("POST", "/webhooks/github", {{"X-Hub-Signature-256", "sha256=" + std::string(64, '0')}}, "{]").status,
      401)
      << "the body is not looked into";
  EXPECT_EQ(member(server.ask("POST", "/webhooks/github", {}, "{}").body, "error"), "missing signature");
  const auto syntax = server.signed_post("{]", {});
  EXPECT_EQ(syntax.status, 400);
  EXPECT_EQ(member(syntax.body, "message"), "not JSON at byte 2");
}

TEST_F(HostileTest, ABodyOverTheLimitIs413BeforeItIsRead) {
  const auto answer =
      talk("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nX-Hub-Signature-256: sha256=" +
           std::string(64, '0') + "\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 413") << answer;
}

TEST_F(HostileTest, TooLargeBodiesAreRefusedInTheShapeOfEveryError) {
  const std::string sign = "X-Hub-Signature-256: sha256=" + std::string(64, '0') + "\r\n";
  const std::string token = std::string("Authorization: Bearer ") + WebhookServer::kToken + "\r\n";
  struct Case {
    std::string head, limit;
  };
  for (const auto& one : {Case{"POST /webhooks/github HTTP/1.1\r\n" + sign, "27262976"},
                          Case{"POST /api/analyze/repository HTTP/1.1\r\n" + token, "1048576"},
                          Case{"GET /jobs HTTP/1.1\r\n" + token, "65536"}}) {
    for (const char* framing : {"Content-Length: 29360128\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1c00000\r\n"}) {
      Socket socket(server.port());
      EXPECT_TRUE(socket.send(one.head + "Host: x\r\n" + framing)) << one.head;
      // Everything before a byte of the answer is read.
      EXPECT_TRUE(socket.send(std::string(28 << 20, 'x'))) << one.head << framing;
      socket.finish_sending();
      const auto answer = socket.read_all(15000).value_or("still open");
      EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 413") << one.head << framing << answer;
      EXPECT_EQ(member(answer, "error"), "payload too large");
      EXPECT_EQ(member(answer, "code"), "too_large");
      EXPECT_EQ(member(answer, "message"), "the limit is " + one.limit + " bytes");
    }
  }
}

TEST_F(HalfSentTest, AHalfSentBodyIsClosedWithinItsTimeout) {
  EXPECT_NE(talk("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Hub-Signature-256: sha256=" +
                 std::string(64, '0') + "\r\n\r\nhalf"),
            "still open");
}

TEST_F(HalfSentTest, AHalfSentHeaderIsClosedWithinItsTimeout) {
  EXPECT_NE(talk("GET /health HTTP/1.1\r\nHost:"), "still open");
}

TEST_F(HostileTest, AHugeHeaderIsRefused) {
  EXPECT_EQ(talk("GET /health HTTP/1.1\r\nHost: x\r\nX: " + std::string(60000, 'a') + "\r\n\r\n").substr(0, 12),
            "HTTP/1.1 431");
}

TEST_F(HostileTest, SmugglingIsRefused) {
  for (const std::string head :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5", "Transfer-Encoding: chunked, identity", "Transfer-Encoding : chunked"}) {
    const auto answer =
        talk("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=" + std::string(64, '0') +
             "\r\n" + head + "\r\n\r\n0\r\n\r\nGET /jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
             WebhookServer::kToken + "\r\n\r\n");
    EXPECT_EQ(answer.find("count_all"), std::string::npos) << head << answer;
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"))
        << head << answer;
  }
}

TEST_F(HalfSentTest, MemoryStaysFlatUnderHalfSentBodies) {
  (void)server.ask("GET", "/health");
  const auto before = resident_kib(server.process().pid());
  std::vector<std::unique_ptr<Socket>> sockets;
  for (int i = 0; i < 200; ++i) {
    sockets.push_back(std::make_unique<Socket>(server.port()));
    (void)sockets.back()->send(
        "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\nX-Hub-Signature-256: sha256=" +
        std::string(64, '0') + "\r\n\r\n{");
  }
  EXPECT_EQ(server.ask("GET", "/health").status, 200);
  EXPECT_LT(resident_kib(server.process().pid()) - before, 20 * 1024);
  for (auto& socket : sockets) EXPECT_TRUE(socket->read_all(15000)) << "closed by the server";
  EXPECT_EQ(server.ask("GET", "/health").status, 200);
}

TEST_F(HostileTest, LargePushesLeaveNoMemoryBehind) {
  constexpr std::int64_t kSlack = 8 * 1024;
  const auto push = [&](std::size_t filler) {
    const auto id = base::random_uuid();
    return server.signed_post(
        R"({"ref":"refs/heads/trunk","id":")" + id + R"(","x":")" + std::string(filler, 'x') + "\"}",
        {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", id}});
  };
  ASSERT_EQ(push(10).status, 202);
  const auto before = resident_kib(server.process().pid());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(push(24'000'000).status, 202);
  EXPECT_TRUE(
      eventually([&] { return resident_kib(server.process().pid()) < before + kSlack; }, std::chrono::seconds(5)))
      << before << " KiB before, " << resident_kib(server.process().pid()) << " after";
}

TEST_F(HostileTest, ALargePushIsTaken) {
  const auto body = R"({"ref":"refs/heads/x","filler":")" + std::string(20 << 20, 'x') + "\"}";
  const auto accepted = server.signed_post(body, {{"X-GitHub-Event", "push"}});
  EXPECT_EQ(accepted.status, 202) << accepted.body;
}

}  // namespace
}  // namespace cadence::test
