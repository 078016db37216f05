// What the server answers.
#include <atomic>
#include <future>

#include "server_bed.hpp"

namespace cadence::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Server, AnswersAndKeepsTheConnection) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(
      client.read_until("GET /a "),
      HasSubstr("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 7\r\n\r\nGET /a "));
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.read_until("hello"), HasSubstr("POST /b hello"));
}

TEST(Server, ReadsChunkedBodiesInAnyCut) {
  const auto server = start();
  const std::string bytes =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;ext=1\r\nhello\r\n6\r\n "
      "world\r\n0\r\nTrailer: t\r\n\r\n";
  const RawPeer client(server->port());
  for (const char byte : bytes) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_THAT(client.read_to_end(), HasSubstr("POST /c hello world"));
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  std::vector<Responder> owed;
  std::mutex mutex;
  struct Sink final : RequestSink {
    Sink(std::vector<Responder>& to, std::mutex& guard) : owed(to), mutex(guard) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override {
      const std::lock_guard lock(mutex);
      owed.push_back(respond);
    }
    std::vector<Responder>& owed;
    std::mutex& mutex;
  };
  const auto server = start(quick(), [&](const RequestHead& head) -> std::variant<Response, Accept> {
    if (head.target == "/slow") return Accept{std::make_unique<Sink>(owed, mutex)};
    return text_response(200, "fast");
  });
  const RawPeer client(server->port());
  client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return owed.size() == 1;
  }));
  owed[0](text_response(200, "slow"));
  const auto got = client.read_to_end();
  EXPECT_LT(got.find("slow"), got.find("fast"));
  EXPECT_EQ(RawPeer::count(got, "HTTP/1.1 200"), 2);
}

TEST(Server, HeadHasTheLengthButNoBody) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              ::testing::EndsWith("Content-Length: 8\r\nConnection: close\r\n\r\n"));
}

TEST(Server, ContinuesWhenTheClientExpectsIt) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_until(" ok"), HasSubstr("POST / ok"));
}

TEST(Server, Http10ClosesUnlessAsked) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
}

TEST(Server, RefusesATooLongBodyBeforeReadingIt) {
  const auto server = start();
  // The body is never sent: the answer comes from the header alone.
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
}

TEST(Server, RefusesATooLongChunkedBodyWhileReading) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n" +
                                      std::string(1025, 'a') + "\r\n"),
              StartsWith("HTTP/1.1 413"));
}

class Smuggling : public ::testing::TestWithParam<const char*> {};
TEST_P(Smuggling, IsRefusedAndClosed) {
  const auto server = start();
  const auto got = ask(server->port(), std::string(GetParam()) + "GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(RawPeer::count(got, "HTTP/1.1"), 1) << got;
}
INSTANTIATE_TEST_SUITE_P(
    Requests, Smuggling,
    ::testing::Values(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\nok",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\nok",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nok",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nok",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nAccept: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"));

TEST(Server, AnswersAClientThatStoppedSending) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_sending();
  EXPECT_THAT(client.read_to_end(), HasSubstr("GET /half"));
}

TEST(Server, Answers500ForAForgottenResponderAndForExceptions) {
  const auto server = start(quick(), [](const RequestHead& head) -> std::variant<Response, Accept> {
    struct Forgetful final : RequestSink {
      void on_body(std::string_view) override {}
      void on_complete(Responder) override {}
    };
    struct Throwing final : RequestSink {
      void on_body(std::string_view) override {}
      void on_complete(Responder) override { throw std::runtime_error("x"); }
    };
    if (head.target == "/forget") return Accept{std::make_unique<Forgetful>()};
    if (head.target == "/throw") return Accept{std::make_unique<Throwing>()};
    throw std::runtime_error("x");
  });
  for (const char* target : {"/forget", "/throw", "/head"}) {
    EXPECT_THAT(ask(server->port(), std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 500"));
  }
}

TEST(Server, ResponderOutlivesConnectionAndServer) {
  auto owed = std::make_shared<std::promise<Responder>>();
  std::optional<Responder> respond;
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder answer) override { owed->set_value(answer); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  {
    const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> {
      return Accept{std::make_unique<Sink>(owed)};
    });
    const RawPeer client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    respond.emplace(owed->get_future().get());
  }
  (*respond)(text_response(200, "too late"));
}

TEST(Server, ServesManyClientsOnSeveralThreads) {
  auto options = quick();
  options.threads = 3;
  options.idle_timeout = std::chrono::seconds(10);
  const auto server = start(options);
  std::vector<std::jthread> clients;
  std::atomic<int> answered = 0;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      const RawPeer client(server->port());
      for (int i = 0; i < 50; ++i) {
        client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        if (client.read_until("POST /x abc").find("200 OK") != std::string::npos) ++answered;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(answered, 400);
}

TEST(Server, SaysWhyItCouldNotListen) {
  const auto first = start();
  auto options = quick();
  options.port = first->port();
  const auto second = start_server(options, simple_handler(echo));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("Could not listen on 127.0.0.1:"));
}

}  // namespace
}  // namespace cadence::net
