// What the providers' answers mean, by tables.
#include "feedback/answers.hpp"

#include <gtest/gtest.h>

#include "feedback/forges/forges.hpp"

namespace cadence::feedback {
namespace {

using std::chrono::seconds;
using Kind = Answer::Kind;

const base::Wall kNow(seconds(1'800'000'000));
constexpr seconds kOwn{-1};  // as the sender sees fit

Answer read(int status, std::vector<net::Header> headers = {}, const std::string& body = "{}",
            const Forge& forge = github()) {
  return answer_of(forge, {status, std::move(headers), body}, "t0ken", kNow);
}

TEST(ForgeAnswers, AreTakenWhenTheyAreTheDocumentedOnes) {
  for (const int status : {200, 201})
    for (const auto* forge : all_forges()) EXPECT_EQ(read(status, {}, "{\"id\":1}", *forge).kind, Kind::Taken);
  EXPECT_EQ(read(204, {}, "", bitbucket_server()).kind, Kind::Taken);
  EXPECT_EQ(read(400, {}, R"({"message":"Cannot transition status via :enqueue from :pending"})", gitlab()).kind,
            Kind::Taken)
      << "it is told already";
}

TEST(ForgeAnswers, ThatAreNonsenseAreNotTaken) {
  for (const char* body : {"", "<html>Welcome</html>", "[]", "17", "{\"id\":", "null"}) {
    const auto answer = read(201, {}, body);
    EXPECT_EQ(answer.kind, Kind::Later) << body;
    EXPECT_TRUE(answer.is_for_all) << body;
    EXPECT_NE(answer.reason, "") << body;
  }
}

TEST(ForgeAnswers, ByTheirNumber) {
  const struct {
    int status;
    Kind kind;
    bool is_for_all;
  } table[] = {
      {100, Kind::Later, false}, {301, Kind::Never, false}, {307, Kind::Never, false}, {400, Kind::Never, false},
      {401, Kind::Later, true},  {403, Kind::Never, false}, {404, Kind::Never, false}, {408, Kind::Later, false},
      {409, Kind::Later, false}, {410, Kind::Never, false}, {413, Kind::Never, false}, {421, Kind::Later, false},
      {422, Kind::Never, false}, {425, Kind::Later, false}, {429, Kind::Later, true},  {500, Kind::Later, true},
      {502, Kind::Later, true},  {503, Kind::Later, true},  {504, Kind::Later, true},  {599, Kind::Later, true}};
  for (const auto& row : table) {
    const auto answer = read(row.status);
    EXPECT_EQ(answer.kind, row.kind) << row.status;
    EXPECT_EQ(answer.is_for_all, row.is_for_all) << row.status;
    EXPECT_NE(answer.reason.find(std::to_string(row.status)), std::string::npos) << answer.reason;
  }
}

TEST(ForgeAnswers, TellHowLongToWait) {
  const struct {
    const char* what;
    int status;
    std::vector<net::Header> headers;
    const char* body;
    seconds wait;
  } table[] = {
      {"seconds", 429, {{"Retry-After", "7"}}, "{}", seconds(7)},
      {"a date", 429, {{"Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT"}}, "{}", seconds(30)},
      {"a date that is over", 429, {{"Retry-After", "Fri, 15 Jan 2021 08:00:30 GMT"}}, "{}", seconds(1)},
      {"GitHub's primary limit",
       403,
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1800000090"}},
       "{}",
       seconds(90)},
      {"GitHub's secondary limit", 403, {{"Retry-After", "60"}}, "{}", seconds(60)},
      {"the same in words", 403, {}, R"({"message":"You have exceeded a secondary rate limit"})", seconds(60)},
      {"GitLab's", 429, {{"RateLimit-Reset", "1800000010"}, {"RateLimit-Remaining", "0"}}, "{}", seconds(10)},
      {"a draft's", 429, {{"RateLimit-Reset", "12"}}, "{}", seconds(12)},
      {"the first of two", 429, {{"Retry-After", "5"}, {"X-RateLimit-Reset", "1800003600"}}, "{}", seconds(5)},
      {"for ever", 429, {{"Retry-After", "99999999999999"}}, "{}", kLongestWait},
      {"until the year 60000",
       403,
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1831557600000"}},
       "{}",
       kLongestWait},
      {"before now", 403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1700000000"}}, "{}", seconds(1)},
      {"less than nothing", 429, {{"Retry-After", "-5"}}, "{}", seconds(60)},
      {"nonsense", 429, {{"Retry-After", "soon"}, {"X-RateLimit-Reset", "x"}}, "{}", seconds(60)},
      {"nothing", 429, {}, "{}", seconds(60)},
      {"a maintenance", 503, {{"Retry-After", "120"}}, "{}", seconds(120)},
      {"a failure", 503, {}, "{}", kOwn},
      {"another", 500, {{"Retry-After", "120"}}, "{}", kOwn},
  };
  for (const auto& row : table) {
    const auto answer = read(row.status, row.headers, row.body);
    EXPECT_EQ(answer.kind, Kind::Later) << row.what;
    EXPECT_TRUE(answer.is_for_all) << row.what;
    EXPECT_EQ(answer.wait.value_or(kOwn), row.wait) << row.what;
  }
}

TEST(ForgeAnswers, MissingRightsAreNoLimit) {
  EXPECT_EQ(read(403, {{"X-RateLimit-Remaining", "4999"}, {"X-RateLimit-Reset", "1800003600"}},
                 R"({"message":"Resource not accessible by personal access token"})")
                .kind,
            Kind::Never);
}

TEST(ForgeAnswers, ReasonsHaveTheProvidersSentence) {
  const struct {
    const char *body, *reason;
  } table[] = {
      {R"({"message":"Not Found"})", "it answered 404: Not Found"},
      {R"({"error":{"message":"No such repository"}})", "it answered 404: No such repository"},
      {R"({"error":"404 Project Not Found"})", "it answered 404: 404 Project Not Found"},
      {R"({"errors":[{"message":"Project POT does not exist."}]})", "it answered 404: Project POT does not exist."},
      {R"({"message":"two\nlines"})", "it answered 404: two lines"},
      {R"({"message":"token t0ken is bad"})", "it answered 404"},
      {R"({"message":{"base":["x"]}})", "it answered 404"},
      {R"({"errors":["x"]})", "it answered 404"},
      {"t0ken", "it answered 404"},
  };
  for (const auto& row : table) EXPECT_EQ(read(404, {}, row.body).reason, row.reason);
  const auto wordy = R"({"message":")" + std::string(5000, 'x') + "\"}";
  EXPECT_LT(read(404, {}, wordy).reason.size(), 300u);
}

}  // namespace
}  // namespace cadence::feedback
