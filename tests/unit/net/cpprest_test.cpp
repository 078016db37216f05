// One test for each measured hazard of cpprestsdk that its adapter guards against.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>

#include "net/server.hpp"
#include "net/transport.hpp"
#include "raw_peer.hpp"

// Debian's libcpprest is not built with the sanitizer, so its half of a reference count is invisible to it.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:pplx::\n"; }

namespace cadence::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::eventually;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawPeer;
using testing::ScriptedServer;

OriginSource plain(std::uint16_t port, std::atomic<int>* asked = nullptr) {
  return [port, asked]() -> base::Result<Origin> {
    if (asked != nullptr) ++*asked;
    return Origin{"127.0.0.1", port};
  };
}

ScriptedServer::Step reply(std::string bytes, std::string* seen = nullptr) {
  return [bytes = std::move(bytes), seen](RawPeer& peer) {
    const auto got = peer.read_until("\r\n\r\n");
    if (seen != nullptr) *seen = got;
    peer.send(bytes);
  };
}

int thread_count() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 0;
}

class Cpprest : public ::testing::Test {
 protected:
  Cpprest() { set_up_cpprest(); }
};

TEST_F(Cpprest, SendsEveryMethodWithBodyAndHeaders) {
  ServerOptions options{.address = "127.0.0.1", .port = 0};
  const auto server =
      start_server(options, simple_handler([](const RequestHead& head, std::string body) {
                     Response out{201, {{"X-Seen", head.method + " " + head.target}}, std::move(body)};
                     out.headers.push_back({"X-Type", std::string(find_header(head.headers, "Content-Type"))});
                     return out;
                   }));
  ASSERT_TRUE(server);
  const auto transport = make_cpprest_transport(plain((*server)->port()));
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const std::string body = method == std::string("GET") ? "" : R"({"a":1})";
    const auto answer =
        transport->send({method, "/x", {{"Content-Type", "application/apply-patch+yaml"}}, body}, seconds(5), {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, body);
    EXPECT_EQ(find_header(answer->headers, "x-seen"), std::string(method) + " /x");
    EXPECT_EQ(find_header(answer->headers, "x-type"), "application/apply-patch+yaml");
  }
}

// Hazard: the path is encoded again.
TEST_F(Cpprest, LeavesTheTargetAsItIs) {
  for (const char* target :
       {"/api/v1/pods?labelSelector=a%3Db%2C%21c%2Cd%20in%20%28e%2Cf%29", "/apis/x/y?fieldManager=a%2Fb&force=true",
        "/a%2Fb/c?continue=eyJ%2B%2F%3D", "/plain?x=%25"}) {
    std::string seen;
    const ScriptedServer server({reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &seen)});
    ASSERT_TRUE(make_cpprest_transport(plain(server.port()))->send({"GET", target, {}, ""}, seconds(5), {}));
    EXPECT_THAT(seen, ::testing::StartsWith(std::string("GET ") + target + " HTTP/1.1\r\n"));
  }
}

// Hazard: ten redirects are followed, and the bearer token goes with them.
TEST_F(Cpprest, NeverTakesTheTokenToAnotherOrigin) {
  std::atomic<int> visits = 0;
  const ScriptedServer other({[&](RawPeer&) { ++visits; }});
  const ScriptedServer server({reply("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:" +
                                     std::to_string(other.port()) + "/\r\nContent-Length: 0\r\n\r\n")});
  const auto answer = make_cpprest_transport(plain(server.port()))
                          ->send({"GET", "/", {{"Authorization", "Bearer secret"}}, ""}, seconds(5), {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(visits, 0);
}

// Hazard: the library's time-out is an idle timer, restarted by every chunk.
TEST_F(Cpprest, DripFedAnswersDoNotExtendTheDeadline) {
  const ScriptedServer server({[](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 500 && peer.send("a"); ++i) std::this_thread::sleep_for(milliseconds(5));
  }});
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = make_cpprest_transport(plain(server.port()))->send({}, milliseconds(100), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Transient);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST_F(Cpprest, AStopEndsItAtOnceAndClosesTheConnection) {
  std::promise<void> left;
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_to_end();
    left.set_value();
  }});
  std::stop_source stop;
  const auto transport = make_cpprest_transport(plain(server.port()));
  auto answer = std::async(std::launch::async, [&] { return transport->send({}, seconds(30), stop.get_token()); });
  EXPECT_EQ(answer.wait_for(milliseconds(50)), std::future_status::timeout);
  stop.request_stop();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(answer.get().error().kind, ErrorKind::Canceled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(1));
  EXPECT_EQ(left.get_future().wait_for(seconds(30)), std::future_status::ready);
}

// Hazard: a failed task that nobody looks at ends the process; here every failure comes after its caller has gone.
TEST_F(Cpprest, FailuresAfterADeadlineDoNotEndTheProcess) {
  std::vector<ScriptedServer::Step> steps(20, [](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na");
    std::this_thread::sleep_for(milliseconds(10));
    peer.reset();
  });
  const ScriptedServer server(std::move(steps));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(make_cpprest_transport(plain(server.port()))->send({}, milliseconds(i), {}));
  }
}

// Hazard: error texts are the same for a cut and a time-out; and a client is reported never to recover.
TEST_F(Cpprest, EveryBrokenAnswerIsTransientAndTheNextCallWorks) {
  std::uint16_t closed = 0;
  { closed = ScriptedServer({}).port(); }
  EXPECT_EQ(make_cpprest_transport(plain(closed))->send({}, seconds(5), {}).error().kind, ErrorKind::Transient);

  const std::vector<std::string> broken = {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                                           "nonsense\r\n\r\n"};
  std::atomic<int> asked = 0;
  std::vector<ScriptedServer::Step> steps;
  for (const auto& bytes : broken) {
    steps.push_back(reply(bytes));
    steps.push_back(reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
  }
  const ScriptedServer server(std::move(steps));
  const auto transport = make_cpprest_transport(plain(server.port(), &asked));
  for (std::size_t i = 0; i < broken.size(); ++i) {
    const auto failed = transport->send({}, seconds(5), {});
    ASSERT_FALSE(failed) << i;
    EXPECT_EQ(failed.error().kind, ErrorKind::Transient);
    const auto good = transport->send({}, seconds(5), {});
    ASSERT_TRUE(good) << i << ": " << good.error().message;
    EXPECT_EQ(good->body, "ok");
  }
  // The client is discarded each time, so the origin is asked for again.
  EXPECT_EQ(asked, static_cast<int>(broken.size()) + 1);
}

// Hazard: a reused connection found closed is retried by the library, POST and PATCH included. Known and accepted: we
// send only writes that may be done twice; this test tells when the library's behaviour changes.
TEST_F(Cpprest, ALostKeptConnectionNeverShowsAsAWrongAnswer) {
  std::atomic<int> seen = 0;
  const ScriptedServer server({[&](RawPeer& peer) {
                                 peer.read_until("\r\n\r\n");
                                 peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
                                 // Bounded: the library may not have its connection back yet and take a second one.
                                 if (!peer.read_until("\r\n\r\n", 1, milliseconds(500)).empty()) ++seen;
                               },
                               [&](RawPeer& peer) {
                                 if (!peer.read_until("\r\n\r\n").empty()) ++seen;
                                 peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
                               }});
  const auto transport = make_cpprest_transport(plain(server.port()));
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "1");
  const auto again = transport->send({"PATCH", "/", {}, "x"}, seconds(5), {});
  if (again) {
    EXPECT_EQ(again->body, "2");
    EXPECT_GE(seen, 1);
  } else {
    EXPECT_EQ(again.error().kind, ErrorKind::Transient);
  }
}

// Hazard: IPv6 literals fail in the resolver with a misleading message.
TEST_F(Cpprest, RefusesIpv6LiteralsWithAReason) {
  const auto answer = make_cpprest_transport([]() -> base::Result<Origin> {
                        return Origin{"::1", 443};
                      })->send({}, seconds(1), {});
  EXPECT_EQ(answer.error().kind, ErrorKind::Invalid);
  EXPECT_THAT(answer.error().message, HasSubstr("IPv6 literals"));
}

// Hazard: forty threads.
TEST_F(Cpprest, RunsOnAFewThreadsAndTakesParallelCalls) {
  ServerOptions options{.address = "127.0.0.1", .port = 0};
  const auto server = start_server(
      options, simple_handler([](const RequestHead&, std::string body) { return text_response(200, body); }));
  const auto transport = make_cpprest_transport(plain((*server)->port()));
  std::vector<std::jthread> callers;
  std::atomic<int> answered = 0;
  std::atomic<int> most_threads = 0;
  for (int c = 0; c < 6; ++c) {
    callers.emplace_back([&, c] {
      for (int i = 0; i < 30; ++i) {
        const auto body = std::to_string(c * 100 + i);
        const auto answer = transport->send({"PUT", "/", {}, body}, seconds(5), {});
        if (answer && answer->body == body) ++answered;
      }
      most_threads = std::max(most_threads.load(), thread_count());
    });
  }
  callers.clear();
  EXPECT_EQ(answered, 180);
  EXPECT_LT(most_threads, 20);
}

TEST_F(Cpprest, RefusesLineBreaksAndBadTargets) {
  const auto transport = make_cpprest_transport(plain(1));
  for (const Request& bad : {Request{"GET", "/a b", {}, ""}, Request{"GET", "/", {{"A", "b\r\nC: d"}}, ""},
                             Request{"GET", "http://x/", {}, ""}}) {
    EXPECT_EQ(transport->send(bad, milliseconds(100), {}).error().kind, ErrorKind::Invalid);
  }
}

TEST_F(Cpprest, SigpipeIsIgnored) {
  struct sigaction present {};
  ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &present), 0);
  EXPECT_EQ(present.sa_handler, SIG_IGN);
}

}  // namespace
}  // namespace cadence::net
