// What is asked of GitHub and GitLab, and what their documented answers say.
#include "recovery/providers/provider.hpp"

#include <gtest/gtest.h>

namespace cadence::recovery {
namespace {

json::Value parsed(const char* text) { return *json::parse(text); }

constexpr const char* kGithubList = R"([
 {"id": 12345678, "guid": "0b989ba4-242f-11e5-81e1-c7b6966d2516", "delivered_at": "2026-03-04T10:00:01Z",
  "redelivery": false, "duration": 0.27, "status": "OK", "status_code": 202, "event": "push", "action": null,
  "installation_id": null, "repository_id": 456, "throttled_at": null},
 {"id": 123456789, "guid": "0b989ba4-242f-11e5-81e1-c7b6966d2516", "delivered_at": "2026-03-04T10:00:00Z",
  "redelivery": true, "duration": 0.28, "status": "Invalid HTTP Response: 503", "status_code": 503,
  "event": "issues", "action": "opened", "installation_id": 123, "repository_id": 457},
 {"id": 12, "guid": "x", "delivered_at": "2026-03-04T09:59:00Z", "status": "timed out", "status_code": 0,
  "event": "push", "repository_id": null}])";

constexpr const char* kGitlabList = R"([
 {"id": 2, "url": "https://example.net/", "trigger": "push_hooks",
  "request_headers": {"Content-Type": "application/json", "Idempotency-Key": "a5461c4d", "X-Gitlab-Event": "Push Hook",
                      "X-Gitlab-Event-UUID": "9cebe914", "X-Gitlab-Token": "[REDACTED]"},
  "request_data": {"object_kind": "push", "project": {"path_with_namespace": "flightjs/Flight"}},
  "response_headers": {"Date": "Sun, 26 May 2024 03:03:17 GMT"}, "response_body": "{}", "execution_duration": 1.09,
  "response_status": "503"},
 {"id": 1, "url": "https://example.net/", "trigger": "push_hooks",
  "request_headers": {"webhook-id": "1f0a54f0", "Idempotency-Key": "other"}, "request_data": {},
  "response_status": "internal error"},
 {"id": 3, "trigger": "note_hooks", "request_headers": {"Idempotency-Key": "b"}, "response_status": 200}])";

TEST(Places, AreRepositoriesOrTheirOwners) {
  EXPECT_EQ(place_of("potters/kiln").kind, Place::Kind::Repository);
  EXPECT_EQ(place_of("potters/*").kind, Place::Kind::Owner);
  EXPECT_EQ(place_of("clay/potters/*").name, "clay/potters");
}

TEST(Requests, AreTheDocumentedOnes) {
  const Place repository = place_of("potters/ki ln"), owner = place_of("potters/*"), app{Place::Kind::App, "4711"};
  const struct {
    net::Request request;
    const char* method;
    const char* target;
  } table[] = {
      {github().ask_for_hooks(repository), "GET", "/repos/potters/ki%20ln/hooks?per_page=100"},
      {github().ask_for_hooks(owner), "GET", "/orgs/potters/hooks?per_page=100"},
      {github().ask_for_hooks(app), "GET", "/app/hook/config"},
      {github().ask_for_page(owner, 7, ""), "GET", "/orgs/potters/hooks/7/deliveries?per_page=100"},
      {github().ask_for_page(app, 0, "v1_1 2"), "GET", "/app/hook/deliveries?per_page=100&cursor=v1_1%202"},
      {github().ask_for_try(app, 0, 5), "GET", "/app/hook/deliveries/5"},
      {github().ask_again(repository, 7, 5), "POST", "/repos/potters/ki%20ln/hooks/7/deliveries/5/attempts"},
      {github().ask_again(app, 0, 5), "POST", "/app/hook/deliveries/5/attempts"},
      {gitlab().ask_for_hooks(repository), "GET", "/projects/potters%2Fki%20ln/hooks?per_page=100"},
      {gitlab().ask_for_hooks(owner), "GET", "/groups/potters/hooks?per_page=100"},
      {gitlab().ask_for_page(repository, 7, ""), "GET",
       "/projects/potters%2Fki%20ln/hooks/7/events?per_page=20&page=1"},
      {gitlab().ask_for_page(repository, 7, "3"), "GET",
       "/projects/potters%2Fki%20ln/hooks/7/events?per_page=20&page=3"},
      {gitlab().ask_again(owner, 7, 5), "POST", "/groups/potters/hooks/7/events/5/resend"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(row.request.method, row.method);
    EXPECT_EQ(row.request.target, row.target);
  }
}

TEST(GithubLists, SayWhatWasSentAndWhatBecameOfIt) {
  const auto page = github().read_page(
      parsed(kGithubList), {{"Link", R"(<https://api.github.com/x?per_page=100&cursor=v0_9>; rel="prev", )"
                                     R"(<https://api.github.com/x?per_page=100&cursor=v1_12077215967>; rel="next")"}});
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->rows.size(), 3u);
  EXPECT_EQ(page->rows[0].delivery, "0b989ba4-242f-11e5-81e1-c7b6966d2516");
  EXPECT_EQ(page->rows[0].id, 12345678);
  EXPECT_EQ(page->rows[0].status, 202);
  EXPECT_EQ(page->rows[0].repository_id, 456);
  EXPECT_EQ(page->rows[0].at, base::parse_rfc3339("2026-03-04T10:00:01Z"));
  EXPECT_EQ(page->rows[1].delivery, "") << "no push";
  EXPECT_EQ(page->rows[2].status, 0);
  EXPECT_EQ(page->cursor, "v1_12077215967");
}

TEST(GitlabLists, SayWhatWasSentAndWhatBecameOfIt) {
  const auto page =
      gitlab().read_page(parsed(kGitlabList), {{"Link", "<https://h/e?page=2&per_page=20>; rel=\"next\""}});
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->rows.size(), 3u);
  EXPECT_EQ(page->rows[0].delivery, "a5461c4d");
  EXPECT_EQ(page->rows[0].repository, "flightjs/Flight");
  EXPECT_EQ(page->rows[0].status, 503);
  EXPECT_EQ(page->rows[1].delivery, "1f0a54f0") << "what the ledger looks at first";
  EXPECT_EQ(page->rows[1].status, 0);
  EXPECT_EQ(page->rows[2].delivery, "");
  EXPECT_EQ(page->rows[2].status, 200);
  EXPECT_EQ(page->cursor, "2");
}

TEST(Lists, ThatAreNoneAreErrors) {
  for (const char* body : {"{}", "null", "7", "\"\"", "[{}]", "[7]", R"([{"id":"1"}])", R"([{"id":-1}])"}) {
    EXPECT_FALSE(github().read_page(parsed(body), {})) << body;
    EXPECT_FALSE(gitlab().read_page(parsed(body), {})) << body;
  }
  EXPECT_FALSE(github().read_page(parsed(R"([{"id":1,"guid":"g","event":"push","delivered_at":"yesterday"}])"), {}));
  for (const char* body : {"{}", "null", "7"}) {
    EXPECT_FALSE(github().read_hooks(parsed(body))) << body;
    EXPECT_FALSE(gitlab().read_hooks(parsed(body))) << body;
  }
}

TEST(Hooks, SayWhereTheyLeadAndWhetherTheyAreAwake) {
  const auto hooks = github().read_hooks(parsed(R"([
    {"id": 1, "active": true, "events": ["push", "pull_request"], "config": {"url": "https://c.example/webhook"}},
    {"id": 2, "active": false, "events": ["*"], "config": {"url": "https://c.example/webhooks/github"}},
    {"id": 3, "active": true, "events": ["issues"], "config": {}}, {"name": "web"}])"));
  ASSERT_TRUE(hooks);
  ASSERT_EQ(hooks->size(), 3u);
  EXPECT_EQ((*hooks)[0].url, "https://c.example/webhook");
  EXPECT_TRUE((*hooks)[0].sends_pushes && (*hooks)[0].asleep.empty());
  EXPECT_TRUE((*hooks)[1].sends_pushes);
  EXPECT_NE((*hooks)[1].asleep, "");
  EXPECT_FALSE((*hooks)[2].sends_pushes);
  const auto app = github().read_hooks(parsed(R"({"content_type":"json","url":"https://c.example/webhook"})"));
  ASSERT_TRUE(app && app->size() == 1);
  EXPECT_EQ(app->front().id, 0);
  const auto gitlabs = gitlab().read_hooks(parsed(R"([
    {"id": 1, "url": "https://c.example/webhooks/gitlab", "push_events": true, "alert_status": "executable"},
    {"id": 2, "url": "u", "push_events": true, "alert_status": "disabled", "disabled_until": null},
    {"id": 3, "url": "u", "push_events": false, "alert_status": "temporarily_disabled",
     "disabled_until": "2026-03-04T10:00:00Z"}])"));
  ASSERT_TRUE(gitlabs && gitlabs->size() == 3);
  EXPECT_EQ((*gitlabs)[0].asleep, "");
  EXPECT_NE((*gitlabs)[1].asleep, "");
  EXPECT_NE((*gitlabs)[2].asleep.find("2026-03-04T10:00:00Z"), std::string::npos);
  EXPECT_FALSE((*gitlabs)[2].sends_pushes);
}

TEST(Hooks, LeadToUsByTheirUrl) {
  const struct {
    const char* url;
    const char* ours;
    bool is_ours;
  } table[] = {
      {"https://c.example/webhooks/github", "", true},
      {"https://c.example/cadence/webhooks/GitHub/", "", true},
      {"https://c.example/webhook?x=1", "", true},
      {"https://c.example/webhooks/gitlab", "", false},
      {"https://ci.example/github-webhook/", "", false},
      {"https://C.example:443/webhooks/github", "https://c.example", true},
      {"https://c.example/webhooks/github", "https://c.example/webhooks/github/", true},
      {"https://c.example.evil/webhooks/github", "https://c.example", false},
      {"https://staging.example/webhooks/github", "https://c.example", false},
      {"http://c.example/webhook", "https://c.example", false},
      {"https://c.example/webhook2", "https://c.example/webhook", false},
      {"", "https://c.example", false},
      {"", "", false},
  };
  for (const auto& row : table) EXPECT_EQ(leads_to(github(), row.url, row.ours), row.is_ours) << row.url << row.ours;
}

TEST(Cursors, AreNoneWhereTheLinkIsNotSound) {
  const auto of = [](const std::string& link) { return next_cursor({{"Link", link}}, "cursor"); };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("<https://h/x?cursor=v1>; rel=\"prev\""), "");
  EXPECT_EQ(of("cursor=v1; rel=\"next\""), "");
  EXPECT_EQ(of("<https://h/x?cursor=a%0d%0ab>; rel=\"next\""), "");
  EXPECT_EQ(of("<https://h/x?cursor=" + std::string(300, 'a') + ">; rel=\"next\""), "");
  EXPECT_EQ(of("<https://h/x?cursor=v1_7>; rel=\"next\""), "v1_7");
}

}  // namespace
}  // namespace cadence::recovery
