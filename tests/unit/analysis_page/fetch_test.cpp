// Section 1 of the specification: pages fetched from a server that follows a script, and what hostile ones may cost.
#include <gmock/gmock.h>

#include <atomic>

#include "analysis/source/web/page.hpp"
#include "base/clock.hpp"
#include "gzip.hpp"
#include "net/pki.hpp"
#include "net/server.hpp"
#include "raw_peer.hpp"

namespace cadence::analysis::source {
namespace {

using base::ErrorKind;
using net::testing::RawPeer;
using net::testing::ScriptedServer;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

ScriptedServer::Step reply(std::string bytes, std::string* seen = nullptr) {
  return [bytes = std::move(bytes), seen](RawPeer& peer) {
    const auto got = peer.read_until("\r\n\r\n");
    if (seen != nullptr) *seen = got;
    peer.send(bytes);
  };
}
ScriptedServer::Step page(const std::string& body, const std::string& headers = "Content-Type: text/html\r\n") {
  return reply("HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}
ScriptedServer::Step status(int code, const std::string& headers = "") {
  return reply("HTTP/1.1 " + std::to_string(code) + " X\r\n" + headers + "Content-Length: 0\r\n\r\n");
}

FetchOptions options_for(const ScriptedServer& server, const std::string& path = "/") {
  FetchOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port()) + path;
  options.allowed_hosts = {"127.0.0.1"};
  options.attempt_limit = milliseconds(5000);
  options.pauses = {milliseconds(1), milliseconds(1), milliseconds(1)};
  return options;
}

std::string failure_of(const FetchOptions& options) {
  const auto fetched = fetch_page(options, {});
  return fetched ? "fetched " + fetched->source : fetched.error().message;
}

TEST(FetchPage, AsksAsAProductOfItsOwn) {
  std::string seen;
  const ScriptedServer server({reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", &seen)});
  auto options = options_for(server, "/a?b");
  options.user_agent = "mill/1";
  const auto fetched = fetch_page(options, {});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->source, "hi");
  EXPECT_EQ(fetched->url, options.url);
  EXPECT_THAT(seen, HasSubstr("GET /a?b HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("User-Agent: mill/1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Accept: text/html,*/*\r\n"));
  EXPECT_THAT(seen, HasSubstr("Accept-Encoding: gzip\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("Cookie")));
}

TEST(FetchPage, CharsetsAndPackedBodies) {
  const ScriptedServer server({page("caf\xe9", "Content-Type: text/html; charset=windows-1252\r\n"),
                               page(gzip("<p>packed"), "Content-Encoding: gzip\r\n"),
                               page("x", "Content-Encoding: br\r\n"), page("not packed", "Content-Encoding: gzip\r\n"),
                               page("<meta charset=koi8-r>\xcd", "Content-Type: text/html; charset=nonsense\r\n")});
  const auto options = options_for(server);
  EXPECT_EQ(fetch_page(options, {})->source, "caf\xc3\xa9");
  EXPECT_EQ(fetch_page(options, {})->source, "<p>packed");
  EXPECT_THAT(failure_of(options), HasSubstr("packed as br"));
  EXPECT_THAT(failure_of(options), HasSubstr("damaged"));
  EXPECT_EQ(fetch_page(options, {})->source, "<meta charset=koi8-r>\xd0\xbc");
}

TEST(FetchPage, OtherContentIsRefused) {
  const ScriptedServer server({page("{}", "Content-Type: application/json\r\n")});
  EXPECT_THAT(failure_of(options_for(server)), HasSubstr("it is application/json, not a page of text"));
}

TEST(FetchPage, WhatDeclaresNothingIsLookedAt) {
  const ScriptedServer server({page("%PDF-1.4 \xe2", ""), page("%PDF-1.4", "Content-Type: text/html\r\n")});
  EXPECT_THAT(failure_of(options_for(server)), HasSubstr("a binary file, not of a page"));
  EXPECT_EQ(failure_of(options_for(server)), "fetched %PDF-1.4");
}

TEST(FetchPage, ACompressedBombIsStoppedWhileItUnpacks) {
  const std::string bomb = gzip(std::string(64 << 20, 'a'));
  ASSERT_LT(bomb.size(), 100000U);
  const ScriptedServer server({page(bomb, "Content-Encoding: gzip\r\n")});
  EXPECT_THAT(failure_of(options_for(server)), HasSubstr("larger than 8388608 bytes"));
}

TEST(FetchPage, AnEndlessBodyIsCut) {
  std::atomic<bool> was_cut{false};
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    bool goes_on = peer.send("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 4096 && goes_on; ++i) goes_on = peer.send(std::string(64 * 1024, 'a'));
    was_cut = !goes_on;
  }});
  EXPECT_THAT(failure_of(options_for(server)), HasSubstr("larger than 8388608 bytes"));
  EXPECT_TRUE(net::testing::eventually([&] { return was_cut.load(); }));
}

TEST(FetchPage, ASlowBodyRunsOutOfTime) {
  // A byte now and then: no pause is long, the whole is.
  const ScriptedServer::Step slow = [](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 200 && peer.send("a"); ++i) std::this_thread::sleep_for(milliseconds(20));
  };
  const ScriptedServer server({slow});
  auto options = options_for(server);
  options.attempt_limit = milliseconds(300);
  options.pauses = {};
  const auto begun = base::system_clock().monotonic();
  EXPECT_THAT(failure_of(options), HasSubstr("timed out"));
  EXPECT_LT(base::system_clock().monotonic() - begun, std::chrono::seconds(3));
}

TEST(FetchPage, ASilentServerRunsOutOfTime) {
  const ScriptedServer server({[](RawPeer& peer) { peer.read_to_end(); }});
  auto options = options_for(server);
  options.attempt_limit = milliseconds(200);
  options.pauses = {};
  EXPECT_THAT(failure_of(options), HasSubstr("timed out"));
}

TEST(FetchPage, RedirectsAreFollowed) {
  const ScriptedServer server({status(301, "Location: /b\r\n"), status(302, "Location: c?d\r\n"),
                               status(303, "Location: .\r\n"), status(307, "Location: /x\r\n"),
                               status(308, "Location: /y\r\n"), page("there")});
  const auto fetched = fetch_page(options_for(server, "/a"), {});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->source, "there");
  EXPECT_EQ(fetched->address, "http://127.0.0.1:" + std::to_string(server.port()) + "/y");
}

TEST(FetchPage, TenRedirectsAndNoMore) {
  std::vector<ScriptedServer::Step> ten(10, status(302, "Location: /\r\n"));
  auto eleven = ten;
  ten.push_back(page("there"));
  eleven.push_back(status(302, "Location: /\r\n"));
  const ScriptedServer good(ten);
  EXPECT_TRUE(fetch_page(options_for(good), {}));
  const ScriptedServer bad(eleven);
  EXPECT_THAT(failure_of(options_for(bad)), HasSubstr("redirects more than 10 times"));
}

TEST(FetchPage, ACircleIsCalledOne) {
  std::vector<ScriptedServer::Step> circle;
  for (int i = 0; i < 6; ++i) {
    circle.push_back(status(302, "Location: /b\r\n"));
    circle.push_back(status(302, "Location: /a\r\n"));
  }
  const ScriptedServer server(circle);
  EXPECT_THAT(failure_of(options_for(server, "/a")),
              HasSubstr("redirects more than 10 times, in a circle. The server may want cookies"));
  const ScriptedServer nowhere({status(302), status(204)});
  EXPECT_THAT(failure_of(options_for(nowhere)), HasSubstr("returned 302 (redirect) without saying where to"));
  EXPECT_THAT(failure_of(options_for(nowhere)), HasSubstr("returned 204 (no content)"));
}

TEST(FetchPage, AFailureBehindARedirectNamesThePlace) {
  const ScriptedServer server({status(302, "Location: /gone?from=a\r\n"), status(404)});
  const auto there = "http://127.0.0.1:" + std::to_string(server.port());
  const auto said = failure_of(options_for(server, "/a"));
  EXPECT_THAT(said, HasSubstr("Could not fetch " + there + "/a: it leads to " + there + "/gone: it returned 404"));
}

std::string refresh_to(const std::string& where) { return "<meta http-equiv=refresh content='" + where + "'>"; }

TEST(FetchPage, RefreshesAreFollowed) {
  const ScriptedServer server(
      {page(refresh_to("0; url=/b")), page("b" + refresh_to("10;c")), page("there", "Refresh: 300; url=/d\r\n")});
  const auto fetched = fetch_page(options_for(server, "/a/"), {});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->source, "there") << "and what a reader sees for minutes is the page";
  EXPECT_EQ(fetched->address, "http://127.0.0.1:" + std::to_string(server.port()) + "/c");
  const ScriptedServer header({page("first", "Refresh: 0;url=/b\r\n"), page("there")});
  EXPECT_EQ(failure_of(options_for(header)), "fetched there");
}

TEST(FetchPage, RefreshesThatLeadNowhereAreStayedOn) {
  const std::string again = refresh_to("0;url=/a");
  const std::string script = refresh_to("0;url=javascript:alert(1)");
  const std::string plain = refresh_to("0;url=/b");
  const ScriptedServer server({page(again), page(script), page(plain, "Content-Type: text/plain\r\n"),
                               page(refresh_to("0;url=/b")), page(again)});
  EXPECT_EQ(failure_of(options_for(server, "/a")), "fetched " + again);
  EXPECT_EQ(failure_of(options_for(server, "/a")), "fetched " + script);
  EXPECT_EQ(failure_of(options_for(server, "/a")), "fetched " + plain) << "no markup";
  EXPECT_EQ(failure_of(options_for(server, "/a")), "fetched " + again) << "one after the other for ever";
}

TEST(FetchPage, RefreshesKeepToTheRulesOfRedirects) {
  std::vector<ScriptedServer::Step> chain;
  for (int i = 0; i < 11; ++i) chain.push_back(page(refresh_to("0;url=/" + std::to_string(i))));
  const ScriptedServer server(chain);
  EXPECT_THAT(failure_of(options_for(server, "/a")), HasSubstr("redirects more than 10 times"));
  const ScriptedServer inward({page(refresh_to("0;url=http://169.254.169.254/latest/meta-data"))});
  EXPECT_THAT(failure_of(options_for(inward)), HasSubstr("169.254.169.254, which is not public"));
}

TEST(FetchPage, ARedirectToAPrivateAddressIsRefused) {
  const ScriptedServer inner({page("secret")});
  // The host is allowed by its number only, the redirect leads to the same machine by another one.
  const ScriptedServer server({status(302, "Location: http://127.0.0.2:" + std::to_string(inner.port()) + "/\r\n"),
                               status(302, "Location: http://169.254.169.254/latest/meta-data\r\n"),
                               status(302, "Location: http://[::ffff:10.0.0.1]/\r\n"),
                               status(302, "Location: file:///etc/passwd\r\n"),
                               status(302, "Location: http://localhost/\r\n")});
  const auto options = options_for(server);
  EXPECT_THAT(failure_of(options), HasSubstr("127.0.0.2, which is not public"));
  EXPECT_THAT(failure_of(options), HasSubstr("169.254.169.254, which is not public"));
  EXPECT_THAT(failure_of(options), HasSubstr("which is not public"));
  EXPECT_THAT(failure_of(options), HasSubstr("another scheme"));
  EXPECT_THAT(failure_of(options), HasSubstr("the host localhost has the address"));
}

TEST(FetchPage, PrivateAddressesAreRefusedWithoutAConnection) {
  std::atomic<int> connections{0};
  const ScriptedServer server({[&](RawPeer&) { ++connections; }});
  auto options = options_for(server);
  options.allowed_hosts = {};
  for (const char* host : {"127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433"}) {
    options.url = std::string("http://") + host + ":" + std::to_string(server.port()) + "/";
    const auto fetched = fetch_page(options, {});
    ASSERT_FALSE(fetched) << host;
    EXPECT_EQ(fetched.error().kind, ErrorKind::Forbidden) << host << ": " << fetched.error().message;
    EXPECT_THAT(fetched.error().message, HasSubstr("not public"));
  }
  EXPECT_EQ(connections, 0);
}

TEST(FetchPage, RetriesWhatMayPass) {
  for (const int code : {429, 500, 502, 503, 504}) {
    const ScriptedServer server({status(code), status(code), status(code), page("at last")});
    EXPECT_EQ(failure_of(options_for(server)), "fetched at last") << code;
  }
  const ScriptedServer broken({[](RawPeer& peer) { peer.reset(); },
                               reply("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), page("at last")});
  EXPECT_EQ(failure_of(options_for(broken)), "fetched at last") << "network errors";
}

TEST(FetchPage, GivesUpAfterFourAttempts) {
  const ScriptedServer server({status(503), status(503), status(503), status(503), page("too late")});
  const std::string failure = failure_of(options_for(server, "/a"));
  EXPECT_THAT(failure, HasSubstr("4 attempts failed"));
  EXPECT_THAT(failure, HasSubstr("returned 503"));
  EXPECT_THAT(failure, HasSubstr("http://127.0.0.1:" + std::to_string(server.port()) + "/a"));
}

TEST(FetchPage, DoesNotRetryRefusals) {
  for (const int code : {400, 401, 403, 404, 410, 501, 304}) {
    const ScriptedServer server({status(code), page("a second time")});
    const std::string failure = failure_of(options_for(server));
    EXPECT_THAT(failure, HasSubstr("returned " + std::to_string(code))) << code;
    EXPECT_THAT(failure, Not(HasSubstr("attempts"))) << code;
  }
}

TEST(FetchPage, W07StatusNumbersInTheUrl) {
  {
    const ScriptedServer server({status(404), page("a second time")});
    EXPECT_THAT(failure_of(options_for(server, "/room-500")), HasSubstr("returned 404"))
        << "corrected: the number itself counts";
  }
  const ScriptedServer server({status(404), page("a second time")});
  auto options = options_for(server, "/room-500");
  options.retries_by_substring = true;
  EXPECT_EQ(failure_of(options), "fetched a second time") << "upstream: any number in the text does";
}

TEST(FetchPage, AStopEndsEverythingAtOnce) {
  std::stop_source stop;
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    stop.request_stop();
    peer.read_to_end();
  }});
  auto options = options_for(server);
  options.attempt_limit = milliseconds(60000);
  const auto begun = base::system_clock().monotonic();
  const auto fetched = fetch_page(options, stop.get_token());
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::Canceled);
  EXPECT_LT(base::system_clock().monotonic() - begun, std::chrono::seconds(5));
}

TEST(FetchPage, AStopEndsThePause) {
  std::stop_source stop;
  const ScriptedServer server({[&](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
    peer.read_to_end();
    stop.request_stop();
  }});
  auto options = options_for(server);
  options.pauses = {std::chrono::seconds(60)};
  const auto fetched = fetch_page(options, stop.get_token());
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::Canceled);
}

TEST(FetchPage, CredentialsStayOutOfErrors) {
  FetchOptions options;
  options.url = "http://user:secret@127.0.0.1:1/x";
  options.pauses = {};
  EXPECT_THAT(failure_of(options), Not(HasSubstr("secret")));
}

TEST(FetchPage, UnknownNamesAreSaidToBeDns) {
  FetchOptions options;
  options.url = "http://no-such-name.invalid/";
  options.pauses = {};
  EXPECT_THAT(failure_of(options), HasSubstr("DNS: Could not resolve no-such-name.invalid"));
}

TEST(FetchPage, AnUnknownAuthorityIsRefused) {
  const auto now = base::system_clock().wall();
  const auto authority = net::make_ca("nobody knows it", std::chrono::hours(24), now).value();
  const auto identity =
      net::issue_certificate(
          authority, {.common_name = "leaf", .ip_addresses = {"127.0.0.1"}, .lifetime = std::chrono::hours(1)}, now)
          .value();
  const net::ServerOptions serve{
      .address = "127.0.0.1", .port = 0, .tls = net::ServerTls{identity.certificate_pem, identity.key_pem}};
  const auto server =
      net::start_server(
          serve, net::simple_handler([](const net::RequestHead&, std::string) { return net::text_response(200, "x"); }))
          .value();
  FetchOptions options;
  options.url = "127.0.0.1:" + std::to_string(server->port());
  options.allowed_hosts = {"127.0.0.1"};
  options.pauses = {};
  EXPECT_THAT(failure_of(options), HasSubstr("certificate"));
}

}  // namespace
}  // namespace cadence::analysis::source
