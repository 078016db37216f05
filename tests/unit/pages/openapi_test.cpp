// The OpenAPI document names every route that the program has and no other.
#include "api/openapi.hpp"

#include <gmock/gmock.h>

#include "api/problems.hpp"
#include "api/service.hpp"
#include "base/text.hpp"
#include "unit/webhook/fake_store.hpp"
#include "ingest/providers/github.hpp"
#include "ingest/providers/gitlab.hpp"

namespace cadence::api {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

class NoAnalyzer final : public queue::Analyzer {
 public:
  base::Result<queue::Analysis> analyse(const queue::Claim&, const std::function<void(const std::string&)>&,
                                        std::stop_token) override {
    return base::Error{base::ErrorKind::Bug, "nothing is to be analysed here"};
  }
};

// "/jobs/:id" is "/jobs/{id}" there.
std::string path_of(const std::string& pattern) {
  std::vector<std::string> parts;
  for (const auto& part : base::split(pattern, '/'))
    parts.push_back(part.starts_with(':') ? "{" + part.substr(1) + "}" : part);
  return base::join(parts, "/");
}

struct OpenApi : ::testing::Test {
  queue::FakeStore store;
  NoAnalyzer analyzer;
  queue::WorkerPool workers{store, analyzer, {"w", "r"}, {}};
  queue::Intake intake{store, {.writers = 1}};
  ingest::Secrets secrets{{{"hush", {}}}, {}};
  ingest::Budget budget{1 << 20};
  ingest::Receiver receiver{{{ingest::github(), secrets}, {ingest::gitlab(), secrets}},
                            budget,
                            intake,
                            {},
                            [] { return 0; },
                            [](auto) { return false; }};
  AnalysisRequests requests{budget, intake, {}, [] { return queue::Depth{}; }};
  Tokens tokens{"both-0123456789abcdef", {}};
  Door door{tokens, true};
  links::Links links{{}};
  Measures measures;
  Pool pool{1, 4};
  Service service{{store, workers, intake, receiver, requests, door, links, budget, measures, pool, "1.2.3", "r",
                   [] { return std::size_t{0}; }}};
};

TEST_F(OpenApi, NamesEveryRouteAndNoOther) {
  std::vector<std::string> routes, documented;
  for (const auto& [method, pattern] : service.routes()) routes.push_back(method + " " + path_of(pattern));
  const auto document = openapi_document({"github", "gitlab"}, "1.2.3");
  for (const auto& [path, operations] : document["paths"].items())
    for (const auto& [method, operation] : operations.items()) {
      auto upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      documented.push_back(upper + " " + path);
    }
  EXPECT_THAT(documented, UnorderedElementsAreArray(routes));
  EXPECT_EQ(document["info"]["version"], "1.2.3");
}

TEST_F(OpenApi, IsServedToStrangersToo) {
  net::RequestHead head;
  head.method = "GET";
  head.target = "/api/openapi.json";
  const auto reaction = service.handle(head);
  ASSERT_TRUE(std::holds_alternative<net::Response>(reaction));
  EXPECT_EQ(std::get<net::Response>(reaction).status, 200);
}

net::RequestHead accepting(const std::string& ranges) {
  net::RequestHead head;
  head.headers = {{"Accept", ranges}};
  return head;
}

TEST(Problems, AreForThoseWhoAsk) {
  for (const char* ranges :
       {"application/problem+json", "text/html, Application/Problem+JSON;q=0.5", "application/problem+json ; q=1"})
    EXPECT_TRUE(wants_problems(accepting(ranges))) << ranges;
  for (const char* ranges : {"", "*/*", "application/json", "application/problem+json;q=0",
                             "application/problem+json; q=0.000", "application/problem+jsonx"})
    EXPECT_FALSE(wants_problems(accepting(ranges))) << ranges;
}

TEST(Problems, KeepTheDocumentedMembersAndTheHeaders) {
  auto error = net::json_response(503, R"({"error":"queue is full","code":"queue_full","message":"try again"})");
  error.headers.push_back({"Retry-After", "10"});
  const auto problem = as_problem(error);
  EXPECT_EQ(net::find_header(problem.headers, "Content-Type"), "application/problem+json");
  EXPECT_EQ(net::find_header(problem.headers, "Retry-After"), "10");
  EXPECT_EQ(problem.body,
            R"({"code":"queue_full","detail":"try again","error":"queue is full","message":"try again","status":503,)"
            R"("title":"queue is full","type":"urn:cadence:problem:queue_full"})");
  EXPECT_THAT(as_problem(net::json_response(404, R"({"error":"x"})")).body, HasSubstr("about:blank"));
  for (const auto& other : {net::json_response(200, R"({"error":""})"), net::text_response(500, "Internal error\n"),
                            net::json_response(503, R"({"status":"degraded"})"), net::json_response(503, "{")})
    EXPECT_EQ(as_problem(other).body, other.body);
}

}  // namespace
}  // namespace cadence::api
