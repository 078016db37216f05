// How often one may ask, and whose pages may.
#include <gmock/gmock.h>

#include "api/cors.hpp"
#include "api/rate_limit.hpp"
#include "json/members.hpp"

namespace cadence::api {
namespace {

using std::chrono::seconds;

std::string header(const net::Response& response, const char* name) {
  return std::string(net::find_header(response.headers, name));
}

TEST(RateLimit, GrantsSoManyAMinuteToEach) {
  RateLimit limit(6);
  const base::Monotonic begin{seconds(1000)};
  for (int left = 5; left >= 0; --left) {
    const auto turn = limit.take("a", begin);
    EXPECT_TRUE(turn.is_granted);
    EXPECT_EQ(turn.remaining, left);
  }
  const auto refused = limit.take("a", begin);
  EXPECT_FALSE(refused.is_granted);
  EXPECT_EQ(refused.until_next, seconds(10));
  EXPECT_EQ(refused.until_full, seconds(60));
  EXPECT_TRUE(limit.take("b", begin).is_granted) << "each has its own";
  EXPECT_FALSE(limit.take("a", begin + seconds(9)).is_granted) << "what is refused costs nothing, and gives nothing";
  EXPECT_TRUE(limit.take("a", begin + seconds(10)).is_granted);
  EXPECT_EQ(limit.take("a", begin + seconds(1000)).remaining, 5) << "no more is saved up than a minute's";
}

TEST(RateLimit, IsNoneWhereNoneIsSet) {
  RateLimit limit(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.take("a", {}).is_granted);
  EXPECT_TRUE(with_limit({}, limit.take("a", {})).headers.empty());
}

TEST(RateLimit, RemembersSoManyCallersOnly) {
  RateLimit limit(1);
  for (int i = 0; i < 25000; ++i) EXPECT_TRUE(limit.take(std::to_string(i), base::Monotonic{}).is_granted);
}

TEST(RateLimit, SaysWhenToComeAgain) {
  RateLimit limit(1);
  const base::Monotonic begin{seconds(1000)};
  const auto granted = with_limit(net::json_response(200, "{}"), limit.take("a", begin));
  EXPECT_EQ(header(granted, "X-RateLimit-Limit"), "1");
  EXPECT_EQ(header(granted, "X-RateLimit-Remaining"), "0");
  EXPECT_EQ(header(granted, "X-RateLimit-Reset"), "60");
  const auto refused = too_many_requests(limit.take("a", begin + seconds(59)));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  EXPECT_EQ(json::text_in(*json::parse(refused.body), "code"), "rate_limited");
}

net::RequestHead request(const std::string& method, const std::string& target, std::vector<net::Header> headers) {
  net::RequestHead head;
  head.method = method;
  head.target = target;
  head.headers = std::move(headers);
  return head;
}

TEST(Cors, IsForNamedOriginsAndNotForPages) {
  const Cors off({}), one({"https://a.example"}), all({"*"});
  const net::Header named{"Origin", "https://a.example"}, other{"Origin", "https://a.example.evil"};
  EXPECT_EQ(off.reader_of(request("GET", "/jobs", {named})), std::nullopt);
  EXPECT_EQ(one.reader_of(request("GET", "/jobs", {named})), "https://a.example");
  EXPECT_EQ(one.reader_of(request("GET", "/jobs", {other})), std::nullopt);
  EXPECT_EQ(one.reader_of(request("GET", "/jobs", {})), std::nullopt);
  EXPECT_EQ(all.reader_of(request("GET", "/jobs", {other})), "*");
  for (const char* page : {"/pages", "/Pages/", "/pages/jobs/1"})
    EXPECT_EQ(all.reader_of(request("GET", page, {named})), std::nullopt) << page;
}

TEST(Cors, AnswersWhoAsksWhetherHeMayAsk) {
  const Cors one({"https://a.example"});
  const net::Header named{"Origin", "https://a.example"}, wanted{"Access-Control-Request-Method", "POST"};
  const auto answer = one.preflight(
      request("OPTIONS", "/api/x", {named, wanted, {"Access-Control-Request-Headers", "authorization,content-type"}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(header(*answer, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(header(*answer, "Access-Control-Allow-Headers"), "authorization,content-type");
  EXPECT_EQ(header(*answer, "Access-Control-Allow-Methods"), "GET,POST,PUT,DELETE,OPTIONS");
  EXPECT_EQ(header(*answer, "Access-Control-Allow-Credentials"), "");
  EXPECT_FALSE(one.preflight(request("OPTIONS", "/api/x", {{"Origin", "https://b.example"}, wanted})));
  EXPECT_FALSE(one.preflight(request("OPTIONS", "/api/x", {named})));
  EXPECT_FALSE(one.preflight(request("GET", "/api/x", {named, wanted})));
  EXPECT_FALSE(Cors({}).preflight(request("OPTIONS", "/api/x", {named, wanted})));
}

}  // namespace
}  // namespace cadence::api
