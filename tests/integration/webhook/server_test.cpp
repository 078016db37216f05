// The program as a user runs it: a signed push in, a result out, on both stores, through crashes and outages.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "support.hpp"

namespace cadence::test {
namespace {

PostgresServer& postgres() {
  static PostgresServer server;
  return server;
}
GitServer& git() {
  static GitServer server;
  return server;
}

std::string status_of(const WebhookServer& server, const std::string& id) {
  return member(server.ask("GET", "/jobs/" + id).body, "status");
}

bool ends_as(const WebhookServer& server, const std::string& id, const std::string& status) {
  return eventually([&] { return status_of(server, id) == status; }, std::chrono::seconds(60));
}

class ServerTest : public testing::TestWithParam<std::string> {
 protected:
  std::string address() {
    return GetParam() == "postgres" ? postgres().create_database() : "sqlite:" + (folder.path() / "shared.db").string();
  }
  Folder folder;
};

TEST_P(ServerTest, APushBecomesAResult) {
  WebhookServer server(folder.path(), address());
  server.start();
  const auto accepted = server.push("d1", git().url(), git().tip());
  ASSERT_EQ(accepted.status, 202) << accepted.body << server.log();
  const auto id = member(accepted.body, "job_id");
  ASSERT_TRUE(ends_as(server, id, "completed")) << server.ask("GET", "/jobs/" + id).body;
  const auto result = server.ask("GET", "/api/results/" + id).body;
  EXPECT_NE(result.find("\"total_commits\":3"), std::string::npos) << result;
  EXPECT_EQ(member(result, "commit"), git().tip());
  const auto repeat = server.push("d1", git().url(), git().tip());
  EXPECT_EQ(repeat.status, 202);
  EXPECT_EQ(member(repeat.body, "job_id"), id);
  EXPECT_EQ(member(repeat.body, "status"), "completed");
  EXPECT_NE(server.ask("GET", "/JOBS/?limit=x").body.find(id), std::string::npos);
  EXPECT_NE(server.ask("GET", "/jobs?status=completed&repo=potters%2Fkiln").body.find("\"count_all\":1"),
            std::string::npos);
  EXPECT_EQ(server.ask("HEAD", "/health").status, 200);
  EXPECT_NE(server.ask("GET", "/metrics").body.find("cadence_jobs_total{status=\"completed\"} 1"), std::string::npos);
}

TEST_P(ServerTest, AKilledServersJobsEndOnce) {
  WebhookServer server(folder.path(), address());
  server.start();
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const auto accepted = server.push("kill-" + std::to_string(i), git().url(), git().tip());
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    ids.insert(member(accepted.body, "job_id"));
  }
  server.kill();
  EXPECT_EQ(ids.size(), 20u);
  server.start();
  // Jobs that ran when the process died wait for the end of its lease (20 s).
  for (const auto& id : ids) EXPECT_TRUE(ends_as(server, id, "completed")) << server.ask("GET", "/jobs/" + id).body;
  EXPECT_NE(server.ask("GET", "/jobs?limit=0").body.find("\"count_all\":20"), std::string::npos);
}

TEST_P(ServerTest, SigtermDrainsAndLeaves) {
  WebhookServer server(folder.path(), address(), "", {.drain_seconds = 5});
  server.start();
  const auto id = member(server.push("d1", git().url(), git().tip()).body, "job_id");
  server.process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return server.ask("GET", "/health").status == 503; }, std::chrono::milliseconds(4500)));
  EXPECT_EQ(server.ask("GET", "/livez").status, 200) << "still serving";
  EXPECT_EQ(server.process().wait(std::chrono::seconds(30)), 0) << server.log();
  server.start();
  EXPECT_TRUE(ends_as(server, id, "completed"));
}

INSTANTIATE_TEST_SUITE_P(Stores, ServerTest, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

TEST(Server, RunsAloneOnSqlite) {
  Folder folder;
  WebhookServer server(folder.path(), "");
  server.start();
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "cadence.db"));
  ASSERT_TRUE(ends_as(server, member(server.push("d1", git().url()).body, "job_id"), "completed"));
}

TEST(Server, FilteredEventsAreAnswered200) {
  Folder folder;
  WebhookServer server(folder.path(), "");
  server.start();
  const auto ping = server.signed_post(R"({"zen":"x"})", {{"X-GitHub-Event", "ping"}});
  EXPECT_EQ(ping.status, 200);
  EXPECT_EQ(ping.body, R"({"event":"ping","status":"ignored"})");
  const auto tag = server.signed_post(R"({"ref":"refs/tags/v1"})", {{"X-GitHub-Event", "push"}});
  EXPECT_EQ(tag.body, R"({"event":"push","reason":"tag","status":"ignored"})");
  EXPECT_EQ(server.ask("GET", "/jobs").body, R"({"count_all":0,"jobs":[],"total":0})");
}

TEST(Server, FailedJobsSaySoAndTheWorkerLives) {
  Folder folder;
  WebhookServer server(folder.path(), "", "clone: {allowed_hosts: [127.0.0.1]}\n");
  server.start();
  const auto missing = member(server.push("d1", git().url("nowhere")).body, "job_id");
  const auto empty = member(server.push("d2", git().url("empty")).body, "job_id");
  const auto nameless = member(server.signed_post(R"({"ref":"refs/heads/trunk"})", {}).body, "job_id");
  const auto inside = member(server.push("d3", "http://localhost:1/x.git").body, "job_id");
  for (const auto& id : {missing, empty, nameless, inside}) {
    ASSERT_TRUE(ends_as(server, id, "failed")) << server.ask("GET", "/jobs/" + id).body;
    EXPECT_GT(member(server.ask("GET", "/jobs/" + id).body, "error").size(), 20u);
  }
  EXPECT_NE(member(server.ask("GET", "/jobs/" + inside).body, "error").find("failed to clone repository: "),
            std::string::npos);
  EXPECT_TRUE(ends_as(server, member(server.push("d4", git().url()).body, "job_id"), "completed"));
  EXPECT_NE(server.ask("GET", "/metrics").body.find("cadence_errors_by_phase{phase=\"clone\"}"), std::string::npos);
}

TEST(Server, StrangersReadNothingAndAskForNothing) {
  Folder folder;
  WebhookServer server(folder.path(), "");
  server.start();
  const auto job = member(server.push("d1", git().url()).body, "job_id");
  const std::vector<net::Header> nothing = {{"Authorization", ""}}, wrong = {{"Authorization", "Bearer wrong"}};
  for (const auto& path :
       std::vector<std::string>{"/jobs", "/JOBS/?limit=1", "/jobs/" + job, "/api/results/" + job, "/ready/deep"}) {
    for (const auto& headers : {nothing, wrong}) {
      const auto refused = server.ask("GET", path, headers);
      EXPECT_EQ(refused.status, 401) << path;
      EXPECT_NE(net::find_header(refused.headers, "WWW-Authenticate").find("Bearer"), std::string_view::npos);
      EXPECT_EQ(refused.body.find(job), std::string::npos);
    }
    EXPECT_EQ(server.ask("HEAD", path, nothing).status, 401) << path;
    EXPECT_EQ(server.ask("GET", path).status, 200) << path;
  }
  for (const char* path : {"/api/analyze/repository", "/api/analyze/website"})
    EXPECT_EQ(server.ask("POST", path, nothing, "{}").status, 401);
  for (const char* path : {"/health", "/readyz", "/version"})
    EXPECT_EQ(server.ask("GET", path, nothing).status, 200) << path;
}

TEST(Server, PrivateAddressesAreRefusedUnlessAllowed) {
  Folder folder;
  WebhookServer server(folder.path(), "", "clone: {}\n");
  server.start();
  const auto id = member(server.push("d1", git().url()).body, "job_id");
  ASSERT_TRUE(ends_as(server, id, "failed"));
  EXPECT_EQ(server.ask("GET", "/jobs/" + id).body.find("total_commits"), std::string::npos);
}

TEST(Server, AnswersLateOr503WhileTheDatabaseIsAway) {
  Folder folder;
  const auto address = postgres().create_database();
  // longer than PostgreSQL takes to start
  WebhookServer server(folder.path(), address, "", {.ack_deadline_seconds = 8});
  server.start();
  ASSERT_EQ(server.push("d1", git().url()).status, 202);
  postgres().stop();
  const auto refused = server.push("d2", git().url());
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_FALSE(net::find_header(refused.headers, "Retry-After").empty());
  EXPECT_EQ(server.ask("GET", "/health").status, 200);
  EXPECT_EQ(server.ask("GET", "/ready/deep").status, 503);
  EXPECT_EQ(server.ask("GET", "/jobs").status, 503);
  // A push that comes in while the database starts is held, not refused.
  net::Response held;
  {
    std::jthread sender([&] { held = server.push("d3", git().url()); });
    postgres().start();
  }
  EXPECT_EQ(held.status, 202) << held.body;
  const auto again = server.push("d2", git().url());
  ASSERT_EQ(again.status, 202);
  EXPECT_TRUE(ends_as(server, member(again.body, "job_id"), "completed"));
  EXPECT_EQ(postgres().query(address, "select count(*) from delivery where event <> 'body'"), "3");
}

TEST(Server, TellsWhyItsStoreRefusesWhileItDoes) {
  Folder folder;
  const auto address = postgres().create_database();
  postgres().query(address, "create role refused login");
  postgres().query(address, "alter database " + address.substr(address.rfind('/') + 1) + " owner to refused");
  auto own = address;
  own.replace(own.find("cadence@"), 8, "refused@");
  WebhookServer server(folder.path(), own, "", {.ack_deadline_seconds = 2});
  server.start();
  const auto store = [&] { return server.ask("GET", "/metrics/store", {{"Authorization", ""}}).body; };
  const auto has_gauge = [&](const char* value) {
    return server.ask("GET", "/metrics").body.find(std::string("\ncadence_store_up ") + value) != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return store() == R"({"up":true})"; })) << store();
  EXPECT_TRUE(has_gauge("1"));
  postgres().query(address, "alter table delivery owner to cadence");
  EXPECT_TRUE(eventually([&] {
    return store() == R"({"code":"42501","reason":"permission denied for table delivery","up":false})";
  })) << store();
  EXPECT_TRUE(has_gauge("0"));
  EXPECT_EQ(server.push("d1", git().url()).status, 503);
  postgres().query(address, "alter table delivery owner to refused");
  EXPECT_TRUE(eventually([&] { return store() == R"({"up":true})"; })) << store();
  EXPECT_EQ(server.push("d1", git().url()).status, 202);
}

TEST(Server, StartsBeforeItsDatabase) {
  Folder folder;
  const auto address = postgres().create_database();
  postgres().stop();
  WebhookServer server(folder.path(), address, "", {.ack_deadline_seconds = 2});
  server.start(WebhookServer::Until::Serves);
  EXPECT_EQ(server.ask("GET", "/health").status, 200);
  EXPECT_EQ(server.push("d1", git().url()).status, 503);
  postgres().start();
  EXPECT_TRUE(eventually([&] { return server.push("d1", git().url()).status == 202; }));
}

TEST(Server, TheStoreFileIsReadAgain) {
  Folder folder;
  const auto first = postgres().create_database(), second = postgres().create_database();
  WebhookServer server(folder.path(), first, "", {.ack_deadline_seconds = 2});
  server.start();
  ASSERT_EQ(server.push("d1", git().url()).status, 202);
  std::ofstream(folder.path() / "address") << second;
  postgres().query(
      second, "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cadence-webhook%'");
  // The new database is empty: the server prepares it, too.
  EXPECT_TRUE(eventually([&] { return server.push("d2", git().url()).status == 202; }));
  EXPECT_EQ(postgres().query(second, "select count(*) from delivery where event <> 'body'"), "1");
}

TEST(Server, TwoReplicasShareTheWorkAndSurviveAKill) {
  Folder folder_a, folder_b;
  const auto address = postgres().create_database();
  WebhookServer a(folder_a.path(), address), b(folder_b.path(), address);
  a.start();
  b.start();
  std::mutex mutex;
  std::set<std::string> ids;
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t)
      senders.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          // Each delivery goes to both replicas, as a sender that gave up on its first answer would send it again.
          const auto key = std::to_string(t) + "-" + std::to_string(i);
          const auto first = a.push(key, git().url(), git().tip()), second = b.push(key, git().url(), git().tip());
          if (first.status != 202 || second.status != 202 ||
              member(first.body, "job_id") != member(second.body, "job_id"))
            ++refused;
          std::lock_guard lock(mutex);
          ids.insert(member(first.body, "job_id"));
        }
      });
  }
  a.kill();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(ids.size(), 100u);
  for (const auto& id : ids) EXPECT_TRUE(ends_as(b, id, "completed")) << b.ask("GET", "/jobs/" + id).body;
  EXPECT_EQ(postgres().query(address, "select count(*) || ' ' || count(distinct job_id) from result"), "100 100");
  EXPECT_EQ(postgres().query(address, "select count(*) from job"), "0");
}

}  // namespace
}  // namespace cadence::test
