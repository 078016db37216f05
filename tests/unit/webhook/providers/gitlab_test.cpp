#include "ingest/providers/gitlab.hpp"

#include "support.hpp"

namespace cadence::ingest {
namespace {

const std::string kPush =
    R"({"object_kind":"push","event_name":"push","before":"1f","after":"9c","ref":"refs/heads/trunk",
  "checkout_sha":"9c","user_id":4,"user_name":"Mira","user_username":"mira","project_id":15,
  "project":{"id":15,"name":"Kiln","path_with_namespace":"potters/glaze/kiln",
    "web_url":"https://lab.example/potters/glaze/kiln",
    "git_ssh_url":"git@lab.example:potters/glaze/kiln.git","git_http_url":"https://lab.example/potters/glaze/kiln.git",
    "http_url":"https://lab.example/potters/glaze/kiln.git","default_branch":"trunk"},
  "repository":{"name":"Kiln","url":"git@lab.example:potters/glaze/kiln.git"},
  "commits":[{"id":"9c","message":"m","timestamp":"2026-03-04T10:00:00Z","author":{"name":"Mira","email":"m@e"},
    "added":["a"],"modified":[],"removed":[]}],"total_commits_count":1})";

const std::string kSigningToken = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

TEST(GitlabPush, BecomesAJob) {
  EXPECT_EQ(read_as(gitlab(), {{"X-Gitlab-Event", "Push Hook"}, {"Content-Type", "application/json"}}, kPush),
            "gitlab_push https://lab.example/potters/glaze/kiln.git Kiln potters/glaze/kiln trunk 9c Mira");
}

TEST(GitlabPush, FallsBackForMissingMembers) {
  EXPECT_EQ(read_as(gitlab(), {}, R"({"ref":"refs/heads/x","checkout_sha":"9c","user_username":"mira",
      "project":{"web_url":"https://h/a/b"},"repository":{"name":"b"}})"),
            "gitlab_push https://h/a/b b  x 9c mira");
  EXPECT_EQ(read_as(gitlab(), {}, R"({"repository":{"git_http_url":"https://h/a/b.git"}})"),
            "gitlab_push https://h/a/b.git     ");
}

struct Case {
  std::string header, body, result;
};
class GitlabEvent : public testing::TestWithParam<Case> {};

TEST_P(GitlabEvent, IsTakenOrIgnored) {
  EXPECT_EQ(read_as(gitlab(), {{"X-Gitlab-Event", GetParam().header}}, GetParam().body), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GitlabEvent,
    testing::Values(
        Case{"Tag Push Hook", kPush, "ignored push tag"}, Case{"Issue Hook", "{", "ignored Issue Hook "},
        Case{"Push Hook",
             R"({"ref":"refs/heads/x","after":"0000000000000000000000000000000000000000","checkout_sha":null})",
             "ignored push ref deleted"},
        Case{"System Hook", R"({"event_name":"push","ref":"refs/heads/x","project":{"git_http_url":"u"}})",
             "gitlab_push u   x  "},
        Case{"System Hook", R"({"event_name":"tag_push"})", "ignored push tag"},
        Case{"System Hook", R"({"event_name":"project_create"})", "ignored project_create "},
        Case{"Push Hook", "[]", "error the body must be an object"},
        Case{"Push Hook", R"({"project":{"id":"15"}})", "error project.id must be an integer"}));

TEST(GitlabPush, MustBeJson) {
  EXPECT_EQ(read_as(gitlab(), {{"Content-Type", "text/plain"}}, kPush),
            "error send JSON with Content-Type: application/json");
  EXPECT_TRUE(
      read_as(gitlab(), {{"Content-Type", "application/vnd.x+json; charset=utf-8"}}, kPush).starts_with("gitlab_push"));
}

TEST(GitlabToken, IsComparedWithEverySecret) {
  EXPECT_EQ(proven_by(gitlab(), {{"X-Gitlab-Token", "new"}}, "x", {{"old", {}}, {"new", {"a/*"}}, {"new", {}}}),
            "new+new");
  EXPECT_EQ(proven_by(gitlab(), {{"X-Gitlab-Token", "ne"}}, "x", {{"new", {}}}), "invalid_token");
  EXPECT_EQ(proven_by(gitlab(), {}, "x", {{"new", {}}}), "missing_token");
  EXPECT_EQ(proven_by(gitlab(), {{"X-Gitlab-Token", ""}}, "x", {{"new", {}}}), "missing_token");
}

TEST(GitlabSigningToken, IsOverIdTimeAndBody) {
  const std::string body = R"({"type":"push"})";
  std::vector<net::Header> headers{{"webhook-id", "msg_1"},
                                   {"webhook-timestamp", "1700000000"},
                                   {"webhook-signature", "v1,sF4CqPi5/nxPTs7k10cAfV6XdSw1GtAUnYVrmIvCZ40="}};
  EXPECT_EQ(proven_by(gitlab(), headers, body, {{"token", {}}, {kSigningToken, {}}}), kSigningToken);
  EXPECT_EQ(proven_by(gitlab(), headers, body + " ", {{kSigningToken, {}}}), "unproven");
  EXPECT_EQ(proven_by(gitlab(), headers, body, {{kSigningToken, {}}}, kNow + std::chrono::seconds(301)),
            "timestamp_out_of_tolerance");
  headers.push_back({"X-Gitlab-Token", "token"});
  EXPECT_EQ(proven_by(gitlab(), headers, body, {{"token", {}}, {kSigningToken, {}}}), "token+" + kSigningToken);
  EXPECT_EQ(proven_by(gitlab(), headers, body, {{"token", {}}}, kNow + std::chrono::seconds(301)), "token")
      << "the token proves it, whatever the clocks say";
}

TEST(GitlabDelivery, BeforeIdsIsKnownByEventAndBody) {
  const auto id = [](const char* event, const std::string& body) {
    return std::get<Push>(*gitlab().read(head_of({{"X-Gitlab-Event-UUID", event}}), body)).id;
  };
  EXPECT_EQ(id("e1", kPush), id("e1", kPush));
  EXPECT_NE(id("e1", kPush), id("e1", kPush + " ")) << "all events of one request share the id";
  EXPECT_NE(id("e1", kPush), id("e2", kPush));
  EXPECT_EQ(id("", kPush), "");
}

}  // namespace
}  // namespace cadence::ingest
