// The cluster client against real nodes that fail over, move slots, freeze, change passwords or are not there.
#include <gtest/gtest.h>

#include <set>

#include "bed.hpp"
#include "redis/cluster/deferred.hpp"
#include "redis/cluster/slots.hpp"

namespace cadence::test {
namespace {

using namespace std::chrono_literals;
using redis::Request;
using redis::cluster::Client;

constexpr const char* kPassword = "application-secret";  // of the bed

redis::Limits within(std::chrono::milliseconds bound) { return {.deadline = base::system_clock().monotonic() + bound}; }

redis::cluster::ClientOptions options_for(const Bed& bed) {
  redis::cluster::ClientOptions out;
  for (const auto& node : bed.nodes) out.seeds.push_back(to_string(node->target().address));
  out.credentials = [] { return redis::Credentials{"default", kPassword}; };
  out.resolve = [](const std::string& host, const redis::Limits&) { return std::vector<std::string>{host}; };
  out.refresh_pause = 50ms;
  out.breaker.first_pause = out.breaker.longest_pause = 3s;
  return out;
}

std::string key_of(int number) { return "thing:" + std::to_string(number); }

// How many of `count` keys were written, or found as they were written.
int write(Client& client, int count, std::chrono::milliseconds bound = 2s) {
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i) requests.push_back({"SET", key_of(i), std::to_string(i), "EX", "1000"});
  int done = 0;
  for (const auto& reply : client.ask(requests, within(bound))) done += reply && reply->text == "OK" ? 1 : 0;
  return done;
}

int found(Client& client, int count, std::chrono::milliseconds bound = 2s) {
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i) requests.push_back({"GET", key_of(i)});
  const auto replies = client.ask(requests, within(bound));
  int out = 0;
  for (int i = 0; i < count; ++i) {
    const auto& reply = replies[static_cast<std::size_t>(i)];
    out += reply && reply->text == std::to_string(i) ? 1 : 0;
  }
  return out;
}

redis::Reply tell(const Node& node, const Request& request) {
  const auto target = node.target();
  auto connection = redis::Connection::open({target.address, {}}, target.credentials, within(5s));
  auto reply = connection ? connection->call(request, within(5s)) : base::Result<redis::Reply>(connection.error());
  EXPECT_TRUE(reply) << (reply ? "" : reply.error().message);
  return reply ? *reply : redis::Reply{};
}

constexpr int kMany = 300;
const redis::plan::DesiredTopology kMastersAlone{.replicas_per_shard = 0, .accept_data_loss = {}};

TEST(ClusterClient, FindsEveryKeyAndWhatWasDeferred) {
  Bed bed;
  bed.reach_healthy();
  Client client(options_for(bed));
  ASSERT_TRUE(eventually([&] { return write(client, kMany) == kMany; }));
  EXPECT_EQ(found(client, kMany), kMany);
  EXPECT_EQ(client.counts().nodes, 3);
  EXPECT_EQ(client.counts().redirects, 0U);
  redis::cluster::Deferred deferred(client);
  for (int i = 0; i < kMany; ++i) deferred.add({"SET", key_of(i), "later", "EX", "1000"});
  EXPECT_TRUE(eventually([&] { return deferred.counts().done == kMany; }));
  EXPECT_EQ(found(client, kMany), 0);
  const auto wrong = client.ask(std::vector<Request>{{"GET", "a", "b"}, {"GET", key_of(1)}}, within(2s));
  EXPECT_EQ(wrong[0].error().kind, base::ErrorKind::Invalid);
  EXPECT_EQ(wrong[1]->text, "later") << "a wrong request takes no other with it";
}

TEST(ClusterClient, DropsWhatFindsNoRoomInTheQueue) {
  Bed bed;  // not formed: nothing can be sent
  Client client(options_for(bed));
  redis::cluster::Deferred deferred(client, {.most_bytes = 4096, .most_requests = 10, .limit = 100ms});
  deferred.add({"SET", "a", std::string(8192, 'x')});
  EXPECT_EQ(deferred.counts().dropped, 1U);
  for (int i = 0; i < 3; ++i) deferred.add({"SET", key_of(i), "x"});
  EXPECT_TRUE(eventually([&] { return deferred.counts().failed == 3; }));
}

TEST(ClusterClient, GoesOnWhenAMasterDies) {
  Bed bed;
  bed.reach_healthy();
  Client client(options_for(bed));
  ASSERT_TRUE(eventually([&] { return write(client, kMany) == kMany; }));
  auto& dead = bed.master_of(1);
  dead.crash();
  const auto left = found(client, kMany, 50ms);
  EXPECT_GT(left, kMany / 2) << "the others serve";
  EXPECT_LT(left, kMany);
  ASSERT_TRUE(eventually([&] { return write(client, kMany, 50ms) == kMany; })) << "its replica leads";
  EXPECT_EQ(found(client, kMany), kMany);
  dead.start();
  bed.reach_healthy();
}

TEST(ClusterClient, KeepsAwayFromAServerThatHangs) {
  Bed bed(kMastersAlone);
  bed.reach_healthy();
  Client client(options_for(bed));
  ASSERT_TRUE(eventually([&] { return write(client, kMany) == kMany; }));
  const auto& frozen = bed.node(2, 0);
  frozen.freeze();
  // Neither the connections that lie idle nor new ones, which the kernel takes, are answered.
  for (int i = 0; i < 2; ++i) EXPECT_LT(found(client, kMany, 50ms), kMany);
  EXPECT_EQ(client.counts().kept_away_from, 1);
  EXPECT_GT(found(client, kMany, 50ms), kMany / 2) << "the others are asked as before";
  EXPECT_EQ(client.counts().kept_away_from, 1);
  frozen.thaw();
  EXPECT_TRUE(eventually([&] { return found(client, kMany) == kMany; }));
  EXPECT_TRUE(eventually([&] { return found(client, kMany) == kMany && client.counts().kept_away_from == 0; }));
}

TEST(ClusterClient, FollowsASlotThatMoves) {
  Bed bed(kMastersAlone);
  bed.reach_healthy();
  auto options = options_for(bed);
  options.refresh_pause = 1h;  // after the first map redirects alone tell
  Client client(std::move(options));
  const std::vector<Request> set{{"SET", "{tag}old", "1"}}, set_new{{"SET", "{tag}new", "2"}};
  ASSERT_TRUE(eventually([&] { return client.ask(set, within(2s))[0].is_ok(); }));
  const int slot = redis::cluster::slot_of("tag");
  const Node* from = nullptr;
  const Node* to = nullptr;
  for (const auto& node : bed.nodes) (tell(*node, {"DBSIZE"}).integer == 1 ? from : to) = node.get();
  ASSERT_NE(from, nullptr);
  const auto name = std::to_string(slot), source = tell(*from, {"CLUSTER", "MYID"}).text,
             target = tell(*to, {"CLUSTER", "MYID"}).text;
  tell(*to, {"CLUSTER", "SETSLOT", name, "IMPORTING", source});
  tell(*from, {"CLUSTER", "SETSLOT", name, "MIGRATING", target});
  ASSERT_TRUE(client.ask(set_new, within(2s))[0]) << "ASK";
  EXPECT_EQ(client.counts().redirects, 1U);
  ASSERT_TRUE(client.ask(set, within(2s))[0]) << "what has not moved stays";
  EXPECT_EQ(client.counts().redirects, 1U);
  const auto there = to->target();
  tell(*from, {"MIGRATE", there.address.ip, std::to_string(there.address.port), "{tag}old", "0", "5000", "AUTH2",
               there.credentials.user, there.credentials.password});
  tell(*to, {"CLUSTER", "SETSLOT", name, "NODE", target});
  tell(*from, {"CLUSTER", "SETSLOT", name, "NODE", target});
  EXPECT_EQ(client.ask(std::vector<Request>{{"GET", "{tag}old"}}, within(2s))[0]->text, "1") << "MOVED";
  EXPECT_EQ(client.counts().redirects, 2U);
  EXPECT_EQ(client.ask(std::vector<Request>{{"GET", "{tag}new"}}, within(2s))[0]->text, "2");
  EXPECT_EQ(client.counts().redirects, 2U) << "it knows now";
}

TEST(ClusterClient, ShowsThePasswordOfNow) {
  Bed bed(kMastersAlone);
  bed.reach_healthy();
  std::mutex mutex;
  std::string password = "not it";
  auto options = options_for(bed);
  options.credentials = [&] {
    const std::lock_guard lock(mutex);
    return redis::Credentials{"default", password};
  };
  const auto turn = [&](const std::string& to) {
    const std::lock_guard lock(mutex);
    password = to;
  };
  Client client(std::move(options));
  EXPECT_TRUE(eventually([&] { return client.counts().failed_refreshes > 0; }));
  EXPECT_EQ(write(client, 3, 50ms), 0);
  turn(kPassword);
  EXPECT_TRUE(eventually([&] { return write(client, kMany) == kMany; }));
  for (const auto& node : bed.nodes) node->write_secrets("another", "operator secret\"");
  turn("another");
  Client young([&] {
    auto out = options_for(bed);
    out.credentials = [] { return redis::Credentials{"default", "another"}; };
    return out;
  }());
  EXPECT_TRUE(eventually([&] { return found(young, kMany) == kMany; })) << "its nodes were told within seconds";
  EXPECT_EQ(found(client, kMany), kMany);
}

TEST(ClusterClient, WaitsForNobodyWhileNothingIsThere) {
  Bed bed(kMastersAlone);
  Client client(options_for(bed));
  EXPECT_EQ(write(client, 3), 0);
  EXPECT_FALSE(client.counts().has_map);
  bed.reach_healthy();
  EXPECT_TRUE(eventually([&] { return write(client, kMany) == kMany; }));
  for (const auto& node : bed.nodes) node->crash();
  EXPECT_EQ(found(client, kMany), 0);
  for (const auto& node : bed.nodes) node->start();
  EXPECT_TRUE(eventually([&] { return found(client, kMany) == kMany; })) << "by the seeds, after all of it was gone";
}

}  // namespace
}  // namespace cadence::test
