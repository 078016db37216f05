#include "queue/spool_drain.hpp"

#include <gtest/gtest.h>

#include "fake_spool.hpp"
#include "fake_store.hpp"

namespace cadence::queue {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kBound{10000};
const SpoolDrainOptions kSoon{.look_every = milliseconds(5), .retry = {milliseconds(5), 2.0, milliseconds(20), 0.5}};

void put(FakeSpool& spool, std::initializer_list<const char*> names) {
  std::vector<Delivery> deliveries;
  for (const char* name : names) {
    deliveries.emplace_back();
    deliveries.back().key = deliveries.back().job_id = name;
  }
  ASSERT_TRUE(spool.keep(deliveries));
}

TEST(SpoolDrain, TakesInOrderWhatItFindsAtTheStart) {
  FakeStore store;
  FakeSpool spool;
  put(spool, {"a", "b"});
  put(spool, {"c"});
  std::atomic<int> woken{0};
  SpoolDrain drain(store, spool, kSoon, [&] { ++woken; });
  EXPECT_TRUE(drain.finish(kBound));
  drain.stop();
  EXPECT_EQ(store.accepted_ids(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(drain.taken_in(), 3u);
  EXPECT_EQ(woken, 2);
}

TEST(SpoolDrain, KeepsWhatAStoreThatIsAwayDoesNotTake) {
  FakeStore store;
  store.is_away = true;
  FakeSpool spool;
  put(spool, {"a"});
  SpoolDrain drain(store, spool, kSoon);
  EXPECT_FALSE(drain.finish(milliseconds(100)));
  EXPECT_EQ(spool.ids(), std::vector<std::string>{"a"});
  EXPECT_LT(store.accepts, 20) << "it is not stormed";
  store.is_away = false;
  EXPECT_TRUE(drain.finish(kBound));
  put(spool, {"b"});
  EXPECT_TRUE(drain.finish(kBound)) << "and what comes later";
}

// The workers prepare it otherwise, and a server that was told to stop has none any more; a store that comes back may
// be another one, without tables.
TEST(SpoolDrain, PreparesTheStoreItself) {
  FakeStore store;
  store.is_away = store.is_bare = true;
  FakeSpool spool;
  put(spool, {"a"});
  SpoolDrain drain(store, spool, kSoon);
  EXPECT_FALSE(drain.finish(milliseconds(50)));
  store.is_away = false;
  EXPECT_TRUE(drain.finish(kBound));
  store.is_away = true;
  put(spool, {"b"});
  EXPECT_FALSE(drain.finish(milliseconds(50)));
  store.is_bare = true;
  store.is_away = false;
  EXPECT_TRUE(drain.finish(kBound));
  drain.stop();
  EXPECT_EQ(store.accepted_ids(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(spool.aside(), std::vector<std::string>{});
}

TEST(SpoolDrain, WhatTheStoreRefusesHoldsUpNothing) {
  FakeStore store;
  store.poison = "bad";
  FakeSpool spool;
  put(spool, {"a", "bad", "b"});
  put(spool, {"c"});
  SpoolDrain drain(store, spool, kSoon);
  EXPECT_TRUE(drain.finish(kBound));
  drain.stop();
  EXPECT_EQ(store.accepted_ids(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(spool.aside(), std::vector<std::string>{"bad"});
}

}  // namespace
}  // namespace cadence::queue
