#include "kube/cache/store.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "documents.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::cache {
namespace {

using Maps = Store<types::ConfigMap>;

struct Told {
  explicit Told(Maps& store) {
    store.subscribe([this](const Maps::Pointer& before, const Maps::Pointer& now) {
      const auto& meta = now ? now->metadata : before->metadata;
      said.push_back((!before ? "new " : !now ? "gone " : "changed ") + meta.name);
    });
  }
  std::vector<std::string> said;
};

TEST(Store, ANewPictureReplacesTheOldAndTellsTheDifference) {
  Maps store;
  Told told(store);
  EXPECT_FALSE(store.is_synced());
  store.begin();
  for (const auto* name : {"a", "b", "c"}) store.add(object(name, "1"));
  EXPECT_EQ(store.size(), 0u);  // the old picture stays until the new one is whole
  store.commit("5");
  EXPECT_TRUE(store.is_synced());
  EXPECT_EQ(told.said, (std::vector<std::string>{"new a", "new b", "new c"}));
  told.said.clear();
  store.begin();
  store.add(object("a", "1"));
  store.add(object("b", "6"));
  store.commit("9");
  EXPECT_EQ(told.said, (std::vector<std::string>{"changed b", "gone c"}));  // a is as it was
  EXPECT_EQ(store.version(), "9");
}

json::Value object_in(const std::string& space, const std::string& name, const std::string& version) {
  auto out = object(name.c_str(), version.c_str());
  out["metadata"]["namespace"] = space;
  return out;
}

TEST(Store, PartsAreFilledEachByItsOwnWatch) {
  Maps store;
  Told told(store);
  auto& a = store.part("a");
  auto& b = store.part("b");
  a.begin();
  a.add(object_in("a", "one", "1"));
  a.commit("5");
  EXPECT_FALSE(store.is_synced());
  EXPECT_EQ(store.unsynced(), std::vector<std::string>{"b"});
  b.begin();
  b.add(object_in("b", "one", "2"));
  b.commit("7");
  EXPECT_TRUE(store.is_synced());
  told.said.clear();
  // A new picture of one says nothing of the other's objects.
  a.begin();
  a.commit("9");
  EXPECT_EQ(told.said, std::vector<std::string>{"gone one"});
  EXPECT_NE(store.get({"b", "one"}), nullptr);
  EXPECT_EQ(store.version("a"), "9");
  EXPECT_EQ(store.version("b"), "7");
}

TEST(Store, PartsAreFilledAtTheSameTime) {
  Maps store;
  auto fill = [&store](const std::string& space) {
    auto& part = store.part(space);
    for (int round = 0; round < 200; ++round) {
      part.begin();
      for (int i = 0; i < 5; ++i) part.add(object_in(space, "o" + std::to_string(i), std::to_string(round)));
      part.commit(std::to_string(round));
      part.put(object_in(space, "extra", std::to_string(round)));
    }
  };
  { std::jthread first(fill, "a"), second(fill, "b"); }
  EXPECT_EQ(store.list("a").size(), 6U);
  EXPECT_EQ(store.list("b").size(), 6U);
}

TEST(Store, HandsOutPicturesThatNoEventChanges) {
  Maps store;
  store.put(object("a", "1"));
  const auto kept = store.get({"demo", "a"});
  store.put(object("a", "2"));
  store.drop(object("a", "3"));
  EXPECT_EQ(kept->metadata.resource_version, "1");
  EXPECT_EQ(store.get({"demo", "a"}), nullptr);
}

TEST(Store, ListsOneNamespaceOrAll) {
  Maps store;
  for (const auto* space : {"a", "b", "ba", "c"}) {
    auto document = object("x", "1");
    document["metadata"]["namespace"] = space;
    store.put(document);
  }
  EXPECT_EQ(store.list().size(), 4u);
  ASSERT_EQ(store.list("b").size(), 1u);
  EXPECT_EQ(store.list("b")[0]->metadata.namespace_, "b");
}

TEST(Store, ABookmarkSaysHowFreshItIs) {
  Maps store;
  store.commit("5");
  store.seen("70");
  EXPECT_EQ(store.version(), "70");
}

TEST(Store, AKindThatVanishesLeavesTheOtherPartsAndTellsOfWhatWent) {
  Maps store;
  std::vector<std::string> gone;
  store.subscribe([&](const auto& before, const auto& now) {
    if (!now) gone.push_back(before->metadata.name);
  });
  auto& demo = store.part("demo");
  auto& other = store.part("other");
  for (auto* part : {&demo, &other}) part->begin();
  demo.add(object("a", "1"));
  auto elsewhere = object("b", "1");
  elsewhere["metadata"]["namespace"] = "other";
  other.add(elsewhere);
  for (auto* part : {&demo, &other}) part->commit("5");
  demo.vanish();
  EXPECT_EQ(gone, std::vector<std::string>{"a"});
  EXPECT_EQ(store.unsynced(), std::vector<std::string>{"demo"});
  EXPECT_EQ(store.version("demo"), "");
  EXPECT_EQ(store.size(), 1u);
}

TEST(Store, ReadersAndTheWatchDoNotMeet) {
  Maps store;
  std::jthread writer([&](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i)
      i % 3 == 2 ? store.drop(object("a", "1")) : store.put(object("a", std::to_string(i)));
  });
  std::size_t seen = 0;
  for (int i = 0; i < 20000; ++i) seen += store.list().size();
  EXPECT_LE(seen, 20000u);
}

}  // namespace
}  // namespace cadence::kube::cache
