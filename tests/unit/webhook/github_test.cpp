#include "ingest/providers/github.hpp"

#include <gtest/gtest.h>

#include "net/http.hpp"

namespace cadence::ingest {
namespace {

const std::string kPush = R"({"ref":"refs/heads/trunk","before":"1f","after":"9c","repository":{"id":7,"name":"kiln",
  "full_name":"potters/kiln","clone_url":"https://git.example/potters/kiln.git"},"pusher":{"name":"mira"},
  "commits":[{"id":"9c","message":"m","timestamp":"not a time","author":{"name":"Mira"},
    "added":["a"],"modified":[],"removed":[]}]})";

base::Result<Event> read_event(std::string event, std::string type, std::string_view body) {
  net::RequestHead head;
  head.headers = {{"X-GitHub-Event", std::move(event)}, {"Content-Type", std::move(type)}};
  return github().read(head, body);
}

Event read(std::string event, std::string_view body, std::string type = "application/json") {
  auto read = read_event(std::move(event), std::move(type), body);
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : Event(Ignored{"error", ""});
}

queue::JobSpec job(const Event& event) {
  const auto& push = std::get<Push>(event);
  EXPECT_EQ(push.jobs.size(), 1u);
  return push.jobs.front();
}

TEST(GithubPush, BecomesAJob) {
  const queue::JobSpec expected{
      "github_push", "https://git.example/potters/kiln.git", "kiln", "potters/kiln", "trunk", "9c", "mira"};
  EXPECT_EQ(job(read("push", kPush)), expected);
  EXPECT_EQ(job(read("", kPush)), expected) << "no event header counts as a push";
  EXPECT_EQ(job(read("push", R"({"a":1})")).url, "") << "accepted; its job says what is missing (webhook-api 3.3)";
}

TEST(GithubPush, IsUnderstoodFormEncoded) {
  const auto body = "a=b&payload=" + net::percent_encode(kPush);
  EXPECT_EQ(job(read("push", body, "Application/X-WWW-Form-Urlencoded; charset=utf-8")).repo, "kiln");
  EXPECT_EQ(job(read("push", "payload=%7B%22ref%22%3A%22a+b%22%7D", "application/x-www-form-urlencoded")).branch,
            "a b");
  EXPECT_EQ(job(read("push", kPush, "application/x-www-form-urlencoded")).repo, "kiln") << "plain JSON under that type";
  EXPECT_FALSE(read_event("push", "application/x-www-form-urlencoded", "nothing=here"));
}

TEST(GithubPush, AFormInAnotherEncodingIsRead) {
  const auto body = "payload=" + net::percent_encode("{\"ref\":\"refs/heads/caf\xe9\"}");
  EXPECT_EQ(job(read("push", body, "application/x-www-form-urlencoded; charset=iso-8859-1")).branch, "caf\xc3\xa9");
  const auto refused = read_event("push", "application/x-www-form-urlencoded", body);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "not UTF-8 at byte 24");
}

TEST(GithubPush, FallsBackForMissingMembers) {
  const auto spec =
      job(read("push", R"({"ref":"odd","repository":{"full_name":"potters/kiln","html_url":"https://h/k"}})"));
  EXPECT_EQ(spec.repo, "kiln");
  EXPECT_EQ(spec.url, "https://h/k");
  EXPECT_EQ(spec.branch, "odd");
  EXPECT_EQ(job(read("push", R"({"repository":{"url":"u","html_url":"h"}})")).url, "u");
  EXPECT_EQ(job(read("push", "{}")).url, "");
}

struct Filtered {
  std::string header, body, event, reason;
};
class EventFilter : public testing::TestWithParam<Filtered> {};

TEST_P(EventFilter, IgnoresWithAReason) {
  const auto ignored = std::get<Ignored>(read(GetParam().header, GetParam().body));
  EXPECT_EQ(ignored.event, GetParam().event);
  EXPECT_EQ(ignored.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Table, EventFilter,
    testing::Values(Filtered{"ping", "{}", "ping", ""}, Filtered{"ping", "not json", "ping", ""},
                    Filtered{"issues", kPush, "issues", ""},
                    Filtered{"push", R"({"ref":"refs/heads/x","deleted":true})", "push", "ref deleted"},
                    Filtered{"push", R"({"ref":"refs/heads/x","after":"0000000000000000000000000000000000000000"})",
                             "push", "ref deleted"},
                    Filtered{"", R"({"ref":"refs/tags/v1","after":"9c"})", "push", "tag"}));

TEST(GithubForm, SaysWhichFieldItLacks) {
  for (const auto& [body, said] :
       {std::pair{"nothing=here", "no field payload"}, {"payload=", "payload is empty"}, {"", "no field payload"}}) {
    const auto refused = read_event("push", "application/x-www-form-urlencoded", body);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(said), std::string::npos) << refused.error().message;
  }
}

}  // namespace
}  // namespace cadence::ingest
