#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "net/server.hpp"
#include "net/transport.hpp"
#include "raw_peer.hpp"

namespace cadence::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::RawPeer;
using testing::ScriptedServer;

OriginSource plain(std::uint16_t port, std::atomic<int>* asked = nullptr) {
  return [port, asked]() -> base::Result<Origin> {
    if (asked != nullptr) ++*asked;
    return Origin{"127.0.0.1", port, std::nullopt};
  };
}

ScriptedServer::Step reply(std::string bytes, std::string* seen = nullptr) {
  return [bytes = std::move(bytes), seen](RawPeer& peer) {
    const auto got = peer.read_until("\r\n\r\n");
    if (seen != nullptr) *seen = got;
    peer.send(bytes);
  };
}

// Never answers; leaves when the client does.
void stay_silent(RawPeer& peer) { peer.read_to_end(); }

TEST(BeastTransport, SendsARequestAndReadsTheAnswer) {
  std::string seen;
  const ScriptedServer server({reply("HTTP/1.1 201 Created\r\nA: b\r\nContent-Length: 2\r\n\r\nok", &seen)});
  const auto transport = make_beast_transport(plain(server.port()));
  const auto answer = transport->send({"POST", "/a?b=c", {{"X-Y", "z"}}, ""}, seconds(5), {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(find_header(answer->headers, "a"), "b");
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(seen, "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nX-Y: z\r\nContent-Length: 0\r\n\r\n");
}

TEST(BeastTransport, ReadsChunkedUnframedAndInterimAnswers) {
  const ScriptedServer server({
      reply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: "
            "close\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: t\r\n\r\n"),
      reply("HTTP/1.1 200 OK\r\n\r\nto the end"),
      reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
  });
  const auto transport = make_beast_transport(plain(server.port()));
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "abcde");
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "to the end");
  const auto head = transport->send({"HEAD", "/", {}, ""}, seconds(5), {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->body, "");
}

TEST(BeastTransport, ReusesOneConnection) {
  ServerOptions options{.address = "127.0.0.1", .port = 0, .tls = {}};
  const auto server = start_server(
      options, simple_handler([](const RequestHead&, std::string body) { return text_response(200, body); }));
  ASSERT_TRUE(server);
  std::atomic<int> asked = 0;
  const auto transport = make_beast_transport(plain((*server)->port(), &asked));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(transport->send({"PUT", "/", {}, "x"}, seconds(5), {})->body, "x");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ((*server)->connections(), 1u);
}

TEST(BeastTransport, ReplacesAConnectionTheServerClosed) {
  const ScriptedServer server({
      reply("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
      reply("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
  });
  const auto transport = make_beast_transport(plain(server.port()));
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "1");
  const auto second = transport->send({"POST", "/", {}, ""}, seconds(5), {});
  // Noticed before sending, so even a POST goes over a new connection.
  if (second) EXPECT_EQ(second->body, "2");
  else EXPECT_EQ(second.error().kind, ErrorKind::Transient);
}

// The kept connection dies only after it has taken the second request.
std::vector<ScriptedServer::Step> dying_after_one(std::atomic<int>& seen) {
  return {[&seen](RawPeer& peer) {
            peer.read_until("\r\n\r\n");
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
            if (!peer.read_until("\r\n\r\n").empty()) ++seen;
          },
          [&seen](RawPeer& peer) {
            if (!peer.read_until("\r\n\r\n").empty()) ++seen;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
          }};
}

TEST(BeastTransport, RepeatsAnIdempotentRequestLostOnAKeptConnection) {
  std::atomic<int> seen = 0;
  const ScriptedServer server(dying_after_one(seen));
  const auto transport = make_beast_transport(plain(server.port()));
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "1");
  const auto again = transport->send({}, seconds(5), {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->body, "2");
  EXPECT_EQ(seen, 2);
}

TEST(BeastTransport, NeverRepeatsAPost) {
  std::atomic<int> seen = 0;
  const ScriptedServer server(dying_after_one(seen));
  const auto transport = make_beast_transport(plain(server.port()));
  EXPECT_EQ(transport->send({}, seconds(5), {})->body, "1");
  const auto again = transport->send({"POST", "/", {}, ""}, seconds(5), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Transient);
  EXPECT_EQ(seen, 1);
}

TEST(BeastTransport, DoesNotFollowRedirects) {
  const ScriptedServer server(
      {reply("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")});
  const auto answer = make_beast_transport(plain(server.port()))->send({}, seconds(5), {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
}

TEST(BeastTransport, KeepsItsDeadline) {
  const ScriptedServer server({stay_silent});
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = make_beast_transport(plain(server.port()))->send({}, milliseconds(50), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Transient);
  EXPECT_THAT(answer.error().message, HasSubstr("timed out"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST(BeastTransport, DripFedAnswersDoNotExtendTheDeadline) {
  const ScriptedServer server({[](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 500 && peer.send("a"); ++i) std::this_thread::sleep_for(milliseconds(5));
  }});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(make_beast_transport(plain(server.port()))->send({}, milliseconds(100), {}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST(BeastTransport, AStopEndsItAtOnce) {
  const ScriptedServer server({stay_silent});
  std::stop_source stop;
  const auto transport = make_beast_transport(plain(server.port()));
  auto answer = std::async(std::launch::async, [&] { return transport->send({}, seconds(30), stop.get_token()); });
  EXPECT_EQ(answer.wait_for(milliseconds(50)), std::future_status::timeout);
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  const auto result = answer.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Canceled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(1));
}

TEST(BeastTransport, FailuresAreTransientAndNameTheServer) {
  std::uint16_t closed = 0;
  { closed = ScriptedServer({}).port(); }
  const auto refused = make_beast_transport(plain(closed))->send({}, seconds(5), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "Could not connect to 127.0.0.1:" + std::to_string(closed) + ": Connection refused");
  EXPECT_EQ(refused.error().kind, ErrorKind::Transient);

  const ScriptedServer server({reply(""), reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
                               reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
                               reply("nonsense\r\n\r\n"), reply("HTTP/1.1 200 OK\r\nA: " + std::string(200000, 'a'))});
  const auto transport = make_beast_transport(plain(server.port()));
  for (int i = 0; i < 5; ++i) {
    const auto answer = transport->send({}, seconds(5), {});
    ASSERT_FALSE(answer) << i;
    EXPECT_EQ(answer.error().kind, ErrorKind::Transient) << i;
  }
}

TEST(BeastTransport, NamesResolveAndUnknownOnesFail) {
  const ScriptedServer server({reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  const auto known = make_beast_transport([&]() -> base::Result<Origin> {
    return Origin{"localhost", server.port(), {}};
  });
  EXPECT_TRUE(known->send({}, seconds(5), {}));
  const auto unknown = make_beast_transport([]() -> base::Result<Origin> {
    return Origin{"no-such-name.invalid", 80, {}};
  });
  const auto answer = unknown->send({}, seconds(5), {});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("no-such-name.invalid"));
}

TEST(BeastTransport, RefusesLineBreaksInRequests) {
  const auto transport = make_beast_transport(plain(1));
  for (const Request& bad : {Request{"GET", "/a b", {}, ""}, Request{"GET", "/\r\nX: y", {}, ""},
                             Request{"G\nET", "/", {}, ""}, Request{"GET", "/", {{"A", "b\r\nC: d"}}, ""},
                             Request{"GET", "/", {{"A:", "b"}}, ""}, Request{"GET", "http://x/", {}, ""}}) {
    const auto answer = transport->send(bad, milliseconds(100), {});
    ASSERT_FALSE(answer);
  }
}

TEST(BeastStream, HandsOverBytesAsTheyCome) {
  std::promise<void> first_seen;
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n");
    first_seen.get_future().wait_for(seconds(30));
    peer.send("7\r\nsecond\n\r\n0\r\n\r\n");
  }});
  const auto opener = make_beast_stream_opener(plain(server.port()));
  const auto stream = opener->open({}, seconds(5), {});
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ((*stream)->status(), 200);
  char into[100];
  EXPECT_EQ(std::string(into, *(*stream)->read_some(into, seconds(5), {})), "first\n");
  first_seen.set_value();
  EXPECT_EQ(std::string(into, *(*stream)->read_some(into, seconds(5), {})), "second\n");
  EXPECT_EQ(*(*stream)->read_some(into, seconds(5), {}), 0u);
  EXPECT_EQ(*(*stream)->read_some(into, seconds(5), {}), 0u);
}

TEST(BeastStream, ReadsIntoSmallSpansAndWithALength) {
  const ScriptedServer server({reply("HTTP/1.1 410 Gone\r\nContent-Length: 7\r\n\r\nexpired")});
  const auto stream = make_beast_stream_opener(plain(server.port()))->open({}, seconds(5), {});
  ASSERT_TRUE(stream);
  EXPECT_EQ((*stream)->status(), 410);
  std::string all;
  char into[3];
  while (const auto count = *(*stream)->read_some(into, seconds(5), {})) all.append(into, count);
  EXPECT_EQ(all, "expired");
}

TEST(BeastStream, SilenceACutAndAStopAreToldApart) {
  const ScriptedServer server({
      [](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.read_to_end();
      },
      reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
      [](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.read_to_end();
      },
  });
  const auto opener = make_beast_stream_opener(plain(server.port()));
  char into[10];
  {
    const auto silent = opener->open({}, seconds(5), {});
    const auto nothing = (*silent)->read_some(into, milliseconds(50), {});
    ASSERT_FALSE(nothing);
    EXPECT_THAT(nothing.error().message, HasSubstr("timed out"));
  }
  const auto cut = opener->open({}, seconds(5), {});
  EXPECT_EQ(*(*cut)->read_some(into, seconds(5), {}), 2u);
  const auto end = (*cut)->read_some(into, seconds(5), {});
  ASSERT_FALSE(end);
  EXPECT_THAT(end.error().message, HasSubstr("cut short"));

  std::stop_source stop;
  const auto stopped = opener->open({}, seconds(5), {});
  std::jthread stopper([&] { stop.request_stop(); });
  const auto none = (*stopped)->read_some(into, seconds(30), stop.get_token());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::Canceled);
}

TEST(BeastStream, SlowReadingSlowsTheServer) {
  std::atomic<long> sent = 0;
  std::promise<void> is_full;
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'a') + "\r\n";
    // Stops when the peer takes nothing for 5 s or all 256 MiB are gone.
    for (int i = 0; i < 4096 && peer.send(chunk); ++i) sent += 65536;
    is_full.set_value();
  }});
  const auto stream = make_beast_stream_opener(plain(server.port()))->open({}, seconds(5), {});
  ASSERT_TRUE(stream);
  char into[1000];
  EXPECT_TRUE((*stream)->read_some(into, seconds(5), {}));
  EXPECT_EQ(is_full.get_future().wait_for(seconds(8)), std::future_status::ready);
  EXPECT_LT(sent, 64l * 1024 * 1024);
}

}  // namespace
}  // namespace cadence::net
