// What the server bounds, and how connections end.
#include <fstream>
#include <future>

#include "server_bed.hpp"

namespace cadence::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// All of it before reading a byte: what many clients do.
TEST(Server, AnEarlyAnswerReachesAClientThatSendsEverythingFirst) {
  const auto server = start();
  for (const char* framing : {"Content-Length: 33554432\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2000000\r\n"}) {
    const RawPeer client(server->port());
    ASSERT_TRUE(client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + framing));
    const std::string piece(1 << 20, 'a');
    for (int i = 0; i < 32; ++i) {
      ASSERT_TRUE(client.send(piece)) << framing << i;
      // a slow sender; together longer than other time-outs here
      if (i % 8 == 0) std::this_thread::sleep_for(milliseconds(400));
    }
    client.finish_sending();
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 413")) << framing;
  }
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Server, AClientThatSendsOnAfterItsAnswerIsBounded) {
  auto options = quick();
  options.linger_bytes = 1 << 20;
  options.linger_timeout = milliseconds(400);
  const auto server = start(options);
  const auto refused = [&] {
    auto client = std::make_unique<RawPeer>(server->port());
    client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
    EXPECT_THAT(client->read_until("large"), StartsWith("HTTP/1.1 413"));
    return client;
  };
  const auto fast = refused();
  const std::string piece(1 << 20, 'a');
  for (int i = 0; i < 100 && fast->send(piece); ++i) {
  }
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }, milliseconds(300)));
  const auto slow = refused();
  const auto begin = std::chrono::steady_clock::now();
  while (server->connections() != 0 && std::chrono::steady_clock::now() - begin < milliseconds(3000)) {
    slow->send("a");
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2000));
}

TEST(Server, DrainingDoesNotWaitForASlowSender) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_THAT(client.read_until("large"), StartsWith("HTTP/1.1 413"));
  std::jthread sender([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && client.send("a")) std::this_thread::sleep_for(milliseconds(20));
  });
  const auto begin = std::chrono::steady_clock::now();
  server->drain(std::chrono::seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(4000));
}

TEST(Server, HalfSentHeaderEndsWithinItsTime) {
  const auto server = start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.1\r\nHos"), StartsWith("HTTP/1.1 408"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2000));
}

TEST(Server, DripFedHeaderDoesNotExtendItsTime) {
  const auto server = start();
  const RawPeer client(server->port());
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\n");
  while (server->connections() != 0 || std::chrono::steady_clock::now() - begin < milliseconds(50)) {
    if (!client.send("a: b\r\n") || std::chrono::steady_clock::now() - begin > milliseconds(2500)) break;
    std::this_thread::sleep_for(milliseconds(10));
    if (std::chrono::steady_clock::now() - begin > milliseconds(500)) break;
  }
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 408"));
}

TEST(Server, HalfSentBodyEndsWithinItsTime) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408"));
}

TEST(Server, AShorterTimeCountsThoughALongerOneHasNotPassed) {
  auto options = quick();
  options.header_timeout = std::chrono::seconds(60);
  const auto server = start(options);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(Server, SilentAndIdleConnectionsAreClosed) {
  const auto server = start();
  EXPECT_EQ(ask(server->port(), ""), "");
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(RawPeer::count(client.read_to_end(), "HTTP/1.1"), 1);
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Server, RefusesALongHeaderLineAndManyShortOnes) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(64 * 1024, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 8192; ++i) many += "a: b\r\n";
  EXPECT_THAT(ask(server->port(), many + "\r\n"), StartsWith("HTTP/1.1 431"));
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST(Server, MemoryStaysFlatUnderAHeaderFlood) {
  auto options = quick();
  options.header_timeout = std::chrono::seconds(20);
  const auto server = start(options);
  const std::string piece(1024 * 1024, 'a');
  const auto before = resident_kib();
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nA: ");
  for (int i = 0; i < 256 && client.send(piece); ++i) {
  }
  EXPECT_LT(resident_kib() - before, 16 * 1024);
}

TEST(Server, MemoryStaysFlatUnderAPipelineFloodWhileAnAnswerIsOwed) {
  auto owed = std::make_shared<std::promise<Responder>>();
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override { owed->set_value(respond); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> {
    return Accept{std::make_unique<Sink>(owed)};
  });
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto respond = owed->get_future().get();
  const auto before = resident_kib();
  const std::string piece(1024 * 1024, 'a');
  // The kernel's buffers fill up and the server stops reading, so the sender is the one that waits.
  int taken = 0;
  while (taken < 64 && client.send(piece)) ++taken;
  EXPECT_LT(taken, 64);
  EXPECT_LT(resident_kib() - before, 16 * 1024);
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  respond(text_response(200, "late"));
  EXPECT_THAT(client.read_until("late"), HasSubstr("late"));
}

TEST(Server, DrainFinishesWhatIsInFlight) {
  auto owed = std::make_shared<std::promise<Responder>>();
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override { owed->set_value(respond); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> {
    return Accept{std::make_unique<Sink>(owed)};
  });
  const RawPeer idle(server->port()), busy(server->port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto respond = owed->get_future().get();
  std::jthread drainer([&] { server->drain(std::chrono::seconds(10)); });
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_FALSE(RawPeer(server->port()).is_open());
  respond(text_response(200, "done"));
  EXPECT_THAT(busy.read_to_end(), ::testing::AllOf(HasSubstr("Connection: close"), HasSubstr("done")));
  busy.finish_sending();
  drainer.join();
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Server, DrainGivesUpAtItsDeadline) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  server->drain(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2500));
}

struct Watched final : RequestSink {
  explicit Watched(std::promise<void>& to) : gone(to) {}
  ~Watched() override { gone.set_value(); }
  void on_body(std::string_view) override {}
  void on_complete(Responder respond) override { kept.emplace(std::move(respond)); }
  std::promise<void>& gone;
  std::optional<Responder> kept;
};

TEST(Server, DropsTheSinkWhenTheClientLeaves) {
  for (const bool is_complete : {false, true}) {
    std::promise<void> gone;
    const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> {
      return Accept{std::make_unique<Watched>(gone)};
    });
    RawPeer client(server->port());
    client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na") + (is_complete ? "b" : ""));
    ASSERT_TRUE(eventually([&] { return server->connections() == 1; }));
    client.reset();
    EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
    EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
  }
}

TEST(Server, ClosesConnectionsOverTheLimitAtOnce) {
  auto options = quick();
  options.max_connections = 1;
  const auto server = start(options);
  const RawPeer first(server->port());
  ASSERT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_EQ(RawPeer(server->port()).read_to_end(), "");
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.read_until("GET / "), HasSubstr("200 OK"));
}

}  // namespace
}  // namespace cadence::net
