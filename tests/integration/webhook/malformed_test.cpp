// Bodies that no client of good will sends, to the real program on a real PostgreSQL: each is refused with what is
// wrong with it, and the server goes on.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "support.hpp"

namespace cadence::test {
namespace {

struct Body {
  std::string name, bytes;
  std::string told;  // part of what the answer says; empty where the receiver of pushes has no such field
  std::string told_to_sender = told;
  std::string type = "application/json";
};

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string utf16(const std::string& text) {
  std::string out;
  for (const char c : text) out += {c, '\0'};
  return out;
}

const std::string kForm = "application/x-www-form-urlencoded";
const std::string kAsJson = "send JSON with Content-Type: application/json";

std::vector<Body> bodies() {
  const std::string url = R"("url":"https://git.example/a")";
  return {
      {"empty", "", "the body is empty"},
      {"no object", "[]", "the body must be an object"},
      {"deep lists", "{\"x\":" + std::string(200000, '[') + std::string(200000, ']') + "}",
       "nested deeper than 64 levels"},
      {"deep objects", repeated("{\"a\":", 100000), "nested deeper than 64 levels"},
      {"cut off", "{" + url, "the JSON is cut off at byte"},
      {"two values", "{" + url + "}{}", "not JSON at byte"},
      {"no number", "{\"x\":NaN}", "not JSON at byte 6"},
      {"a number beyond any", "{\"x\":1e99999}", "a number is too large at byte"},
      {"half a megabyte of digits", "{\"x\":" + std::string(500000, '9') + "}", "a number is too large at byte"},
      {"no UTF-8", "{\"x\":\"\xff\xfe\"}", "not UTF-8 at byte 7"},
      {"longer UTF-8 than allowed", "{\"x\":\"\xc0\xaf\"}", "not UTF-8 at byte 7"},
      {"half a pair", R"({"x":"\ud800"})", "half of a surrogate pair at byte"},
      {"a bare NUL", std::string("{\"x\":\"a\0b\"}", 11), "not JSON at byte 8"},
      {"UTF-16 that nobody declares", utf16("{\"x\":1}"), "not JSON at byte 2"},
      {"windows-1252 that says UTF-8", "{\"x\":\"caf\xe9\"}", "not UTF-8 at byte", "not UTF-8 at byte",
       "application/json; charset=utf-8"},
      {"another type", R"({"url":5,"ref":5})", "url must be a string", "ref must be a string"},
      {"an object for a text", R"({"url":{},"ref":{}})", "url must be a string, not an object",
       "ref must be a string, not an object"},
      {"wrong in the last of two", R"({"url":"https://git.example/a","URL":[],"ref":"a","Ref":[]})",
       "url must be a string, not a list", "ref must be a string, not a list"},
      {"a NUL in a text", R"({"url":"https://git.example/a\u0000","ref":"\u0000"})", "url must not hold U+0000",
       "ref must not hold U+0000"},
      {"too long",
       "{\"url\":\"https://git.example/" + std::string(5000, 'a') + "\",\"ref\":\"" + std::string(5000, 'a') + "\"}",
       "url is longer than 4096 bytes", "ref is longer than 4096 bytes"},
      {"a form as JSON", "url=https://git.example/a", "not JSON at byte 1"},
      {"a form", "url=x", kAsJson, "the form has no field payload", kForm},
      {"a form with broken escapes", "payload=%zz%", kAsJson, "not JSON at byte 1", kForm},
      {"a form of nothing", std::string(1000000, '&'), kAsJson, "the form has no field payload", kForm},
      {"a form whose encoding is not said", "payload=%7B%22ref%22%3A%22%E9%22%7D", kAsJson, "not UTF-8 at byte", kForm},
      {"a form with wrong UTF-8 in its own encoding", "payload=%7B%22ref%22%3A5,%22x%22%3A%22%E9%22%7D", kAsJson,
       "ref must be a string", kForm + "; charset=windows-1252"},
      {"XML", "<a/>", kAsJson, "not JSON at byte 1", "application/xml"},
      {"two types at once", "{\"ref\":5}", kAsJson, "ref must be a string", "application/json, text/html"},
  };
}

struct Bed {
  Bed() : server(folder.path(), database.create_database()) { server.start(); }
  PostgresServer database;
  Folder folder;
  WebhookServer server;
};

// One server takes all of it.
class MalformedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { bed = std::make_unique<Bed>(); }
  static void TearDownTestSuite() { bed.reset(); }
  static std::unique_ptr<Bed> bed;
  WebhookServer& server = bed->server;
};
std::unique_ptr<Bed> MalformedTest::bed;

TEST_F(MalformedTest, IsRefusedWithWhatIsWrongAndTheServerGoesOn) {
  for (const auto& body : bodies()) {
    for (const char* path : {"/api/analyze/repository", "/api/analyze/website"}) {
      const auto answer = server.ask("POST", path, {{"Content-Type", body.type}}, body.bytes);
      EXPECT_EQ(answer.status, 400) << path << " " << body.name << ": " << answer.body;
      EXPECT_NE(answer.body.find(body.told), std::string::npos) << path << " " << body.name << ": " << answer.body;
    }
    const auto answer = server.signed_post(body.bytes, {{"Content-Type", body.type}, {"X-GitHub-Event", "push"}});
    EXPECT_EQ(answer.status, 400) << body.name << ": " << answer.body;
    EXPECT_NE(answer.body.find(body.told_to_sender), std::string::npos) << body.name << ": " << answer.body;
    EXPECT_LT(answer.body.size(), 300u) << body.name << ": what was sent is not sent back";
  }
  EXPECT_EQ(server.ask("GET", "/ready/deep").status, 200);
  EXPECT_NE(server.ask("GET", "/jobs").body.find("\"count_all\":0"), std::string::npos) << "none of it is a job";
}

TEST_F(MalformedTest, OddHeadersAndAddressesAreNoErrorOfTheServer) {
  for (const char* target :
       {"/jobs/%00", "/jobs/%ff", "/jobs?status=%00", "/jobs?status=%ff&limit=%00", "/jobs?limit=99999999999999999999",
        "/%ff", "/jobs?%ff=%ff", "/jobs?repo=%ff", "/jobs?repo=%00", "/pages?repo=%ff", "/pages?status=%ff&offset=%ff",
        "/pages/jobs/%ff", "/pages/%ff", "/pages/sign-in?next=%ff", "/pages/repositories?name=%ff",
        "/api/stream/repository?url=https://git.example/a&branch=%ff",
        "/api/stream/website?url=https://git.example/%ff", "/api/results/%ff"})
    EXPECT_LT(server.ask("GET", target).status, 500) << target;
  const std::string text = "{\"ref\":\"refs/heads/x\"}";
  EXPECT_EQ(server.signed_post(text, {{"X-GitHub-Event", "\xff\xfe"}}).status, 200);
  EXPECT_EQ(
      server.signed_post(text, {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", std::string(3000, '\xff')}}).status,
      202);
  EXPECT_EQ(server.signed_post(text + " ", {{"X-GitHub-Event", "push"}, {"Content-Type", "\xff;\xff=\""}}).status, 202);
}

TEST_F(MalformedTest, AFormInAnotherEncodingIsStoredAsUtf8) {
  const auto accepted =
      server.signed_post("payload=%7B%22ref%22%3A%22refs/heads/caf%E9%22%7D",
                         {{"X-GitHub-Event", "push"}, {"Content-Type", kForm + "; charset=iso-8859-1"}});
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  EXPECT_EQ(member(server.ask("GET", "/jobs/" + member(accepted.body, "job_id")).body, "branch"), "caf\xc3\xa9");
}

}  // namespace
}  // namespace cadence::test
