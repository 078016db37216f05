// Against a listener that misbehaves on purpose; real servers are in the integration tests.
#include "redis/connection.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace cadence::redis {
namespace {

using namespace std::chrono_literals;

// Takes one connection, says `answer`, and keeps the connection open.
class Listener {
 public:
  explicit Listener(std::string answer = "") : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(socket_.number(), 1);
    ::getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    endpoint.address = {"127.0.0.1", ntohs(address.sin_port)};
    thread_ = std::jthread([this, answer = std::move(answer)] {
      client_ = Descriptor(::accept(socket_.number(), nullptr, nullptr));
      if (client_.is_open() && !answer.empty())
        (void)::send(client_.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  ~Listener() {
    ::shutdown(socket_.number(), SHUT_RDWR);
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Endpoint endpoint;

 private:
  Descriptor socket_, client_;
  std::jthread thread_;
};

Limits within(std::chrono::milliseconds bound) { return {.deadline = base::system_clock().monotonic() + bound}; }

TEST(Connection, EndsAtItsDeadlineAndIsNotUsedAgain) {
  Listener listener;
  auto connection = Connection::open(listener.endpoint, {}, within(1s));
  ASSERT_TRUE(connection);
  const auto start = std::chrono::steady_clock::now();
  const auto answer = connection->call({"PING"}, within(50ms));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Transient);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_FALSE(connection->call({"PING"}, within(1s)));
}

TEST(Connection, EndsAtAStop) {
  Listener listener;
  auto connection = Connection::open(listener.endpoint, {}, within(1s));
  ASSERT_TRUE(connection);
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto answer =
      connection->call({"PING"}, {.deadline = base::system_clock().monotonic() + 30s, .stop = stop.get_token()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Canceled);
}

TEST(Connection, KeepsOrderInAPipeline) {
  Listener listener("+one\r\n-ERR two\r\n:3\r\n");
  auto connection = Connection::open(listener.endpoint, {}, within(1s));
  ASSERT_TRUE(connection);
  const auto replies = connection->pipeline({{"A"}, {"B"}, {"C"}}, within(1s));
  ASSERT_TRUE(replies);
  EXPECT_EQ((*replies)[0].text, "one");
  EXPECT_TRUE((*replies)[1].is_error());
  EXPECT_EQ((*replies)[2].integer, 3);
}

TEST(Connection, RefusesAnEndlessReply) {
  Listener listener("$999999\r\n" + std::string(50000, 'x'));
  auto connection = Connection::open(listener.endpoint, {}, within(1s), 32768);
  ASSERT_TRUE(connection);
  const auto answer = connection->call({"GET", "x"}, within(1s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Invalid);
}

TEST(Connection, SaysWhatWasRefusedAndNoPassword) {
  Listener listener("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  const auto connection = Connection::open(listener.endpoint, {"operator", "pass-phrase"}, within(1s));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, base::ErrorKind::Forbidden);
  EXPECT_EQ(connection.error().message.find("pass-phrase"), std::string::npos);
}

TEST(Connection, TakesNoNamesForAddresses) {
  const auto connection = Connection::open({.address = {"localhost", 1}, .unix_socket = {}}, {}, within(1s));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, base::ErrorKind::Invalid);
}

}  // namespace
}  // namespace cadence::redis
