// Requests and answers of pages: places, sessions, cookies, headers.
#include "api/page_answers.hpp"

#include <gmock/gmock.h>

#include "api/door.hpp"
#include "api/session.hpp"
#include "net/pki.hpp"

namespace cadence::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

net::RequestHead request(std::vector<net::Header> headers) {
  net::RequestHead head;
  head.target = "/pages/";
  head.headers = std::move(headers);
  return head;
}

TEST(Places, LeadBackToTheFolderOfThePages) {
  struct Row {
    const char *target, *up, *place;
  };
  for (const auto& row : {Row{"/pages", "pages/", ""},
                          {"/pages/", "", ""},
                          {"/pages/?repo=a/b", "", "?repo=a/b"},
                          {"/PAGES/repositories?name=a/b", "", "repositories?name=a/b"},
                          {"/pages/jobs/1", "../", "jobs/1"},
                          {"/pages/jobs/1/", "../../", "jobs/1/"},
                          {"/pages/jobs/1/report?until=1", "../../", "jobs/1/report?until=1"}}) {
    EXPECT_EQ(way_up(row.target), row.up) << row.target;
    EXPECT_EQ(place_of(row.target), row.place) << row.target;
  }
}

TEST(Places, LeadNowhereElse) {
  for (const char* place : {"", "jobs/1", "?repo=a%2Fb&status=failed", "repositories?name=a~b-c_d.e"})
    EXPECT_TRUE(is_place(place)) << place;
  for (const char* place : {"/", "//evil.example", "https://evil.example", "../admin", "jobs/../..", "\\\\evil.example",
                            "a\r\nSet-Cookie: x", "javascript:alert(1)", "a b", "\xc3\xbc"})
    EXPECT_FALSE(is_place(place)) << place;
  EXPECT_FALSE(is_place(std::string(1025, 'a')));
}

TEST(Forms, ComeFromThisServer) {
  struct Row {
    std::vector<net::Header> headers;
    bool is_ours;
  };
  const net::Header host{"Host", "cadence.example:8000"};
  for (const auto& row : {Row{{host, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "null"}}, true},
                          {{host, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://cadence.example:8000"}}, false},
                          {{host, {"Sec-Fetch-Site", "same-site"}}, false},
                          {{host, {"Sec-Fetch-Site", "none"}}, false},
                          {{host, {"Origin", "https://cadence.example:8000"}}, true},
                          {{host, {"Origin", "http://CADENCE.example:8000"}}, true},
                          {{host, {"Origin", "https://cadence.example"}}, false},
                          {{host, {"Origin", "https://evil.example"}}, false},
                          {{host, {"Origin", "null"}}, false},
                          {{host}, false},
                          {{{"Origin", "https://"}}, false}})
    EXPECT_EQ(comes_from_here(request(row.headers)), row.is_ours) << row.headers.back().value;
}

TEST(Sessions, EndWithTheirTimeAndTheirToken) {
  const auto digest = net::sha256("both-0123456789abcdef"), other = net::sha256("else-0123456789abcdef");
  const base::Wall until{std::chrono::seconds(1000)};
  const auto session = make_session(digest, until);
  EXPECT_TRUE(is_session_of(digest, session, until));
  EXPECT_FALSE(is_session_of(digest, session, until + std::chrono::seconds(1)));
  EXPECT_FALSE(is_session_of(other, session, until));
  EXPECT_FALSE(is_session_of(digest, "2" + session, until)) << "a later time";
  EXPECT_FALSE(is_session_of(digest, session + "0", until));
  for (const char* odd : {"", ".", "1000", "1000.", ".abc", "99999999999999999999.abc"})
    EXPECT_FALSE(is_session_of(digest, odd, until)) << odd;
}

TEST(Sessions, OpenPagesAndNothingElse) {
  Tokens tokens("both-0123456789abcdef", {});
  const Door closed(tokens, true), open(tokens, false);
  const base::Wall now{std::chrono::seconds(1000)};
  const auto session = closed.begin_session({}, "both-0123456789abcdef", now);
  ASSERT_TRUE(session);
  EXPECT_TRUE(closed.may_see_pages(request({}), *session, now));
  EXPECT_FALSE(closed.may_see_pages(request({}), "", now));
  EXPECT_TRUE(open.may_see_pages(request({}), "", now));
  EXPECT_TRUE(closed.may_see_pages(request({{"Authorization", "Bearer both-0123456789abcdef"}}), "", now));
  EXPECT_FALSE(std::holds_alternative<Caller>(closed.admit(
      request({{"Cookie", "cadence=" + *session}, {"Authorization", "Bearer " + *session}}), Scope::Read)));
  EXPECT_THAT(closed.begin_session({}, "unknown-0123456789", now).error().message, HasSubstr("does not know"));
  EXPECT_THAT(*session, Not(HasSubstr("both"))) << "a browser does not hold the token";
}

TEST(Cookies, AreForThisServerAlone) {
  const std::chrono::seconds lasts(60);
  EXPECT_EQ(session_cookie(request({}), "1.a", lasts), "cadence=1.a; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
  const net::Header tls{"X-Forwarded-Proto", "https"};
  EXPECT_EQ(session_cookie(request({tls}), "1.a", lasts),
            "__Host-cadence=1.a; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
  const net::Header both{"Cookie", "other=1; cadence=plain;__Host-cadence=strict"};
  EXPECT_EQ(session_in(request({both})), "plain");
  EXPECT_EQ(session_in(request({both, tls})), "strict") << "another host under the domain can set the plain one";
  EXPECT_EQ(session_in(request({{"Cookie", "xcadence=1"}})), "");
}

TEST(PageAnswers, KeepToThemselves) {
  const auto page = page_response(200, "<p>");
  EXPECT_EQ(net::find_header(page.headers, "Cache-Control"), "no-store");
  EXPECT_EQ(net::find_header(page.headers, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(net::find_header(page.headers, "X-Content-Type-Options"), "nosniff");
  const std::string policy(net::find_header(page.headers, "Content-Security-Policy"));
  for (const char* part : {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"})
    EXPECT_THAT(policy, HasSubstr(part));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_EQ(net::find_header(form_response(200, "").headers, "Referrer-Policy"), "same-origin");
  EXPECT_THAT(std::string(net::find_header(report_response("").headers, "Content-Security-Policy")),
              HasSubstr("sandbox allow-scripts;"));
}

TEST(PageAnswers, AreNotSentAgainToWhoHasThem) {
  const auto asked = request({});
  const auto first = page_response(200, "<p>", &asked);
  const std::string tag(net::find_header(first.headers, "ETag"));
  ASSERT_FALSE(tag.empty());
  const auto again = request({{"If-None-Match", tag}});
  EXPECT_EQ(page_response(200, "<p>", &again).status, 304);
  EXPECT_EQ(page_response(200, "<p>", &again).body, "");
  EXPECT_EQ(page_response(200, "<p>x", &again).status, 200);
  const auto file = file_response(asked, "text/css", "a");
  EXPECT_EQ(file.status, 200);
  const auto known = request({{"If-None-Match", std::string(net::find_header(file.headers, "ETag"))}});
  EXPECT_EQ(file_response(known, "text/css", "a").status, 304);
}

}  // namespace
}  // namespace cadence::api
