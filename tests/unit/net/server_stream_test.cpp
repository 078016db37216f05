// Answers whose bodies come piece by piece: as long as the client stays, and no longer.
#include <atomic>

#include "server_bed.hpp"

namespace cadence::net {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// Takes one request and keeps what is needed to stream to it.
struct Streaming : ::testing::Test {
  struct Sink final : RequestSink {
    explicit Sink(Streaming& to) : test(to) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override {
      auto begun =
          respond.begin({200, {{"Content-Type", "text/event-stream"}}, ""}, [this_test = &test] { ++this_test->gone; });
      const std::lock_guard lock(test.mutex);
      test.streams.push_back(begun);
    }
    Streaming& test;
  };
  ServerOptions options = [] {
    auto out = quick();
    out.write_timeout = milliseconds(500);
    return out;
  }();
  Stream stream() {
    EXPECT_TRUE(eventually([this] {
      const std::lock_guard lock(mutex);
      return !streams.empty();
    }));
    const std::lock_guard lock(mutex);
    return streams.empty() ? Stream() : streams.back();
  }
  std::atomic<int> gone{0};
  std::mutex mutex;
  std::vector<Stream> streams;
  std::unique_ptr<Server> server = start(options, [this](const RequestHead&) -> std::variant<Response, Accept> {
    return Accept{std::make_unique<Sink>(*this)};
  });
};

TEST_F(Streaming, PiecesArriveAsTheyComeAndEndProperly) {
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  EXPECT_TRUE(to.send("one\n"));
  const auto head = client.read_until("one\n");
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(head, HasSubstr("\r\n\r\n4\r\none\n"));
  EXPECT_TRUE(to.send(""));
  EXPECT_TRUE(to.send(std::string(300000, 'x')));
  to.end();
  EXPECT_THAT(client.read_to_end(), EndsWith("xxx\r\n0\r\n\r\n"));
  EXPECT_FALSE(to.send("late"));
  EXPECT_EQ(gone, 0);
}

TEST_F(Streaming, OutlastsEveryTimeOut) {
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  const auto longest = std::max({options.body_timeout, options.idle_timeout, options.write_timeout});
  const auto until = std::chrono::steady_clock::now() + 2 * longest;
  EXPECT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > until; }));
  EXPECT_TRUE(to.send("still here"));
  EXPECT_THAT(client.read_until("still here"), HasSubstr("still here"));
}

TEST_F(Streaming, AClientThatLeavesIsGoneAtOnce) {
  auto client = std::make_unique<RawPeer>(server->port());
  client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  client->read_until("\r\n\r\n");
  EXPECT_EQ(gone, 0);
  client.reset();
  EXPECT_TRUE(eventually([&] { return gone == 1; }));
  EXPECT_FALSE(to.send("to nobody"));
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST_F(Streaming, AClientThatReadsNothingIsGoneInTime) {
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  EXPECT_TRUE(eventually([&] { return !to.send(std::string(100000, 'x')); }));
  EXPECT_TRUE(eventually([&] { return gone == 1 && server->connections() == 0; }));
}

TEST_F(Streaming, AnHttp10ClientGetsThePiecesAlone) {
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  const auto to = stream();
  to.send("one\n");
  to.end();
  const auto all = client.read_to_end();
  EXPECT_THAT(all, EndsWith("\r\n\r\none\n"));
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
}

TEST_F(Streaming, HeadHasNoPieces) {
  const RawPeer client(server->port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\n"));
  EXPECT_FALSE(to.send("one"));
}

TEST_F(Streaming, OutlivesItsServerHarmlessly) {
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto to = stream();
  server.reset();
  EXPECT_FALSE(to.send("to nobody"));
  to.end();
}

TEST_F(Streaming, AnAnswerThatTakesATurnCanStream) {
  bool has_turned = false;
  Stream begun;
  const Responder plain([](Response) { ADD_FAILURE() << "it was begun"; },
                        [](Response head, std::function<void()>) {
                          EXPECT_EQ(head.status, 201);
                          return Stream([](std::string, bool) { return true; });
                        });
  begun = plain
              .with([&](Response response) {
                has_turned = true;
                response.status = 201;
                return response;
              })
              .begin({}, {});
  EXPECT_TRUE(has_turned);
  EXPECT_TRUE(begun.send("x"));
  EXPECT_FALSE(plain.begin({}, {}).send("x")) << "at most once";
}

}  // namespace
}  // namespace cadence::net
