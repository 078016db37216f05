#include "kube/client/client.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace cadence::kube::client {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const core::KindInfo kService{"", "v1", "Service", "services", true};
const core::KindInfo kCluster{"cadence.noslop.tech", "v1alpha1", "CadenceCluster", "cadenceclusters", true};

struct Fake final : net::Transport {
  base::Result<net::Response> send(const net::Request& request, milliseconds deadline, std::stop_token) override {
    seen.push_back(request);
    deadlines.push_back(deadline);
    if (answers.empty()) return net::json_response(200, "{}");
    auto next = std::move(answers.front());
    answers.pop_front();
    return next;
  }
  std::vector<net::Request> seen;
  std::vector<milliseconds> deadlines;
  std::deque<base::Result<net::Response>> answers;
};

struct FakeConfig final : ConfigSource {
  base::Result<net::Origin> origin() override { return net::Origin{"api", 443}; }
  base::Result<std::string> authorization() override { return token; }
  void reject(std::string_view used) override {
    rejected.emplace_back(used);
    token = "Bearer fresh";
  }
  const std::string& default_namespace() const override { return space; }
  const std::string& path_prefix() const override { return prefix; }
  std::string token = "Bearer old", space = "default", prefix;
  std::vector<std::string> rejected;
};

net::Response refusal(int code, const std::string& reason, const std::string& message,
                      std::vector<net::Header> headers = {}) {
  return {code, std::move(headers),
          R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message + R"(","reason":")" +
              reason + R"(","code":)" + std::to_string(code) + "}"};
}

class ClientTest : public ::testing::Test {
 protected:
  Client make(Client::Options options = {}) {
    auto owned = std::make_unique<Fake>();
    transport = owned.get();
    return Client(std::move(owned), config, std::move(options));
  }
  Fake* transport = nullptr;
  std::shared_ptr<FakeConfig> config = std::make_shared<FakeConfig>();
};

TEST_F(ClientTest, GetAsksForOneObject) {
  auto client = make({.user_agent = "test/1"});
  transport->answers = {net::json_response(200, R"({"a":1})")};
  EXPECT_EQ((*client.get(kService, {"demo", "web"}))["a"], 1);
  const auto& request = transport->seen.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/api/v1/namespaces/demo/services/web");
  EXPECT_EQ(net::find_header(request.headers, "Authorization"), "Bearer old");
  EXPECT_EQ(net::find_header(request.headers, "User-Agent"), "test/1");
  EXPECT_EQ(net::find_header(request.headers, "Accept"), "application/json");
}

TEST_F(ClientTest, ListEncodesItsOptions) {
  auto client = make();
  config->prefix = "/gate";
  ASSERT_TRUE(client.list(
      kCluster,
      {.label_selector = "a=b,c notin (d),!e", .resource_version = "0", .limit = 500, .continue_token = "x+/="}));
  EXPECT_EQ(transport->seen.at(0).target,
            "/gate/apis/cadence.noslop.tech/v1alpha1/"
            "cadenceclusters?labelSelector=a%3Db%2Cc%20notin%20%28d%29%2C%21e&resourceVersion=0&limit=500&continue=x%"
            "2B%2F%3D");
}

TEST_F(ClientTest, ApplyIsAForcedServerSideApply) {
  auto client = make();
  ASSERT_TRUE(client.apply(kService, {"demo", "web"}, {{"spec", {{"type", "ClusterIP"}}}}, "cadence-operator"));
  ASSERT_TRUE(client.apply_status(kCluster, {"demo", "c"}, {{"status", {{"phase", "x"}}}}, "cadence-operator/status"));
  const auto& request = transport->seen.at(0);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/api/v1/namespaces/demo/services/web?fieldManager=cadence-operator&force=true");
  EXPECT_EQ(net::find_header(request.headers, "Content-Type"), "application/apply-patch+yaml");
  EXPECT_EQ(request.body, R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"demo"},)"
                          R"("spec":{"type":"ClusterIP"}})");
  EXPECT_EQ(transport->seen.at(1).target,
            "/apis/cadence.noslop.tech/v1alpha1/namespaces/demo/cadenceclusters/c/"
            "status?fieldManager=cadence-operator%2Fstatus&force=true");
}

TEST_F(ClientTest, TheOtherVerbs) {
  auto client = make();
  ASSERT_TRUE(client.create(kService, {{"metadata", {{"name", "web"}, {"namespace", "demo"}}}}));
  ASSERT_TRUE(client.replace(kService, {"demo", "web"}, {{"metadata", {{"resourceVersion", "7"}}}}));
  ASSERT_TRUE(client.patch(kService, {"demo", "web"}, json::Value::array(), PatchType::Json, "status"));
  ASSERT_TRUE(client.remove(kService, {"demo", "web"}, {.uid = "u", .resource_version = "9"}, Propagation::Foreground));
  EXPECT_EQ(transport->seen[0].method + transport->seen[0].target, "POST/api/v1/namespaces/demo/services");
  EXPECT_EQ(transport->seen[1].method + transport->seen[1].target, "PUT/api/v1/namespaces/demo/services/web");
  EXPECT_EQ(transport->seen[2].method + transport->seen[2].target, "PATCH/api/v1/namespaces/demo/services/web/status");
  EXPECT_EQ(net::find_header(transport->seen[2].headers, "Content-Type"), "application/json-patch+json");
  EXPECT_EQ(transport->seen[3].method, "DELETE");
  EXPECT_EQ(transport->seen[3].body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"resourceVersion":"9","uid":"u"},)"
            R"("propagationPolicy":"Foreground"})");
}

struct Refusal {
  int code;
  const char* reason;
  ErrorKind kind;
};
class Refusals : public ClientTest, public ::testing::WithParamInterface<Refusal> {};
TEST_P(Refusals, BecomeKinds) {
  auto client = make({.max_attempts = 1});
  transport->answers = {refusal(GetParam().code, GetParam().reason, "because")};
  const auto answer = client.apply(kService, {"demo", "web"}, json::Value::object(), "m");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, GetParam().kind);
  EXPECT_EQ(answer.error().message,
            "Could not apply Service demo/web: because (" + std::to_string(GetParam().code) + ")");
}
INSTANTIATE_TEST_SUITE_P(
    All, Refusals,
    ::testing::Values(
        Refusal{404, "NotFound", ErrorKind::NotFound}, Refusal{409, "Conflict", ErrorKind::Conflict},
        Refusal{409, "AlreadyExists", ErrorKind::Conflict}, Refusal{410, "Expired", ErrorKind::Conflict},
        Refusal{422, "Invalid", ErrorKind::Invalid}, Refusal{400, "BadRequest", ErrorKind::Invalid},
        Refusal{403, "Forbidden", ErrorKind::Forbidden}, Refusal{401, "Unauthorized", ErrorKind::Forbidden},
        Refusal{429, "TooManyRequests", ErrorKind::Transient}, Refusal{503, "ServiceUnavailable", ErrorKind::Transient},
        Refusal{500, "InternalError", ErrorKind::Transient}, Refusal{504, "Timeout", ErrorKind::Transient}));

TEST_F(ClientTest, ARefusalWithoutStatusShowsItsFirstLine) {
  auto client = make({.max_attempts = 1});
  transport->answers = {net::text_response(502, "bad gateway\n<html>")};
  EXPECT_EQ(client.get(kService, {"demo", "web"}).error().message,
            "Could not read Service demo/web: bad gateway (502)");
}

TEST_F(ClientTest, WaitsAsLongAsTheServerAsks) {
  auto client = make();
  transport->answers = {refusal(429, "TooManyRequests", "slow", {{"Retry-After", "0"}}),
                        refusal(503, "", "down", {{"Retry-After", "1"}}), net::json_response(200, R"({"ok":true})")};
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(client.get(kService, {"demo", "web"}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  EXPECT_EQ(transport->seen.size(), 3u);
  EXPECT_LT(transport->deadlines[2], transport->deadlines[0]);
}

TEST_F(ClientTest, GivesUpWhenTheWaitIsLongerThanItsTime) {
  auto client = make({.timeout = milliseconds(20000)});
  transport->answers = {refusal(429, "TooManyRequests", "slow", {{"Retry-After", "60"}})};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.get(kService, {"demo", "web"}).error().kind, ErrorKind::Transient);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(10000));
}

TEST_F(ClientTest, StopsAfterItsAttempts) {
  auto client = make({.max_attempts = 3});
  for (int i = 0; i < 5; ++i)
    transport->answers.push_back(refusal(429, "TooManyRequests", "slow", {{"Retry-After", "0"}}));
  EXPECT_FALSE(client.get(kService, {"demo", "web"}));
  EXPECT_EQ(transport->seen.size(), 3u);
}

TEST_F(ClientTest, RepeatsACreateOnlyWhenItWasNotTaken) {
  auto client = make();
  transport->answers = {refusal(429, "TooManyRequests", "slow", {{"Retry-After", "0"}}),
                        refusal(503, "", "down", {{"Retry-After", "0"}})};
  EXPECT_EQ(client.create(kService, {{"metadata", {{"name", "web"}}}}).error().kind, ErrorKind::Transient);
  EXPECT_EQ(transport->seen.size(), 2u);
}

TEST_F(ClientTest, TransportFailuresAreNotRepeated) {
  auto client = make();
  transport->answers = {base::Error{ErrorKind::Transient, "reset"}};
  const auto answer = client.apply(kService, {"demo", "web"}, json::Value::object(), "m");
  EXPECT_EQ(answer.error().message, "Could not apply Service demo/web: reset");
  EXPECT_EQ(transport->seen.size(), 1u);
}

TEST_F(ClientTest, A401IsTriedOnceWithFreshCredentials) {
  auto client = make();
  transport->answers = {refusal(401, "Unauthorized", "who"), net::json_response(200, "{}")};
  ASSERT_TRUE(client.get(kService, {"demo", "web"}));
  EXPECT_EQ(net::find_header(transport->seen[1].headers, "Authorization"), "Bearer fresh");
  EXPECT_THAT(config->rejected, ElementsAre("Bearer old"));
  transport->answers = {refusal(401, "Unauthorized", "who"), refusal(401, "Unauthorized", "who")};
  EXPECT_EQ(client.get(kService, {"demo", "web"}).error().kind, ErrorKind::Forbidden);
  EXPECT_EQ(transport->seen.size(), 4u);
}

TEST_F(ClientTest, AsksBeforeEveryWriteAndOnlyThen) {
  int asked = 0;
  auto client = make({.may_write = [&] { return ++asked < 2; }});
  ASSERT_TRUE(client.get(kService, {"demo", "web"}));
  EXPECT_EQ(asked, 0);
  transport->answers = {refusal(429, "TooManyRequests", "slow", {{"Retry-After", "0"}})};
  const auto answer = client.apply(kService, {"demo", "web"}, json::Value::object(), "m");
  EXPECT_EQ(answer.error().kind, ErrorKind::Canceled);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(transport->seen.size(), 2u);
}

TEST_F(ClientTest, AStopEndsTheWait) {
  auto client = make();
  std::stop_source stop;
  stop.request_stop();
  transport->answers = {refusal(429, "TooManyRequests", "slow", {{"Retry-After", "5"}})};
  EXPECT_EQ(client.get(kService, {"demo", "web"}, stop.get_token()).error().kind, ErrorKind::Canceled);
}

TEST_F(ClientTest, EachRequestIsObserved) {
  std::vector<int> codes;
  auto client = make({.observe = [&](std::string_view method, int code, double seconds) {
    EXPECT_EQ(method, "GET");
    EXPECT_GE(seconds, 0);
    codes.push_back(code);
  }});
  transport->answers = {refusal(429, "", "", {{"Retry-After", "0"}}), base::Error{ErrorKind::Transient, "reset"}};
  EXPECT_FALSE(client.get(kService, {"demo", "web"}));
  EXPECT_THAT(codes, ElementsAre(429, 0));
}

TEST_F(ClientTest, AnAnswerThatIsNoJsonIsAnError) {
  auto client = make();
  transport->answers = {net::text_response(200, "<html>")};
  EXPECT_THAT(client.get(kService, {"demo", "web"}).error().message, HasSubstr("is not JSON"));
}

}  // namespace
}  // namespace cadence::kube::client
