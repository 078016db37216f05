// Sections 4 and 9.1 of the interface's specification: analyses that are asked for.
#include "api/requests.hpp"

#include <gmock/gmock.h>

#include <future>

#include "jobs/dispatch.hpp"
#include "api/views.hpp"
#include "fake_store.hpp"
#include "json/value.hpp"

namespace cadence::api {
namespace {

using ::testing::HasSubstr;

// Keeps what was stored.
class Requests : public ::testing::Test {
 protected:
  Caller caller{"token people", true};
  net::Response ask(const std::string& kind, const std::string& body, const std::string& type = "application/json") {
    net::RequestHead head;
    head.method = "POST";
    if (!type.empty()) head.headers.push_back({"Content-Type", type});
    auto reaction = kind == "website" ? requests.website(head, caller) : requests.repository(head, caller);
    auto& accept = std::get<net::Accept>(reaction);
    EXPECT_EQ(accept.body_limit, 1U << 20U);
    std::promise<net::Response> promise;
    auto future = promise.get_future();
    if (!body.empty()) accept.sink->on_body(body);
    accept.sink->on_complete(
        net::Responder([&promise](net::Response response) { promise.set_value(std::move(response)); }));
    if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      std::abort();  // the responder still refers to the promise
    }
    return future.get();
  }
  std::string error(const net::Response& response) { return json::string_at(*json::parse(response.body), {"error"}); }
  queue::JobSpec stored() {
    const auto claims = store.claim({}, 1, {});
    return claims && !claims->empty() ? claims->front().spec : queue::JobSpec{};
  }

  queue::FakeStore store;
  ingest::Budget budget{1 << 20};
  queue::Intake intake{store, {.writers = 1}};
  queue::Depth depth;
  AnalysisRequests requests{budget, intake, {10, {"git.internal", "10.0.0.7"}, false}, [this] { return depth; }};
};

TEST_F(Requests, WebsitesBecomeJobs) {
  const auto response = ask("website", R"({"URL":"10.0.0.7/page"})");
  EXPECT_EQ(response.status, 202) << response.body;
  const auto body = *json::parse(response.body);
  EXPECT_EQ(json::string_at(body, {"status"}), "pending");
  EXPECT_EQ(json::string_at(body, {"job_id"}).size(), 36U);
  const auto spec = stored();
  EXPECT_EQ(spec.event_type, "api_analysis_website");
  EXPECT_EQ(spec.url, "10.0.0.7/page") << "as asked for";
}

TEST_F(Requests, RepositoriesBecomeJobs) {
  EXPECT_EQ(ask("repository",
                R"({"repository_url":"https://git.internal/a/kiln.git","url":"https://10.0.0.1/x","branch":"trunk"})")
                .status,
            202);
  auto spec = stored();
  EXPECT_EQ(spec.event_type, "api_analysis_repo");
  EXPECT_EQ(spec.url, "https://git.internal/a/kiln.git") << "repository_url wins over url";
  EXPECT_EQ(spec.branch, "trunk");
  EXPECT_EQ(ask("repository", R"({"url":"ssh://git@git.internal/a"})", "application/vnd.x+json; charset=utf-8").status,
            202);
  EXPECT_EQ(stored().url, "ssh://git@git.internal/a");
  EXPECT_EQ(ask("repository", R"({"url":"https://git.internal/a"})", "").status, 202) << "no content type, but JSON";
}

TEST_F(Requests, RefusalsHaveTheTextsOfTheSpecification) {
  for (const char* kind : {"website", "repository"}) {
    for (const char* body : {"", "{]", "[]", "1", R"({"url":1})", R"({"url":"a"} x)"})
      EXPECT_EQ(error(ask(kind, body)), "invalid request body") << body;
    EXPECT_EQ(error(ask(kind, "url=a", "application/x-www-form-urlencoded")), "invalid request body");
    EXPECT_EQ(error(ask(kind, R"({"url":"https://git.internal/"})", "text/plain")), "invalid request body");
  }
  EXPECT_EQ(error(ask("website", "{}")), "url is required");
  EXPECT_EQ(error(ask("website", R"({"url":null})")), "url is required");
  EXPECT_EQ(error(ask("repository", R"({"repository_url":"","url":""})")), "repository_url is required");
  EXPECT_EQ(ask("website", "{}").status, 400);
  EXPECT_EQ(ask("website", "{}").body, R"({"code":"invalid_request","error":"url is required"})") << "said once";
  EXPECT_TRUE(stored().url.empty());
}

TEST_F(Requests, WrongFieldsAreNamed) {
  EXPECT_THAT(error(ask("website", R"({"url":"ftp://git.internal/"})")), HasSubstr("url: "));
  EXPECT_THAT(error(ask("website", R"({"url":")" + std::string(2049, 'a') + "\"}")),
              HasSubstr("longer than 2048 bytes"));
  for (const char* url : {"/etc/passwd", "file:///etc/passwd", "ftp://git.internal/x", "git@git.internal:x"}) {
    const auto response = ask("repository", std::string(R"({"repository_url":")") + url + "\"}");
    EXPECT_EQ(response.status, 400) << url;
    EXPECT_THAT(error(response), HasSubstr("repository_url: ")) << url;
  }
  EXPECT_THAT(error(ask("repository", R"({"url":"https://git.internal/a","branch":"a..b"})")), HasSubstr("branch: "));
  EXPECT_THAT(error(ask("repository", R"({"url":"https://git.internal/a","branch":")" + std::string(256, 'a') + "\"}")),
              HasSubstr("branch: "));
}

TEST_F(Requests, AddressesThatAreNotPublicAreRefused) {
  for (const char* host :
       {"127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "[fd00::1]", "192.168.1.1:8080"}) {
    const auto website = ask("website", std::string(R"({"url":"http://)") + host + "/\"}");
    EXPECT_EQ(website.status, 400) << host;
    EXPECT_THAT(error(website), HasSubstr("not public")) << host;
    EXPECT_THAT(error(website), HasSubstr("url: ")) << host;
    EXPECT_FALSE(json::parse(website.body)->contains("message")) << "said once";
    EXPECT_EQ(ask("repository", std::string(R"({"repository_url":"https://)") + host + "/a\"}").status, 400) << host;
  }
  EXPECT_TRUE(stored().url.empty());
}

TEST_F(Requests, AStrangerIsNotLentTheServersRights) {
  caller = {"address 192.0.2.7", false};
  EXPECT_EQ(ask("website", R"({"url":"http://10.0.0.7/"})").status, 400)
      << "an allowed host is allowed to callers with a token";
  EXPECT_EQ(ask("repository", R"({"url":"https://10.0.0.7/a"})").status, 400);
  EXPECT_TRUE(stored().url.empty());
  EXPECT_EQ(ask("repository", R"({"url":"https://192.0.2.1.invalid/a"})").status, 202)
      << "its job says that nobody knows the host";
  const auto spec = stored();
  EXPECT_EQ(spec.asked_by, "address 192.0.2.7");
  EXPECT_FALSE(queue::is_trusted(spec));
}

TEST(Trust, IsForSignaturesAndTokens) {
  queue::JobSpec spec;
  for (const auto& [type, by, trusted] : {std::tuple{"github_push", "", true},
                                          {"api_analysis_repo", "", false},
                                          {"api_analysis_website", "address 1.2.3.4", false},
                                          {"api_analysis_repo", "token people", true}}) {
    spec.event_type = type;
    spec.asked_by = by;
    EXPECT_EQ(queue::is_trusted(spec), trusted) << type << " " << by;
  }
}

TEST_F(Requests, AFullOrAbsentQueueIsSaid) {
  depth.asked = 10;
  depth.counted_at = base::system_clock().monotonic();
  const auto full = ask("website", R"({"url":"http://10.0.0.7/"})");
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(error(full), "queue is full");
  EXPECT_FALSE(net::find_header(full.headers, "Retry-After").empty());
  depth.asked = 0;
  depth.waiting = 100000;  // pushes, which are not in its way either
  depth.counted_at += std::chrono::seconds(1);
  intake.stop();
  const auto stopped = ask("website", R"({"url":"http://10.0.0.7/"})");
  EXPECT_GE(stopped.status, 500);
}

TEST_F(Requests, NoCallerTakesAllTheRoom) {
  const auto status = [this] { return ask("website", R"({"url":"http://10.0.0.7/"})").status; };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(), 202) << i;
  EXPECT_EQ(status(), 429) << "half of it, also between two counts of the queue";
  caller = {"token others", true};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(), 202) << i;
  EXPECT_EQ(status(), 503);
  depth.counted_at += std::chrono::seconds(1);
  depth.asked = 5;
  depth.by_caller["token others"] = 5;
  EXPECT_EQ(status(), 429);
  caller = {"address 192.0.2.7", false};
  EXPECT_EQ(ask("website", R"({"url":"http://192.0.2.1.invalid/"})").status, 202);
  const auto refused = ask("website", R"({"url":"http://192.0.2.1.invalid/"})");
  EXPECT_EQ(refused.status, 429) << "a stranger gets a tenth";
  EXPECT_FALSE(net::find_header(refused.headers, "Retry-After").empty());
}

TEST(WebsiteViews, KeepTheFieldsOfTheResultAndNoRepository) {
  queue::Job job;
  job.id = "0f7b6a0e-58a5-4d43-9a0b-0f3a0c8f3d52";
  job.spec = {jobs::kWebsiteJob, "https://mill.example/a", "", "", "", "", ""};
  job.status = queue::JobStatus::Completed;
  job.result =
      R"({"job_id":"x","url":"https://mill.example/a","word_count":59,"suspicion_rate":0.7,
    "analyzed_at":"2026-03-04T10:00:01Z","duration_ms":3})";
  const auto flat = *json::parse(flat_result_view(job));
  EXPECT_EQ(flat["word_count"], 59);
  EXPECT_EQ(flat["suspicion_rate"], 0.7);
  EXPECT_FALSE(flat.contains("repo_name"));
  EXPECT_FALSE(flat.contains("duration_ms"));
  const auto nested = *json::parse(job_view(job));
  EXPECT_EQ(nested["result"]["word_count"], 59);
  EXPECT_EQ(nested["event_type"], "api_analysis_website");
}

class Named final : public queue::Analyzer {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  base::Result<queue::Analysis> analyse(const queue::Claim&, const std::function<void(const std::string&)>&,
                                        std::stop_token) override {
    return queue::Analysis{name_, "", 0, 0};
  }

 private:
  std::string name_;
};

TEST(Dispatch, TheEventTypeDecides) {
  Named git("git");
  Named web("web");
  jobs::Dispatch dispatch(git, web);
  for (const auto& [type, expected] :
       {std::pair{"api_analysis_website", "web"}, {"api_analysis_repo", "git"}, {"github_push", "git"}, {"", "git"}}) {
    queue::Claim claim;
    claim.spec.event_type = type;
    EXPECT_EQ(dispatch.analyse(claim, [](const std::string&) {}, {})->result, expected);
    EXPECT_EQ(jobs::source_of(type), expected);
  }
}

}  // namespace
}  // namespace cadence::api
