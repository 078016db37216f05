// Every sender's deliveries at the program itself, on SQLite: what is authentic becomes a result and is known when it
// comes again; what is not leaves no trace.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "net/pki.hpp"
#include "senders_support.hpp"
#include "support.hpp"

namespace cadence::test {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A server with a file for each secret, and one more for GitHub that is for some repositories only.
struct Bed {
  Bed() : server(folder.path(), "") {
    std::map<std::string, std::string> lists;
    int number = 0;
    for (const auto& sender : test_senders()) {
      const auto path = folder.path() / ("secret" + std::to_string(++number));
      std::ofstream(path) << sender.secret << "\n";
      lists[sender.name] += (lists[sender.name].empty() ? "" : ", ") + ("{file: " + path.string() + "}");
    }
    std::ofstream(folder.path() / "limited") << "limited";
    lists["github"] += ", {file: " + (folder.path() / "limited").string() + ", repositories: [\"potters/*\"]}";
    std::string secrets;
    for (const auto& [name, list] : lists) secrets += (secrets.empty() ? "" : ", ") + name + ": [" + list + "]";
    auto config = text_of(folder.path() / "cadence.yml");
    config.insert(config.find("api: {"), "secrets: {" + secrets + "}, ");
    std::ofstream(folder.path() / "cadence.yml") << config;
    server.start();
  }
  GitServer git;
  Folder folder;
  WebhookServer server;
};

Bed& bed() {
  static Bed one;
  return one;
}

std::string count() {
  const auto jobs = bed().server.ask("GET", "/jobs?limit=1").body;
  const auto at = jobs.find("\"count_all\":");
  return jobs.substr(at, jobs.find(',', at) - at);
}

std::size_t jobs_in(const std::string& text) {
  std::size_t found = 0;
  for (auto at = text.find("\"job_id\""); at != std::string::npos; at = text.find("\"job_id\"", at + 1)) ++found;
  return found;
}

net::Response post(const TestSender& sender, const std::string& id, const std::string& body, bool is_right = true,
                   const std::string& path = "") {
  return bed().server.ask("POST", path.empty() ? "/webhooks/" + sender.name : path, sender.headers(id, body, is_right),
                          body);
}

// Each test has ids of its own, for one server takes them all.
std::string unique_id(const char* test) {
  static int number = 0;
  return std::string(test) + "-" + std::to_string(++number);
}

class EverySender : public testing::TestWithParam<std::size_t> {
 protected:
  const TestSender& sender = test_senders()[GetParam()];
  std::string push(const std::string& id, std::vector<std::string> branches = {"trunk"}) const {
    return sender.body({id, bed().git.url(), bed().git.tip(), std::move(branches)});
  }
};

TEST_P(EverySender, APushBecomesAResultAndIsKnownWhenItComesAgain) {
  const auto id = unique_id("push");
  const auto body = push(id);
  const auto accepted = post(sender, id, body);
  ASSERT_EQ(accepted.status, 202) << accepted.body << bed().server.log();
  const auto job = member(accepted.body, "job_id");
  ASSERT_TRUE(eventually([&] { return member(bed().server.ask("GET", "/jobs/" + job).body, "status") == "completed"; },
                         std::chrono::seconds(60)))
      << bed().server.ask("GET", "/jobs/" + job).body;
  EXPECT_EQ(member(bed().server.ask("GET", "/api/results/" + job).body, "commit"), bed().git.tip());
  const auto before = count();
  const auto again = post(sender, id, body);
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(member(again.body, "job_id"), job);
  EXPECT_EQ(member(again.body, "status"), "completed");
  EXPECT_EQ(count(), before);
}

TEST_P(EverySender, AWrongSignatureIs401AndLeavesNoTrace) {
  const auto id = unique_id("wrong");
  const auto before = count();
  const auto refused = post(sender, id, push(id), false);
  EXPECT_EQ(refused.status, 401) << refused.body;
  const auto unsigned_one = bed().server.ask("POST", "/webhooks/" + sender.name, {{"Authorization", ""}}, push(id));
  EXPECT_EQ(unsigned_one.status, 401) << unsigned_one.body;
  EXPECT_EQ(count(), before);
  const auto accepted = post(sender, id, push(id));
  EXPECT_EQ(accepted.status, 202) << "the id is still unknown";
  EXPECT_NE(count(), before);
}

TEST_P(EverySender, AnAuthenticBodyThatCannotBeReadIs400AndSaysWhy) {
  const auto before = count();
  for (const auto& [body, said] : {std::pair<std::string, std::string>{"[]", "must be an object"},
                                   {"{", "the JSON is cut off"},
                                   {"{\"a\":\"\xff\"}", "not UTF-8"},
                                   {"", "the body is empty"}}) {
    const auto answer = post(sender, unique_id("odd"), body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    EXPECT_NE(answer.body.find(said), std::string::npos) << answer.body;
  }
  EXPECT_EQ(count(), before);
}

TEST_P(EverySender, IsKnownAtTheCommonRoute) {
  const auto id = unique_id("common");
  const auto accepted = post(sender, id, push(id), true, "/webhook");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  EXPECT_EQ(member(post(sender, id, push(id)).body, "job_id"), member(accepted.body, "job_id"))
      << "the same delivery, wherever it comes in";
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
  return test_senders()[info.param].name + std::to_string(info.param);
}
INSTANTIATE_TEST_SUITE_P(All, EverySender, testing::Range<std::size_t>(0, test_senders().size()), name_of);

const TestSender& github() { return test_senders().front(); }

TEST(Senders, EachBranchOfADeliveryIsAJob) {
  const auto jobs = [] { return jobs_in(bed().server.ask("GET", "/jobs?limit=1000").body); };
  for (const auto& sender : test_senders()) {
    if (!sender.tells_many) continue;
    SCOPED_TRACE(sender.name);
    const auto id = unique_id("branches");
    const auto body = sender.body({id, bed().git.url(), bed().git.tip(), {"trunk", "glaze", "kiln"}});
    const auto before = jobs();
    const auto accepted = post(sender, id, body);
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    EXPECT_EQ(jobs(), before + 3);
    EXPECT_EQ(member(post(sender, id, body).body, "job_id"), member(accepted.body, "job_id"));
    EXPECT_EQ(jobs(), before + 3);
  }
}

TEST(Senders, AnIdHidesNoDeliveryOfAnotherSecretsHolder) {
  const auto id = unique_id("shared");
  const auto url = "git://127.0.0.1:1/potters/kiln.git";
  const auto body = github().body({id, url, "9c", {"trunk"}});
  auto limited = github();
  limited.headers = [&](const std::string& its_id, const std::string& text, bool) {
    auto headers = github().headers(its_id, text, true);
    headers.pop_back();
    headers.push_back({"X-Hub-Signature-256", "sha256=" + base::to_hex(net::hmac_sha256("limited", text))});
    return headers;
  };
  const auto theirs = post(limited, id, body), ours = post(github(), id, body);
  ASSERT_EQ(theirs.status, 202) << theirs.body;
  ASSERT_EQ(ours.status, 202) << ours.body;
  EXPECT_NE(member(theirs.body, "job_id"), member(ours.body, "job_id"));
}

TEST(Senders, ASecretIsRotatedWithoutARestart) {
  const auto path = bed().folder.path() / "limited";
  const auto signed_with = [&](const std::string& secret) {
    const auto id = unique_id("rotated");
    const auto body = github().body({id, "git://127.0.0.1:1/potters/kiln.git", "9c", {"trunk"}});
    return bed()
        .server
        .ask("POST", "/webhooks/github",
             {{"X-GitHub-Delivery", id},
              {"X-Hub-Signature-256", "sha256=" + base::to_hex(net::hmac_sha256(secret, body))}},
             body)
        .status;
  };
  EXPECT_EQ(signed_with("rotated"), 401);
  std::ofstream(path) << "rotated";
  EXPECT_TRUE(eventually([&] { return signed_with("rotated") == 202; }, std::chrono::seconds(20)));
  EXPECT_EQ(signed_with("limited"), 401);
  std::ofstream(path) << "limited";
  EXPECT_TRUE(eventually([&] { return signed_with("limited") == 202; }, std::chrono::seconds(20)));
}

TEST(Senders, WithoutASecretNothingIsTaken) {
  Folder folder;
  WebhookServer server(folder.path(), "");
  server.start();
  const auto refused = server.ask("POST", "/webhooks/gitea", {{"X-Gitea-Signature", std::string(64, '0')}}, "{}");
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(refused.body.find("\"no_secret\""), std::string::npos) << refused.body;
  EXPECT_EQ(server.ask("POST", "/webhooks/nobody", {}, "{}").status, 404);
  EXPECT_EQ(server.ask("GET", "/webhooks/gitlab").status, 405);
  const auto body = R"({"object_kind":"push"})";
  EXPECT_EQ(server.ask("POST", "/webhooks/gitlab", {{"X-Gitlab-Token", "hush"}}, body).status, 202)
      << "the one secret that upstream's server knows is for both";
}

TEST(Senders, ASecretThatCannotBeUsedKeepsTheServerFromStarting) {
  for (const auto& [list, said] :
       {std::pair<std::string, std::string>{"standard: [{value: hush}]", "webhook.secrets.standard"},
        {"gitea: [{file: /nowhere}]", "webhook.secrets.gitea: The secret in /nowhere is missing or empty"}}) {
    Folder folder;
    std::ofstream(folder.path() / "cadence.yml") << "webhook: {host: 127.0.0.1, port: 1, secret: s, secrets: {" << list
                                                 << "}, api: {token: " << WebhookServer::kToken << "}}\n";
    Process process({CADENCE_WEBHOOK_PROGRAM, "serve", "--config", "cadence.yml"}, folder.path(),
                    folder.path() / "log");
    EXPECT_EQ(process.wait(std::chrono::seconds(20)), 1);
    EXPECT_NE(text_of(folder.path() / "log").find(said), std::string::npos) << text_of(folder.path() / "log");
  }
}

}  // namespace
}  // namespace cadence::test
