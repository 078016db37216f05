// Analyses asked for over HTTP, by the program as a user runs it: pages from a server that follows a script, and a
// repository.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support.hpp"
#include "unit/net/raw_peer.hpp"

namespace cadence::test {
namespace {

using net::testing::RawPeer;
using net::testing::ScriptedServer;

ScriptedServer::Step page(const std::string& body, const std::string& status = "200 OK") {
  return [=](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  };
}

std::string golden(const std::string& name) {
  std::ifstream file(CADENCE_SOURCE_DIR "/tests/golden/web/" + name, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class WebsiteTest : public testing::Test {
 protected:
  void start(const std::string& config = "clone: {allowed_hosts: [127.0.0.1]}\n") {
    server.emplace(folder.path(), "", config);
    server->start();
  }
  net::Response ask(const std::string& kind, const std::string& body) const {
    return server->ask("POST", "/api/analyze/" + kind, {{"Content-Type", "application/json"}}, body);
  }
  // The flat result of the job once it is over.
  std::string result_of(const net::Response& accepted) const {
    EXPECT_EQ(accepted.status, 202) << accepted.body;
    const auto path = "/api/results/" + member(accepted.body, "job_id");
    std::string result;
    EXPECT_TRUE(eventually([&] {
      result = server->ask("GET", path).body;
      const auto status = member(result, "status");
      return status == "completed" || status == "failed";
    })) << result
        << server->log();
    return result;
  }
  static std::string url_of(const ScriptedServer& pages) {
    return "http://127.0.0.1:" + std::to_string(pages.port()) + "/";
  }

  Folder folder;
  std::optional<WebhookServer> server;
};

TEST_F(WebsiteTest, APageBecomesAResult) {
  start();
  const ScriptedServer pages({page(golden("generated.html"))});
  const auto accepted = ask("website", R"({"url":")" + url_of(pages) + "\"}");
  EXPECT_EQ(member(accepted.body, "status"), "pending");
  const auto result = result_of(accepted);
  EXPECT_EQ(member(result, "status"), "completed") << result;
  EXPECT_EQ(member(result, "progress"), "completed");
  EXPECT_EQ(member(result, "url"), url_of(pages));
  EXPECT_EQ(member(result, "assessment"), "Likely AI-Generated");
  EXPECT_NE(result.find("\"confidence_score\":78"), std::string::npos) << result;
  EXPECT_NE(result.find("\"word_count\":138"), std::string::npos);
  EXPECT_NE(result.find("\"form_issues\""), std::string::npos) << "W-01: markup strategies look at the markup";
  EXPECT_EQ(result.find("repo_name"), std::string::npos);
  const auto job = server->ask("GET", "/jobs/" + member(accepted.body, "job_id")).body;
  EXPECT_NE(job.find("\"duration_ms\""), std::string::npos) << job;
  EXPECT_EQ(member(job, "event_type"), "api_analysis_website");
  const auto metrics = server->ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("cadence_source_analyses_total{source=\"web\"} 1"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("cadence_source_detections_total{source=\"web\"} 20"), std::string::npos) << metrics;
}

TEST_F(WebsiteTest, TheUpstreamProfileAndSwitchesAreHeard) {
  start("clone: {allowed_hosts: [127.0.0.1]}\ndetection: {profile: upstream}\nstrategies: {ai_vocabulary: false}\n");
  const ScriptedServer pages({page(golden("generated.html"))});
  const auto result = result_of(ask("website", R"({"url":")" + url_of(pages) + "\"}"));
  EXPECT_EQ(result.find("ai_vocabulary"), std::string::npos) << result;
  EXPECT_NE(result.find("\"strategies_used\":19"), std::string::npos) << result;
  EXPECT_NE(result.find("\"pattern_count\":8"), std::string::npos) << result;
}

TEST_F(WebsiteTest, AShortPageIsCompletedAndSaysSo) {
  start();
  const ScriptedServer pages({page(golden("short.html"))});
  const auto result = result_of(ask("website", R"({"url":")" + url_of(pages) + "\"}"));
  EXPECT_EQ(member(result, "status"), "completed");
  EXPECT_EQ(member(result, "assessment"), "Content too short for reliable analysis");
  EXPECT_EQ(result.find("passed_patterns"), std::string::npos);
}

TEST_F(WebsiteTest, ARefusalIsTheJobsError) {
  start();
  const ScriptedServer pages({page("", "404 Not Found")});
  const auto result = result_of(ask("website", R"({"url":")" + url_of(pages) + "\"}"));
  EXPECT_EQ(member(result, "status"), "failed");
  EXPECT_EQ(member(result, "progress"), "analysis-failed");
  EXPECT_NE(member(result, "error").find("analysis failed: "), std::string::npos) << result;
  EXPECT_NE(member(result, "error").find("returned 404"), std::string::npos) << result;
  EXPECT_NE(server->ask("GET", "/metrics").body.find("cadence_source_errors_total{source=\"web\"} 1"),
            std::string::npos);
}

TEST_F(WebsiteTest, ARedirectInsideIsTheJobsError) {
  start();
  const ScriptedServer pages({[](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n");
  }});
  const auto result = result_of(ask("website", R"({"url":")" + url_of(pages) + "\"}"));
  EXPECT_NE(member(result, "error").find("169.254.169.254, which is not public"), std::string::npos) << result;
}

TEST_F(WebsiteTest, PrivateAddressesAreRefusedAtOnce) {
  start("clone: {allowed_hosts: [git.internal]}\n");
  for (const char* kind : {"website", "repository"}) {
    const auto refused = ask(kind, R"({"url":"http://127.0.0.1:1/"})");
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_NE(refused.body.find("not public"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(ask("website", "{}").status, 400);
  EXPECT_EQ(ask("website", "{\"url\":\"" + std::string(2 << 20, 'a') + "\"}").status, 413);
  EXPECT_EQ(server->ask("GET", "/api/analyze/website").status, 405);
}

TEST_F(WebsiteTest, ARepositoryBecomesAResult) {
  start();
  const GitServer git;
  const auto accepted = ask("repository", R"({"repository_url":")" + git.url() + R"(","branch":""})");
  const auto result = result_of(accepted);
  EXPECT_EQ(member(result, "status"), "completed") << result;
  EXPECT_EQ(member(result, "commit"), git.tip());
  EXPECT_EQ(member(result, "repo_name"), "kiln");
  EXPECT_NE(result_of(ask("repository", R"({"url":")" + git.url("nothing") + "\"}")).find("failed to clone repository"),
            std::string::npos);
}

}  // namespace
}  // namespace cadence::test
