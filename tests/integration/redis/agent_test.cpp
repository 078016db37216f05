// The agent beside a real server: supervision, probes, handover, boot gate, secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "bed.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::test {
namespace {

using redis::plan::Phase;

constexpr int kKeys = 60;

redis::plan::DesiredTopology single() {
  return {.shards = 1, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RedisAgent, AnswersProbesAndEndsWithTheServersCode) {
  Bed bed(single());
  auto& node = *bed.nodes.front();
  ASSERT_TRUE(eventually([&] { return node.run_probe("--ready") == 0; }));
  EXPECT_EQ(node.run_probe("--live"), 0);
  node.freeze();
  EXPECT_EQ(node.run_probe("--ready"), 1);
  node.thaw();
  EXPECT_EQ(node.stop(), 0);
  EXPECT_EQ(node.run_probe("--live"), 1);
}

TEST(RedisAgent, KeepsTheLastWriteOverACrash) {
  Bed bed(single());
  bed.reach_healthy();
  bed.write_keys(kKeys);
  bed.nodes.front()->crash();
  bed.nodes.front()->start();
  bed.reach_healthy();
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

TEST(RedisAgent, ShowsNoPassword) {
  Bed bed(single());
  auto& node = *bed.nodes.front();
  ASSERT_TRUE(eventually([&] { return node.run_probe("--ready") == 0; }));
  const auto process = "/proc/" + std::to_string(node.agent());
  for (const auto& text : {text_of(process + "/cmdline"), text_of(process + "/environ"), node.log()}) {
    EXPECT_EQ(text.find("operator secret"), std::string::npos);
    EXPECT_EQ(text.find("application-secret"), std::string::npos);
  }
  for (const auto* file : {"/run/redis.conf", "/run/users.acl"}) {
    struct stat status {};
    ASSERT_EQ(stat((node.folder() + file).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
  EXPECT_EQ(text_of(node.folder() + "/run/users.acl").find("secret"), std::string::npos);
}

bool takes(const Node& node, const std::string& user, const std::string& password) {
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)};
  return static_cast<bool>(
      redis::Connection::open({.address = node.target().address, .unix_socket = {}}, {user, password}, limits));
}

// As the kubelet brings it: to one pod earlier than to the other. Then a link that breaks must find a master that takes
// its password.
TEST(RedisAgent, TakesNewPasswordsWhileItRunsAndKeepsTheEarlierOnesGood) {
  Bed bed({.shards = 1, .replicas_per_shard = 1, .was_formed = false, .is_cache = false, .accept_data_loss = {}});
  bed.reach_healthy();
  const auto application = bed.nodes.front()->target().credentials.password;
  auto& master = bed.master_of(0);
  auto& replica = bed.replica_of(0);
  for (auto* node : {&replica, &master}) {
    node->write_secrets("", "");
    EXPECT_EQ(node->run_probe("--ready"), 0) << "an emptied Secret changes nothing";
    node->write_secrets("second application", "second operator");
    ASSERT_TRUE(eventually(
        [&] { return takes(*node, "operator", "second operator") && takes(*node, "default", "second application"); }));
    EXPECT_TRUE(takes(*node, "operator", application));
    EXPECT_FALSE(takes(*node, "operator", "third"));
    EXPECT_EQ(node->run_probe("--ready"), 0);
  }
  const auto takes_earlier = [&](const std::string& newest) {
    auto target = master.target();
    target.earlier = {{target.credentials.user, "second operator"}};
    target.credentials.password = newest;
    const auto probe = redis::probe(target, {.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)});
    return std::get<redis::Reachable>(probe).takes_earlier;
  };
  EXPECT_TRUE(takes_earlier("third"));
  EXPECT_FALSE(takes_earlier("second operator"));
  const auto again = [&] { return redis::plan::plan_redis(bed.desired, bed.observe()).phase == Phase::Healthy; };
  EXPECT_TRUE(eventually(again));
  replica.crash();
  replica.start();
  EXPECT_TRUE(eventually([&] {
    return takes(replica, "operator", "second operator") && replica.run_probe("--ready") == 0;
  })) << "the link came back with the new password";
  for (const auto& node : bed.nodes) EXPECT_EQ(node->log().find("second operator"), std::string::npos);
}

// The kubelet brings what is in the Secret when the container starts; it may be empty for a moment.
TEST(RedisAgent, WaitsForASecretThatIsEmptyAndSaysSo) {
  Bed bed(single());
  bed.reach_healthy();
  auto& node = *bed.nodes.front();
  EXPECT_EQ(node.stop(), 0);
  node.write_secrets("", "");
  node.start();
  const auto answer = [&] {
    const auto probe =
        redis::probe(node.target(), {.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)});
    const auto* silence = std::get_if<redis::Unreachable>(&probe);
    return silence != nullptr && silence->silence == redis::Silence::Shut ? silence->reason : std::string();
  };
  ASSERT_TRUE(eventually([&] { return answer().find("is empty") != std::string::npos; })) << answer();
  EXPECT_EQ(node.run_probe("--live"), 0) << "to start it again would not help";
  EXPECT_EQ(node.run_probe("--ready"), 1);
  node.write_secrets("second application", "second operator");
  EXPECT_TRUE(eventually([&] { return takes(node, "operator", "second operator") && node.run_probe("--ready") == 0; }));
}

// Whoever has the operator's password can do all this, and only the agent would see it.
TEST(RedisAgent, SetsBackWhatSomebodyChangedOnTheRunningServer) {
  Bed bed(single());
  bed.reach_healthy();
  const auto& node = *bed.nodes.front();
  const auto ask = [&](const redis::Request& request) {
    const redis::Limits limits{.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)};
    auto connection = redis::Connection::open({.address = node.target().address, .unix_socket = {}},
                                              node.target().credentials, limits);
    return connection ? connection->call(request, limits) : base::Result<redis::Reply>(connection.error());
  };
  const auto texts = [&](const redis::Request& request) {
    const auto reply = ask(request);
    std::vector<std::string> out;
    // A user who was made again has the word for a default in his line.
    for (const auto& item : reply ? reply->items : std::vector<redis::Reply>{})
      out.push_back(base::replace_all(item.text, "sanitize-payload ", ""));
    return out;
  };
  const redis::Request settings{
      "CONFIG",     "GET",     "appendonly",         "min-replicas-to-write", "maxmemory", "cluster-node-timeout",
      "masterauth", "timeout", "proto-max-bulk-len", "busy-reply-threshold"},
      users{"ACL", "LIST"};
  const auto before = std::pair{texts(settings), texts(users)};
  ASSERT_EQ(before.first.size(), 16U);
  ASSERT_EQ(before.second.size(), 5U);
  ASSERT_TRUE(ask({"CONFIG", "SET", "slowlog-log-slower-than", "7"}));
  const std::vector<std::vector<redis::Request>> together = {
      {{"CONFIG", "SET", "appendonly", "no"},
       {"CONFIG", "SET", "min-replicas-to-write", "3", "maxmemory", "1mb"},
       {"CONFIG", "SET", "masterauth", "wrong"},
       {"CONFIG", "SET", "timeout", "1", "proto-max-bulk-len", "1mb", "busy-reply-threshold", "1"},
       {"ACL", "SETUSER", "default", "off"},
       {"ACL", "SETUSER", "replication", "resetpass"},
       {"ACL", "SETUSER", "eve", "on", "nopass", "~*", "+@all"}},
      {{"ACL", "SETUSER", "default", "nopass", "+@all"}, {"ACL", "DELUSER", "agent"}}};
  for (const auto& changes : together) {
    for (const auto& change : changes) ASSERT_TRUE(ask(change)) << change[2];
    EXPECT_TRUE(eventually([&] { return std::pair{texts(settings), texts(users)} == before; })) << changes.front()[2];
  }
  EXPECT_EQ(texts({"CONFIG", "GET", "slowlog-log-slower-than"}).back(), "7") << "diagnosis is nobody's business";
  EXPECT_EQ(node.run_probe("--ready"), 0);
  EXPECT_NE(node.log().find("appendonly from"), std::string::npos);
  EXPECT_EQ(node.log().find("application-secret"), std::string::npos);
}

TEST(RedisAgent, AScriptWithoutEndIsToldFromSilence) {
  Bed bed(single());
  bed.reach_healthy();
  const auto& node = *bed.nodes.front();
  const auto limits = [](std::chrono::milliseconds bound) {
    return redis::Limits{.deadline = base::system_clock().monotonic() + bound};
  };
  const auto open = [&] {
    return redis::Connection::open({.address = node.target().address, .unix_socket = {}}, node.target().credentials,
                                   limits(std::chrono::seconds(30)));
  };
  auto script = open();
  ASSERT_TRUE(script);
  EXPECT_FALSE(script->call({"EVAL", "while true do end", "0"}, limits(std::chrono::milliseconds(500))))
      << "no answer in time";
  const auto silence = [&] {
    const auto probe = redis::probe(node.target(), limits(std::chrono::seconds(30)));
    const auto* found = std::get_if<redis::Unreachable>(&probe);
    return found != nullptr ? std::optional(found->silence) : std::nullopt;
  };
  EXPECT_TRUE(eventually([&] { return silence() == redis::Silence::Busy; }));
  auto killer = open();
  ASSERT_TRUE(killer);
  EXPECT_TRUE(killer->call({"SCRIPT", "KILL"}, limits(std::chrono::seconds(30))));
  EXPECT_TRUE(eventually([&] { return !silence(); }));
}

TEST(RedisAgent, GivesApplicationsNoAdministration) {
  Bed bed(single());
  bed.reach_healthy();
  for (const redis::Request& request : std::vector<redis::Request>{
           {"CONFIG", "GET", "*"}, {"FLUSHALL"}, {"CLUSTER", "RESET"}, {"ACL", "LIST"}, {"KEYS", "*"}, {"SHUTDOWN"}}) {
    const auto answer = bed.ask(request);
    ASSERT_FALSE(answer) << request.front();
    EXPECT_EQ(answer.error().kind, base::ErrorKind::Forbidden) << request.front();
  }
  EXPECT_TRUE(bed.ask({"CLUSTER", "SLOTS"}));
  EXPECT_TRUE(bed.ask({"INFO"}));
}

TEST(RedisAgent, GivesWebhookServersACacheAndNoMore) {
  Bed bed(single());
  bed.reach_healthy();
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)};
  const redis::Endpoint endpoint{.address = bed.nodes.front()->target().address, .unix_socket = {}};
  auto connection = redis::Connection::open(endpoint, {"webhook", "webhook-secret"}, limits);
  ASSERT_TRUE(connection) << connection.error().message;
  for (const redis::Request& request : std::vector<redis::Request>{{"SET", "cadence:v:0:a", "1", "EX", "10"},
                                                                   {"GET", "cadence:v:0:a"},
                                                                   {"CLUSTER", "NODES"},
                                                                   {"DBSIZE"},
                                                                   {"INFO", "stats"},
                                                                   {"ASKING"}}) {
    const auto answer = connection->call(request, limits);
    EXPECT_TRUE(answer) << request.front() << ": " << answer.error().message;
  }
  for (const redis::Request& request : std::vector<redis::Request>{{"GET", "other:a"},
                                                                   {"SET", "other:a", "1"},
                                                                   {"DEL", "cadence:v:0:a"},
                                                                   {"KEYS", "*"},
                                                                   {"SCAN", "0"},
                                                                   {"CLUSTER", "RESET"},
                                                                   {"CONFIG", "GET", "*"},
                                                                   {"PUBLISH", "a", "b"},
                                                                   {"FLUSHALL"}}) {
    const auto answer = connection->call(request, limits);
    ASSERT_FALSE(answer) << request.front();
    EXPECT_EQ(answer.error().kind, base::ErrorKind::Forbidden) << request.front();
  }
}

TEST(RedisAgent, GivesNobodyTheRightToEraseEverything) {
  Bed bed(single());
  bed.reach_healthy();
  const auto target = bed.nodes.front()->target();
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + std::chrono::seconds(30)};
  auto connection = redis::Connection::open({.address = target.address, .unix_socket = {}}, target.credentials, limits);
  ASSERT_TRUE(connection);
  for (const auto* command : {"FLUSHALL", "FLUSHDB", "SHUTDOWN"}) {
    const auto answer = connection->call({command}, limits);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, base::ErrorKind::Forbidden);
  }
}

TEST(RedisAgent, HandsItsShardOverBeforeAPlannedStop) {
  Bed bed;
  bed.reach_healthy();
  bed.write_keys(kKeys);
  auto& old_master = bed.master_of(0);
  auto& heir = bed.replica_of(0);
  EXPECT_EQ(old_master.stop(), 0);
  EXPECT_THAT(old_master.log(), testing::HasSubstr("Handed the shard over"));
  EXPECT_EQ(bed.master_of(0).name(), heir.name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
  old_master.start();
  bed.reach_healthy();
  EXPECT_EQ(bed.master_of(0).name(), heir.name());
}

// Without the gate the master comes back before anyone missed it, and its replica copies the emptiness.
TEST(RedisAgent, HoldsAnEmptiedMasterBackUntilItsReplicaLeads) {
  Bed bed({.shards = 3, .replicas_per_shard = 1, .was_formed = false, .is_cache = true, .accept_data_loss = {}});
  bed.reach_healthy();
  bed.write_keys(kKeys);
  auto& master = bed.master_of(0);
  master.crash();
  master.lose_data();
  master.start();
  bed.reach_healthy();
  EXPECT_THAT(master.log(), testing::HasSubstr("Waiting for a replica to take over"));
  EXPECT_NE(bed.master_of(0).name(), master.name());
  EXPECT_EQ(bed.await_keys(kKeys), kKeys);
}

}  // namespace
}  // namespace cadence::test
