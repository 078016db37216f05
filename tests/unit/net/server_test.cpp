#include "net/server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <future>

#include "raw_peer.hpp"

namespace cadence::net {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::RawPeer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Response echo(const RequestHead& head, const std::string& body) {
  return text_response(200, head.method + " " + head.target + " " + body);
}

ServerOptions quick() {
  ServerOptions out;
  out.address = "127.0.0.1";
  out.port = 0;
  out.header_timeout = milliseconds(300);
  out.body_timeout = milliseconds(300);
  out.idle_timeout = milliseconds(300);
  return out;
}

std::unique_ptr<Server> start(ServerOptions options = quick(), HeadHandler handler = simple_handler(echo, 1024)) {
  auto made = start_server(std::move(options), std::move(handler));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

std::string ask(std::uint16_t port, std::string_view bytes) {
  const RawPeer client(port);
  EXPECT_TRUE(client.send(bytes));
  return client.read_to_end();
}

TEST(Server, answers_and_keeps_the_connection) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("GET /a "), HasSubstr("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 7\r\n\r\nGET /a "));
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.read_until("hello"), HasSubstr("POST /b hello"));
}

TEST(Server, reads_chunked_bodies_in_any_cut) {
  const auto server = start();
  const std::string bytes =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  const RawPeer client(server->port());
  for (const char byte : bytes) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_THAT(client.read_to_end(), HasSubstr("POST /c hello world"));
}

TEST(Server, answers_pipelined_requests_in_order) {
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

TEST(Server, head_has_the_length_but_no_body) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), ::testing::EndsWith("Content-Length: 8\r\nConnection: close\r\n\r\n"));
}

TEST(Server, continues_when_the_client_expects_it) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_until(" ok"), HasSubstr("POST / ok"));
}

TEST(Server, http_1_0_closes_unless_asked) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
}

TEST(Server, refuses_a_too_long_body_before_reading_it) {
  const auto server = start();
  // The body is never sent: the answer comes from the header alone.
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST(Server, refuses_a_too_long_chunked_body_while_reading) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n" + std::string(1025, 'a') + "\r\n"),
              StartsWith("HTTP/1.1 413"));
}

// All of it before reading a byte: what many clients do.
TEST(Server, an_early_answer_reaches_a_client_that_sends_everything_first) {
  const auto server = start();
  for (const char* framing : {"Content-Length: 33554432\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2000000\r\n"}) {
    const RawPeer client(server->port());
    ASSERT_TRUE(client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + framing));
    const std::string piece(1 << 20, 'a');
    for (int i = 0; i < 32; ++i) {
      ASSERT_TRUE(client.send(piece)) << framing << i;
      if (i % 8 == 0) std::this_thread::sleep_for(milliseconds(400));  // a slow sender; together longer than other time-outs here
    }
    client.finish_sending();
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 413")) << framing;
  }
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Server, a_client_that_sends_on_after_its_answer_is_bounded) {
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

TEST(Server, draining_does_not_wait_for_a_slow_sender) {
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

class Smuggling : public ::testing::TestWithParam<const char*> {};
TEST_P(Smuggling, is_refused_and_closed) {
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
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nAccept: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"));

TEST(Server, half_sent_header_ends_within_its_time) {
  const auto server = start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.1\r\nHos"), StartsWith("HTTP/1.1 408"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2000));
}

TEST(Server, drip_fed_header_does_not_extend_its_time) {
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

TEST(Server, half_sent_body_ends_within_its_time) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"), StartsWith("HTTP/1.1 408"));
}

TEST(Server, silent_and_idle_connections_are_closed) {
  const auto server = start();
  EXPECT_EQ(ask(server->port(), ""), "");
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(RawPeer::count(client.read_to_end(), "HTTP/1.1"), 1);
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Server, refuses_a_long_header_line_and_many_short_ones) {
  const auto server = start();
  EXPECT_THAT(ask(server->port(), "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(64 * 1024, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 431"));
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

TEST(Server, memory_stays_flat_under_a_header_flood) {
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

TEST(Server, memory_stays_flat_under_a_pipeline_flood_while_an_answer_is_owed) {
  auto owed = std::make_shared<std::promise<Responder>>();
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override { owed->set_value(respond); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> { return Accept{std::make_unique<Sink>(owed)}; });
  const RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto respond = owed->get_future().get();
  const auto before = resident_kib();
  const std::string piece(1024 * 1024, 'a');
  // The kernel's buffers fill up and the server stops reading, so the sender is the one that waits.
  std::jthread flood([&] { static_cast<void>(client.send(piece + piece + piece + piece + piece + piece + piece + piece)); });
  EXPECT_LT(resident_kib() - before, 16 * 1024);
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  respond(text_response(200, "late"));
  EXPECT_THAT(client.read_until("late"), HasSubstr("late"));
}

TEST(Server, drain_finishes_what_is_in_flight) {
  auto owed = std::make_shared<std::promise<Responder>>();
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder respond) override { owed->set_value(respond); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> { return Accept{std::make_unique<Sink>(owed)}; });
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

TEST(Server, drain_gives_up_at_its_deadline) {
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

TEST(Server, drops_the_sink_when_the_client_leaves) {
  for (const bool is_complete : {false, true}) {
    std::promise<void> gone;
    const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> { return Accept{std::make_unique<Watched>(gone)}; });
    RawPeer client(server->port());
    client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na") + (is_complete ? "b" : ""));
    ASSERT_TRUE(eventually([&] { return server->connections() == 1; }));
    client.reset();
    EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
    EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
  }
}

TEST(Server, answers_a_client_that_stopped_sending) {
  const auto server = start();
  const RawPeer client(server->port());
  client.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_sending();
  EXPECT_THAT(client.read_to_end(), HasSubstr("GET /half"));
}

TEST(Server, answers_500_for_a_forgotten_responder_and_for_exceptions) {
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
    EXPECT_THAT(ask(server->port(), std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 500"));
  }
}

TEST(Server, responder_outlives_connection_and_server) {
  auto owed = std::make_shared<std::promise<Responder>>();
  std::optional<Responder> respond;
  struct Sink final : RequestSink {
    explicit Sink(std::shared_ptr<std::promise<Responder>> to) : owed(std::move(to)) {}
    void on_body(std::string_view) override {}
    void on_complete(Responder answer) override { owed->set_value(answer); }
    std::shared_ptr<std::promise<Responder>> owed;
  };
  {
    const auto server = start(quick(), [&](const RequestHead&) -> std::variant<Response, Accept> { return Accept{std::make_unique<Sink>(owed)}; });
    const RawPeer client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    respond.emplace(owed->get_future().get());
  }
  (*respond)(text_response(200, "too late"));
}

TEST(Server, closes_connections_over_the_limit_at_once) {
  auto options = quick();
  options.max_connections = 1;
  const auto server = start(options);
  const RawPeer first(server->port());
  ASSERT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_EQ(RawPeer(server->port()).read_to_end(), "");
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.read_until("GET / "), HasSubstr("200 OK"));
}

TEST(Server, serves_many_clients_on_several_threads) {
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

TEST(Server, says_why_it_could_not_listen) {
  const auto first = start();
  auto options = quick();
  options.port = first->port();
  const auto second = start_server(options, simple_handler(echo));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("Could not listen on 127.0.0.1:"));
}

}  // namespace
}  // namespace cadence::net
