#include "redis/topology.hpp"

#include <gtest/gtest.h>

namespace cadence::redis {
namespace {

// As redis-server 7.0.15 prints it, one line of each kind.
constexpr const char* kNodes =
    "f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 "
    "10.244.1.12:6379@16379,demo-redis-0-0.demo-redis.cadence.svc.cluster.local myself,master - 0 1764000000000 1 "
    "connected 0-5460 [93->-a0d1f1e2b3c4d5e6f708192a3b4c5d6e7f809010] [77-<-a0d1f1e2b3c4d5e6f708192a3b4c5d6e7f809010]\n"
    "a0d1f1e2b3c4d5e6f708192a3b4c5d6e7f809010 10.244.2.7:6379@16379 master,fail - 1763999990000 1763999989000 2 "
    "disconnected 5461-10922 16000\n"
    "b1d1f1e2b3c4d5e6f708192a3b4c5d6e7f809011 10.244.3.9:6379@16379 slave,fail? "
    "f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 0 1764000000001 1 connected\n"
    "c2d1f1e2b3c4d5e6f708192a3b4c5d6e7f809012 :0@0 master,noaddr - 1763999990000 1763999989000 3 disconnected\n"
    "d3d1f1e2b3c4d5e6f708192a3b4c5d6e7f809013 fd00::5:6379@16379 handshake - 0 0 0 connected\n"
    "e4d1f1e2b3c4d5e6f708192a3b4c5d6e7f809014 "
    "10.244.3.10:6379@16379,host,shard-id=69bc080733d1355567173199cff4a6a039a2f024 master - 0 1764000000001 9 "
    "connected\n";

TEST(ClusterNodes, ReadsEveryKindOfLine) {
  const auto nodes = parse_cluster_nodes(kNodes);
  ASSERT_TRUE(nodes) << nodes.error().message;
  ASSERT_EQ(nodes->size(), 6U);
  const auto& own = nodes->at(0);
  EXPECT_TRUE(own.is_myself && own.is_master && own.is_link_up);
  EXPECT_EQ(own.hostname, "demo-redis-0-0.demo-redis.cadence.svc.cluster.local");
  EXPECT_EQ(own.slots, (std::vector<SlotRange>{{0, 5460}}));
  ASSERT_EQ(own.open.size(), 2U);
  EXPECT_FALSE(own.open[0].is_importing);
  EXPECT_TRUE(own.open[1].is_importing);
  EXPECT_EQ(own.open[1].slot, 77);
  EXPECT_EQ(own.open[1].peer_id, nodes->at(1).id);
  EXPECT_TRUE(nodes->at(1).is_failed && !nodes->at(1).is_link_up);
  EXPECT_EQ(count_slots(nodes->at(1).slots), 5463);
  EXPECT_TRUE(nodes->at(2).is_replica && nodes->at(2).is_suspected && !nodes->at(2).is_failed);
  EXPECT_EQ(nodes->at(2).master_id, own.id);
  EXPECT_TRUE(nodes->at(3).has_no_address);
  EXPECT_EQ(nodes->at(3).address.ip, "");
  EXPECT_TRUE(nodes->at(4).is_handshaking);
  EXPECT_EQ(nodes->at(4).address.ip, "fd00::5");
  EXPECT_EQ(nodes->at(5).hostname, "host");
  EXPECT_EQ(nodes->at(5).config_epoch, 9U);
}

TEST(ClusterNodes, NeverTakesNonsenseForAnEmptyCluster) {
  const std::string own =
      "f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 10.0.0.1:6379@16379 myself,master - 0 0 1 connected";
  ASSERT_TRUE(parse_cluster_nodes(own));
  for (const std::string& text :
       {std::string(), std::string("OK"), own + " 5460-0", own + " 16384", own + " [93->-short]", own.substr(1),
        own + "\n" + own,
        std::string("f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 10.0.0.1:6379@16379 master - 0 0 1 connected"),
        std::string("f3a1d1c33bd9a0a72a2a5b0b9c0a6a1ff1a5f6c1 10.0.0.1:x@16379 myself,master - 0 0 1 connected")}) {
    EXPECT_FALSE(parse_cluster_nodes(text)) << text;
  }
}

TEST(ClusterInfo, ReadsTheState) {
  const auto info = parse_cluster_info(
      "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_known_nodes:6\r\ncluster_"
      "size:3\r\ncluster_current_epoch:6\r\ncluster_my_epoch:2\r\n");
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->is_ok);
  EXPECT_EQ(info->slots_ok, kSlotCount);
  EXPECT_EQ(info->known_nodes, 6);
  EXPECT_EQ(info->masters_with_slots, 3);
  EXPECT_EQ(info->current_epoch, 6U);
  EXPECT_EQ(info->my_epoch, 2U);
  EXPECT_FALSE(parse_cluster_info("ERR This instance has cluster support disabled"));
}

TEST(ServerInfo, TellsAReplicaThatNeverSyncedFromOneThatLostItsMaster) {
  const std::string common =
      "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:12\r\n# Persistence\r\nloading:0\r\n# "
      "Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:down\r\nslave_repl_"
      "offset:99\r\n";
  const auto fresh = parse_info(common + "master_link_down_since_seconds:-1\r\n");
  ASSERT_TRUE(fresh);
  EXPECT_FALSE(fresh->has_synced);
  const auto cut =
      parse_info(common + "master_link_down_since_seconds:4\r\n# Keyspace\r\ndb0:keys=12,expires=1,avg_ttl=0\r\n");
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->has_synced && !cut->is_master && !cut->is_master_link_up);
  EXPECT_EQ(cut->master, (Address{"10.0.0.1", 6379}));
  EXPECT_EQ(cut->replication_offset, 99);
  EXPECT_EQ(cut->keys, 12);
  EXPECT_FALSE(parse_info("hello"));
}

TEST(Text, PrintsAddressesAndSlots) {
  EXPECT_EQ(to_string(Address{"10.0.0.1", 6379}), "10.0.0.1:6379");
  EXPECT_EQ(to_string(Address{"fd00::1", 6379}), "[fd00::1]:6379");
  EXPECT_EQ(to_string(std::vector<SlotRange>{{0, 99}, {120, 120}}), "0-99,120");
}

}  // namespace
}  // namespace cadence::redis
