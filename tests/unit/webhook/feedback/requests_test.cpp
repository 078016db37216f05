// What each provider is sent, by tables: paths, bodies and limits as their documentation has them.
#include <gtest/gtest.h>

#include "feedback/forges/forges.hpp"

namespace cadence::feedback {
namespace {

const std::string kCommit(40, 'a');

Status status(State state, const std::string& full_name = "potters/kiln") {
  return {state, "2 suspicious commits", "https://cadence.example/pages/jobs/7", "7", full_name, "trunk", kCommit};
}

json::Value body_of(const net::Request& request) {
  const auto body = json::parse(request.body);
  EXPECT_TRUE(body) << request.body;
  return body ? *body : json::Value();
}

TEST(ForgeRequests, GoWhereTheProvidersDocument) {
  const struct {
    const char *forge, *full_name, *target;
  } table[] = {
      {"github", "potters/kiln", "/repos/potters/kiln/statuses/"},
      {"gitlab", "potters/kiln", "/projects/potters%2Fkiln/statuses/"},
      {"gitlab", "guild/potters/kiln", "/projects/guild%2Fpotters%2Fkiln/statuses/"},
      {"gitea", "potters/kiln", "/repos/potters/kiln/statuses/"},
      {"forgejo", "potters/kiln.git-x", "/repos/potters/kiln.git-x/statuses/"},
  };
  for (const auto& row : table) {
    const auto request = forge_named(row.forge)->say(status(State::Pending, row.full_name));
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, row.target + kCommit) << row.forge;
    EXPECT_EQ(net::find_header(request.headers, "Content-Type"), "application/json");
  }
  EXPECT_EQ(bitbucket().say(status(State::Pending)).target,
            "/repositories/potters/kiln/commit/" + kCommit + "/statuses/build");
  EXPECT_EQ(bitbucket_server().say(status(State::Pending, "POT/kiln")).target,
            "/projects/POT/repos/kiln/commits/" + kCommit + "/builds");
}

// A name that came past the check all the same leads nowhere else.
TEST(ForgeRequests, EncodeWhatASenderNamed) {
  for (const auto* forge : all_forges()) {
    const auto target = forge->say(status(State::Pending, "a?b/c#d%2e")).target;
    EXPECT_EQ(target.find_first_of("?#"), std::string::npos) << target;
    EXPECT_EQ(target.find("%2e"), std::string::npos) << target;
  }
}

TEST(ForgeRequests, TellEachStateInTheProvidersWord) {
  const struct {
    const char *forge, *pending, *clean, *suspicious, *refused, *unknown;
  } table[] = {
      {"github", "pending", "success", "success", "failure", "error"},
      {"gitlab", "pending", "success", "success", "failed", "failed"},
      {"gitea", "pending", "success", "success", "failure", "error"},
      {"forgejo", "pending", "success", "success", "failure", "error"},
      {"bitbucket", "INPROGRESS", "SUCCESSFUL", "SUCCESSFUL", "FAILED", "FAILED"},
      {"bitbucketServer", "INPROGRESS", "SUCCESSFUL", "SUCCESSFUL", "FAILED", "FAILED"},
  };
  for (const auto& row : table) {
    const auto told = [&](State state) {
      return body_of(forge_named(row.forge)->say(status(state))).value("state", "");
    };
    EXPECT_EQ(told(State::Pending), row.pending) << row.forge;
    EXPECT_EQ(told(State::Clean), row.clean) << row.forge;
    EXPECT_EQ(told(State::Suspicious), row.suspicious) << row.forge;
    EXPECT_EQ(told(State::Refused), row.refused) << row.forge;
    EXPECT_EQ(told(State::Unknown), row.unknown) << row.forge;
  }
}

TEST(ForgeRequests, HaveTheMembersThatAreDocumentedAndNoOthers) {
  const auto url = status(State::Clean).url;
  EXPECT_EQ(
      body_of(github().say(status(State::Clean))),
      (json::Value{
          {"state", "success"}, {"context", "cadence"}, {"description", "2 suspicious commits"}, {"target_url", url}}));
  EXPECT_EQ(body_of(gitlab().say(status(State::Clean))), (json::Value{{"state", "success"},
                                                                      {"name", "cadence"},
                                                                      {"description", "2 suspicious commits"},
                                                                      {"target_url", url},
                                                                      {"ref", "trunk"}}));
  EXPECT_EQ(body_of(bitbucket().say(status(State::Clean))), (json::Value{{"key", "cadence"},
                                                                         {"state", "SUCCESSFUL"},
                                                                         {"name", "Cadence"},
                                                                         {"description", "2 suspicious commits"},
                                                                         {"url", url},
                                                                         {"refname", "trunk"}}));
  EXPECT_EQ(body_of(bitbucket_server().say(status(State::Clean))).value("ref", ""), "refs/heads/trunk");
}

TEST(ForgeRequests, WithoutAPageHaveNoLink) {
  auto bare = status(State::Clean);
  bare.url.clear();
  for (const char* name : {"github", "gitlab", "gitea", "forgejo"})
    EXPECT_FALSE(body_of(forge_named(name)->say(bare)).contains("target_url")) << name;
  EXPECT_FALSE(body_of(say_check_run(bare, "")).contains("details_url"));
}

TEST(ForgeRequests, KeepToEachProvidersLengths) {
  auto wordy = status(State::Clean);
  wordy.branch = std::string(300, 'b');
  for (int i = 0; i < 300; ++i) wordy.description += "\xc3\xa9";  // two bytes, one character
  const struct {
    const char* forge;
    std::size_t characters;
  } table[] = {{"github", 140}, {"gitlab", 255}, {"gitea", 255}, {"bitbucket", 255}, {"bitbucketServer", 255}};
  for (const auto& row : table) {
    const auto body = body_of(forge_named(row.forge)->say(wordy));
    const auto text = body.value("description", "");
    EXPECT_EQ(clipped_text(text, row.characters), text) << row.forge;
    EXPECT_NE(clipped_text(text, row.characters - 1), text) << row.forge << ": no shorter than it must be";
    EXPECT_FALSE(body.contains("ref") || body.contains("refname")) << "none rather than a part of one";
  }
}

TEST(ForgeRequests, ShowTheTokenAsDocumented) {
  const struct {
    const char *forge, *token, *name, *value;
  } table[] = {
      {"github", "t0ken", "Authorization", "Bearer t0ken"},
      {"gitlab", "t0ken", "PRIVATE-TOKEN", "t0ken"},
      {"gitea", "t0ken", "Authorization", "token t0ken"},
      {"forgejo", "t0ken", "Authorization", "token t0ken"},
      {"bitbucket", "t0ken", "Authorization", "Bearer t0ken"},
      {"bitbucket", "mira:t0ken", "Authorization", "Basic bWlyYTp0MGtlbg=="},
      {"bitbucketServer", "t0ken", "Authorization", "Bearer t0ken"},
  };
  for (const auto& row : table) {
    const auto header = forge_named(row.forge)->show(row.token);
    EXPECT_EQ(header.name, row.name) << row.forge;
    EXPECT_EQ(header.value, row.value) << row.forge;
  }
}

TEST(CheckRuns, AreQueuedThenCompletedUnderTheirId) {
  auto request = say_check_run(status(State::Pending), "");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/repos/potters/kiln/check-runs");
  EXPECT_EQ(body_of(request),
            (json::Value{{"name", "cadence"},
                         {"head_sha", kCommit},
                         {"external_id", "7"},
                         {"status", "queued"},
                         {"details_url", "https://cadence.example/pages/jobs/7"},
                         {"output", {{"title", "2 suspicious commits"}, {"summary", "2 suspicious commits"}}}}));
  const struct {
    State state;
    const char* conclusion;
  } table[] = {{State::Clean, "success"},
               {State::Suspicious, "neutral"},
               {State::Refused, "failure"},
               {State::Unknown, "failure"}};
  for (const auto& row : table) {
    request = say_check_run(status(row.state), "4711");
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_EQ(request.target, "/repos/potters/kiln/check-runs/4711");
    const auto body = body_of(request);
    EXPECT_EQ(body.value("status", ""), "completed");
    EXPECT_EQ(body.value("conclusion", ""), row.conclusion);
    EXPECT_FALSE(body.contains("head_sha")) << "it cannot be changed";
  }
}

TEST(CheckRuns, AreFoundByTheirJob) {
  EXPECT_EQ(ask_for_check_runs(status(State::Clean)).target,
            "/repos/potters/kiln/commits/" + kCommit + "/check-runs?check_name=cadence&filter=all&per_page=100");
  const auto runs = [](const char* text) { return check_run_of(*json::parse(text), "7"); };
  EXPECT_EQ(runs(R"({"check_runs":[{"id":1,"external_id":"6"},{"id":2,"external_id":"7"}]})"), "2");
  for (const char* text : {"{}", "[]", R"({"check_runs":{}})", R"({"check_runs":[7,{"id":"2","external_id":"7"}]})"})
    EXPECT_EQ(runs(text), "") << text;
}

TEST(CheckRuns, AreOpenedForOneRepositoryAndNothingElse) {
  EXPECT_EQ(ask_for_installation("potters/kiln").target, "/repos/potters/kiln/installation");
  const auto request = ask_for_token(99, "potters/kiln");
  EXPECT_EQ(request.target, "/app/installations/99/access_tokens");
  EXPECT_EQ(body_of(request), (json::Value{{"repositories", {"kiln"}}, {"permissions", {{"checks", "write"}}}}));
}

TEST(Tellable, AreFullHashesInPlainRepositories) {
  const auto spec = [](const std::string& full_name, const std::string& commit) {
    queue::JobSpec made;
    made.full_name = full_name;
    made.commit = commit;
    return made;
  };
  EXPECT_TRUE(is_tellable(github(), spec("potters/kiln", kCommit)));
  EXPECT_TRUE(is_tellable(github(), spec("potters/kiln", std::string(64, 'F'))));
  EXPECT_TRUE(is_tellable(gitlab(), spec("guild/potters/kiln", kCommit)));
  EXPECT_TRUE(is_tellable(bitbucket_server(), spec("~mira/kiln", kCommit)));
  for (const char* commit : {"", "9c", "trunk", "../../../../../../../../../../../../../.."})
    EXPECT_FALSE(is_tellable(github(), spec("potters/kiln", commit))) << commit;
  for (const char* name : {"", "kiln", "a/b/c", "../kiln", "potters/..", "potters/", "/kiln", "pot ters/kiln",
                           "potters/kiln?x", "potters/kiln\r\nX: y", "potters/%2e%2e"})
    EXPECT_FALSE(is_tellable(github(), spec(name, kCommit))) << name;
}

}  // namespace
}  // namespace cadence::feedback
