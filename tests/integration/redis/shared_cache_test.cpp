// The cache that replicas share, over real nodes.
#include <gtest/gtest.h>

#include <fstream>

#include "bed.hpp"
#include "cache/shared_cache.hpp"

namespace cadence::test {
namespace {

using namespace std::chrono_literals;
using cache::SharedCache;

struct SharedCacheTest : testing::Test {
  Bed bed{{.replicas_per_shard = 0, .accept_data_loss = {}}};
  std::string password_file = bed.nodes.front()->folder() + "/client-password";

  SharedCacheTest() { say_password("application-secret\n"); }
  void say_password(const std::string& text) const { std::ofstream(password_file) << text; }
  [[nodiscard]] cache::CacheOptions options() const {
    cache::CacheOptions out;
    for (const auto& node : bed.nodes) out.seeds.push_back(to_string(node->target().address));
    out.password_file = password_file;
    out.patience = 200ms;  // a machine that tests is busy
    return out;
  }
};

std::vector<std::string> keys(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("k" + std::to_string(i));
  return out;
}

int found(SharedCache& shared, const std::vector<std::string>& wanted) {
  int out = 0;
  shared.find(wanted, 10s,
              [&](std::size_t place, std::string_view block) { out += block == "block " + wanted[place] ? 1 : 0; });
  return out;
}

void keep(SharedCache& shared, const std::vector<std::string>& wanted) {
  for (const auto& key : wanted)
    if (shared.wants(key, 1)) shared.keep(key, 1, "block " + key);
}

// What a node took too long to store is dropped, and stored again by whoever misses it.
bool is_kept(SharedCache& shared, const std::vector<std::string>& wanted) {
  return eventually([&] {
    keep(shared, wanted);
    return found(shared, wanted) == static_cast<int>(wanted.size());
  });
}

TEST_F(SharedCacheTest, WhatOneReplicaKeepsAnotherFinds) {
  bed.reach_healthy();
  SharedCache one(options()), other(options());
  const auto wanted = keys(300);
  EXPECT_FALSE(one.wants(wanted[0], 1)) << "nothing is known of the cluster yet";
  ASSERT_TRUE(eventually([&] { return found(one, wanted) == 0 && one.counts().misses >= 300; }));
  EXPECT_TRUE(one.wants(wanted[0], 1));
  keep(one, wanted);
  EXPECT_FALSE(one.wants(wanted[0], 1));
  EXPECT_TRUE(one.wants(wanted[0], 2)) << "it has grown since";
  EXPECT_TRUE(is_kept(one, wanted));
  EXPECT_TRUE(eventually([&] { return found(other, wanted) == 300; }));
  EXPECT_GE(one.counts().stored, 300U);
  const auto size = one.size();
  ASSERT_TRUE(size) << size.error().message;
  EXPECT_EQ(size->keys, 300);
  EXPECT_EQ(size->evictions, 0);
}

TEST_F(SharedCacheTest, NothingIsStoredWithoutAnEnd) {
  bed.reach_healthy();
  SharedCache one(options());
  ASSERT_TRUE(eventually([&] { return found(one, keys(1)), one.wants("k0", 1); }));
  ASSERT_TRUE(is_kept(one, keys(30)));
  ASSERT_TRUE(eventually([&] { return one.clear().is_ok(); }));
  for (const auto& node : bed.nodes) {
    const auto target = node->target();
    const redis::Limits limits{base::system_clock().monotonic() + 5s};
    auto connection = redis::Connection::open({target.address, {}}, target.credentials, limits);
    ASSERT_TRUE(connection);
    const auto names = connection->call({"KEYS", "*"}, limits);
    ASSERT_TRUE(names);
    for (const auto& name : names->items) {
      EXPECT_TRUE(name.text.starts_with(cache::kPrefix)) << name.text;
      EXPECT_GT(connection->call({"TTL", name.text}, limits)->integer, 0) << name.text;
    }
  }
}

TEST_F(SharedCacheTest, IsClearedForAll) {
  bed.reach_healthy();
  SharedCache one(options()), other(options());
  ASSERT_TRUE(eventually([&] { return found(one, keys(1)), one.wants("k0", 1); }));
  ASSERT_TRUE(is_kept(one, keys(10)));
  ASSERT_TRUE(eventually([&] { return found(other, keys(10)) == 10; }));
  ASSERT_TRUE(eventually([&] { return one.clear().is_ok(); }));
  EXPECT_EQ(found(one, keys(10)), 0);
  EXPECT_TRUE(one.wants("k0", 1)) << "it is to be stored again";
  EXPECT_TRUE(eventually([&] { return found(other, keys(10)) == 0; }));
  EXPECT_TRUE(is_kept(one, keys(10)));
  EXPECT_TRUE(eventually([&] { return found(other, keys(10)) == 10; }));
}

TEST_F(SharedCacheTest, IsDoneWithoutWhileItIsNotThere) {
  SharedCache one(options());
  EXPECT_EQ(found(one, keys(10)), 0);
  EXPECT_FALSE(one.clear());
  EXPECT_FALSE(one.size());
  keep(one, keys(10));
  bed.reach_healthy();
  ASSERT_TRUE(eventually([&] { return found(one, keys(1)), one.wants("k0", 1); }));
  ASSERT_TRUE(is_kept(one, keys(10)));
  for (const auto& node : bed.nodes) node->freeze();
  EXPECT_LT(found(one, keys(10)), 10);
  EXPECT_TRUE(eventually([&] { return found(one, keys(10)), one.counts().cluster.kept_away_from == 3; }));
  for (const auto& node : bed.nodes) node->thaw();
  EXPECT_TRUE(eventually([&] { return found(one, keys(10)) == 10; }));
}

TEST_F(SharedCacheTest, ShowsThePasswordThatTheFileHasNow) {
  bed.reach_healthy();
  say_password("");
  SharedCache one(options());
  EXPECT_TRUE(eventually([&] { return one.counts().cluster.trouble.find("missing or empty") != std::string::npos; }))
      << one.counts().cluster.trouble;
  EXPECT_EQ(found(one, keys(1)), 0);
  say_password("application-secret");
  EXPECT_TRUE(eventually([&] { return found(one, keys(1)), one.wants("k0", 1); }));
}

}  // namespace
}  // namespace cadence::test
