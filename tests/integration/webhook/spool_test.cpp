// Deliveries while the job store is away for longer than a sender waits, kept in a folder: the program itself, with a
// PostgreSQL that crashes, a SQLite file that somebody holds, and a server that is killed with its spool full.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "support.hpp"

namespace cadence::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

PostgresServer& postgres() {
  static PostgresServer server;
  return server;
}

constexpr const char* kNowhere = "https://git.invalid/potters/kiln.git";  // its job fails, and stays one

struct Spooling : testing::Test {
  WebhookServer::Times times(int drain_seconds = 60) {
    return {.ack_deadline_seconds = 1,
            .more = "on_store_unavailable: spool_disk, spool: {folder: " + (folder.path() / "spool").string() +
                    ", drain_seconds: " + std::to_string(drain_seconds) + "}"};
  }
  static std::int64_t gauge(const WebhookServer& server, const std::string& name) {
    const auto text = server.ask("GET", "/metrics").body;
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return -1;
    const auto begin = at + name.size() + 2;
    return base::parse_integer(text.substr(begin, text.find('\n', begin) - begin)).value_or(-1);
  }
  static bool is_empty(const WebhookServer& server) { return gauge(server, "cadence_webhook_spool_entries") == 0; }
  static std::string count_of(const std::string& address) {
    return postgres().query(address,
                            "select count(*) || ' ' || count(distinct job_id) from delivery where event = 'push'");
  }
  static std::string is_there(const std::string& address, const std::string& id) {
    return postgres().query(address,
                            "select count(*) from (select id from job union all select id from job_history) j "
                            "where id = '" +
                                id + "'");
  }
  int files() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "spool"))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  Folder folder;
};

TEST_F(Spooling, ACrashOfTheDatabaseUnderLoadRefusesNobody) {
  const auto address = postgres().create_database();
  WebhookServer server(folder.path(), address, "", times());
  server.start();
  std::atomic<bool> is_over{false};
  std::atomic<int> sent{0}, refused{0}, spooled{0};
  std::map<std::string, std::string> jobs;
  std::mutex mutex;
  std::vector<std::jthread> senders;
  for (int t = 0; t < 6; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; !is_over; ++i) {
        const auto key = std::to_string(t) + "-" + std::to_string(i);
        const auto answer = server.push(key, kNowhere);
        ++sent;
        if (answer.status != 202) ++refused;
        if (answer.body.find("\"spooled\":true") != std::string::npos) ++spooled;
        const std::lock_guard lock(mutex);
        jobs[key] = member(answer.body, "job_id");
      }
    });
  ASSERT_TRUE(eventually([&] { return sent > 20; }));
  postgres().stop();
  EXPECT_TRUE(eventually([&] { return spooled >= 12; }, seconds(60)));
  postgres().start();
  const auto before = sent.load();
  EXPECT_TRUE(eventually([&] { return sent > before + 30; }, seconds(60)));
  is_over = true;
  senders.clear();
  EXPECT_EQ(refused, 0);
  EXPECT_TRUE(eventually([&] { return is_empty(server); })) << server.log();
  EXPECT_EQ(files(), 0);
  EXPECT_EQ(count_of(address), std::to_string(sent) + " " + std::to_string(sent));
  for (const auto& [key, id] : jobs) EXPECT_EQ(is_there(address, id), "1") << key;
  EXPECT_EQ(gauge(server, "cadence_webhook_spool_taken_in_total"), spooled);
}

TEST_F(Spooling, AKilledServerComesBackToItsSpool) {
  const auto address = postgres().create_database();
  WebhookServer server(folder.path(), address, "", times());
  server.start();
  postgres().stop();
  std::map<std::string, std::string> jobs;
  for (const char* key : {"a", "b", "c"}) {
    const auto answer = server.push(key, kNowhere);
    ASSERT_EQ(answer.status, 202) << answer.body;
    EXPECT_NE(answer.body.find("\"spooled\":true"), std::string::npos);
    jobs[key] = member(answer.body, "job_id");
  }
  const auto again = server.push("a", kNowhere);
  EXPECT_EQ(member(again.body, "job_id"), jobs["a"]) << "a repeat is told the first one's job";
  EXPECT_EQ(gauge(server, "cadence_webhook_spool_entries"), 4);
  server.kill();
  EXPECT_EQ(files(), 4);
  postgres().start();
  server.start();
  EXPECT_TRUE(eventually([&] { return is_empty(server); })) << server.log();
  EXPECT_EQ(files(), 0);
  EXPECT_EQ(count_of(address), "3 3");
  for (const auto& [key, id] : jobs) EXPECT_EQ(is_there(address, id), "1") << key;
}

TEST_F(Spooling, AServerThatIsToldToStopWaitsForTheStoreToTakeItsSpool) {
  const auto address = postgres().create_database();
  WebhookServer server(folder.path(), address, "", times());
  server.start();
  postgres().stop();
  const auto id = member(server.push("a", kNowhere).body, "job_id");
  ASSERT_EQ(files(), 1);
  server.process().signal(SIGTERM);
  EXPECT_FALSE(server.process().wait(seconds(6))) << "its spool could still be taken";
  postgres().start();
  EXPECT_EQ(server.process().wait(seconds(30)), 0) << server.log();
  EXPECT_EQ(files(), 0);
  EXPECT_EQ(is_there(address, id), "1");
}

TEST_F(Spooling, AServerThatMayWaitNoLongerSaysWhatStays) {
  const auto address = postgres().create_database();
  WebhookServer server(folder.path(), address, "", times(1));
  server.start();
  postgres().stop();
  EXPECT_EQ(server.push("a", kNowhere).status, 202);
  EXPECT_EQ(server.terminate(seconds(50)), 0);
  EXPECT_NE(server.log().find("Spooled deliveries stay where they are"), std::string::npos);
  EXPECT_EQ(files(), 1);
  postgres().start();
}

TEST_F(Spooling, ASqliteFileThatSomebodyHoldsIsWaitedFor) {
  const auto file = folder.path() / "shared.db";
  WebhookServer server(folder.path(), "sqlite:" + file.string(), "", times());
  server.start();
  std::string id;
  {
    const std::string hold =
        "import signal, sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('begin exclusive')\nopen(sys.argv[2], 'w').close()\nsignal.pause()\n";
    const auto mark = folder.path() / "held";
    const Process holder({"python3", "-c", hold, file.string(), mark.string()}, folder.path(),
                         folder.path() / "holder");
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(mark); }));
    const auto answer = server.push("a", kNowhere);
    ASSERT_EQ(answer.status, 202) << answer.body;
    EXPECT_NE(answer.body.find("\"spooled\":true"), std::string::npos) << answer.body;
    id = member(answer.body, "job_id");
    EXPECT_EQ(files(), 1);
  }
  EXPECT_TRUE(eventually([&] { return is_empty(server); })) << server.log();
  EXPECT_TRUE(eventually([&] { return server.ask("GET", "/jobs/" + id).status == 200; })) << server.log();
  EXPECT_EQ(files(), 0);
}

// The statement was sent and waits in PostgreSQL when the sender's time is over: it is committed afterwards, with
// nobody there to hear it.
TEST_F(Spooling, ACommitWhoseAnswerWasLostIsTheSameJob) {
  const auto address = postgres().create_database();
  WebhookServer server(folder.path(), address, "", times());
  server.start();
  ASSERT_TRUE(eventually([&] { return server.push("warm", kNowhere).status == 202; }));
  const Process holder({"psql", "-X", "-c", "begin", "-c", "lock table delivery in exclusive mode", "-c",
                        "select pg_sleep(600)", address},
                       folder.path(), folder.path() / "holder");
  ASSERT_TRUE(eventually([&] {
    return postgres().query(address,
                            "select count(*) from pg_locks where mode = 'ExclusiveLock' and granted and "
                            "relation = 'delivery'::regclass") == "1";
  }));
  const auto answer = server.push("a", kNowhere);
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_NE(answer.body.find("\"spooled\":true"), std::string::npos) << answer.body;
  (void)postgres().query(address,
                         "select pg_terminate_backend(pid) from pg_stat_activity where query like '%600%' and "
                         "pid <> pg_backend_pid()");
  EXPECT_TRUE(eventually([&] { return is_empty(server); })) << server.log();
  EXPECT_TRUE(eventually([&] { return count_of(address) == "2 2"; })) << count_of(address);
  EXPECT_EQ(is_there(address, member(answer.body, "job_id")), "1");
}

TEST_F(Spooling, TwoServersDoNotShareAFolder) {
  WebhookServer server(folder.path(), "", "", times());
  server.start();
  Folder other;
  const WebhookServer second(other.path(), "", "", times());
  Process refused({CADENCE_WEBHOOK_PROGRAM, "serve", "--config", "cadence.yml"}, other.path(), other.path() / "log");
  EXPECT_EQ(refused.wait(seconds(30)), 1);
  EXPECT_NE(second.log().find("Another program uses"), std::string::npos);
}

}  // namespace
}  // namespace cadence::test
