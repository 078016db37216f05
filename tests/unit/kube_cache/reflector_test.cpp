#include "kube/cache/reflector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "documents.hpp"

namespace cadence::kube::cache {
namespace {

using core::EventType;
using State = Reflector::State;
using How = Fetch::How;

std::string name_of(const json::Value& object) { return json::string_at(object, {"metadata", "name"}); }

struct Recorder final : Sink {
  void begin() override { said.push_back("begin"); }
  void add(const json::Value& object) override { said.push_back("add " + name_of(object)); }
  void commit(const std::string& version) override { said.push_back("commit " + version); }
  void put(const json::Value& object) override { said.push_back("put " + name_of(object)); }
  void drop(const json::Value& object) override { said.push_back("drop " + name_of(object)); }
  void seen(const std::string& version) override { newest = version; }
  void vanish() override { said.push_back("vanish"); }
  void stands(Standing now) override { standing = now; }
  std::vector<std::string> said;
  std::string newest;
  Standing standing = Standing::Unasked;
};

struct ReflectorTest : ::testing::Test {
  void expect_fetch(How how, const std::string& version) {
    EXPECT_EQ(reflector.next_fetch().how, how);
    EXPECT_EQ(reflector.next_fetch().resource_version, version);
  }
  // To state Watching at version 10 with one object.
  void reach_watching() {
    reflector.opened();
    reflector.event({EventType::Added, object("a", "7")});
    reflector.event({EventType::Bookmark, bookmark("10", true)});
    ASSERT_EQ(reflector.state(), State::Watching);
    sink.said.clear();
  }
  void refuse_streaming() {
    EXPECT_EQ(reflector.refused({422, "Invalid", "sendInitialEvents is forbidden for watch", false}), Next::Reopen);
  }
  Recorder sink;
  Reflector reflector{sink};
};

TEST_F(ReflectorTest, AStreamingListIsTakenOverAtItsLastBookmark) {
  expect_fetch(How::InitialWatch, "");
  reflector.opened();
  EXPECT_EQ(reflector.event({EventType::Added, object("b", "9")}), Next::Continue);
  EXPECT_EQ(reflector.event({EventType::Added, object("a", "7")}), Next::Continue);
  EXPECT_EQ(reflector.resource_version(), "");  // synthetic events come in no order
  reflector.event({EventType::Bookmark, bookmark("8")});
  EXPECT_EQ(reflector.state(), State::InitialWatch);
  reflector.event({EventType::Bookmark, bookmark("10", true)});
  EXPECT_EQ(sink.said, (std::vector<std::string>{"begin", "add b", "add a", "commit 10"}));
  EXPECT_EQ(reflector.event({EventType::Modified, object("a", "12")}), Next::Continue);
  EXPECT_EQ(reflector.resource_version(), "12");
  EXPECT_EQ(sink.newest, "12");
}

TEST_F(ReflectorTest, AServerWithoutStreamingListsIsListedAndWatched) {
  refuse_streaming();
  expect_fetch(How::List, "0");
  json::Value page{{"items", {object("a", "1")}}, {"metadata", {{"resourceVersion", "5"}, {"continue", "next"}}}};
  EXPECT_EQ(reflector.page(page), Next::Continue);
  EXPECT_EQ(reflector.next_fetch().continue_token, "next");
  reflector.page({{"items", {object("b", "2")}}, {"metadata", {{"resourceVersion", "5"}}}});
  expect_fetch(How::Watch, "5");
  reflector.opened();
  reflector.event({EventType::Deleted, object("b", "6")});
  EXPECT_EQ(sink.said, (std::vector<std::string>{"begin", "add a", "add b", "commit 5", "drop b"}));
}

TEST_F(ReflectorTest, AServerThatIgnoresTheQuestionIsListedAfterTwoTries) {
  for (int i = 0; i < 2; ++i) {
    expect_fetch(How::InitialWatch, "");
    reflector.opened();
    EXPECT_EQ(reflector.ended(false, false), Next::BackOff);
  }
  expect_fetch(How::List, "0");
}

TEST_F(ReflectorTest, NothingOfABrokenInitialStreamIsKept) {
  reflector.opened();
  reflector.event({EventType::Added, object("a", "7")});
  EXPECT_EQ(reflector.ended(true, false), Next::BackOff);
  expect_fetch(How::InitialWatch, "");
  reflector.opened();
  reflector.event({EventType::Bookmark, bookmark("10", true)});
  EXPECT_EQ(sink.said, (std::vector<std::string>{"begin", "add a", "begin", "commit 10"}));
}

TEST_F(ReflectorTest, AProperEndResumesAtOnceABrokenOneAfterAPause) {
  reach_watching();
  EXPECT_EQ(reflector.ended(false, false), Next::Reopen);
  expect_fetch(How::Watch, "10");
  reflector.opened();
  EXPECT_EQ(reflector.ended(true, false), Next::BackOff);
  reflector.opened();
  EXPECT_EQ(reflector.ended(false, true), Next::BackOff);  // ended within a second without an event
  expect_fetch(How::Watch, "10");
  EXPECT_TRUE(sink.said.empty());
}

TEST_F(ReflectorTest, ABookmarkMovesTheResumePointAndTheFreshness) {
  reach_watching();
  reflector.event({EventType::Bookmark, bookmark("50")});
  EXPECT_EQ(sink.newest, "50");
  EXPECT_TRUE(sink.said.empty());
  reflector.ended(false, false);
  expect_fetch(How::Watch, "50");
}

TEST_F(ReflectorTest, ExpiredIsMetFirstFromTheLastVersionThenWithAQuorumRead) {
  reach_watching();
  EXPECT_EQ(reflector.event({EventType::Error, status(410, "Expired")}), Next::Reopen);
  expect_fetch(How::InitialWatch, "10");
  EXPECT_EQ(reflector.refused(core::decode_status(status(410, "Gone"))), Next::BackOff);
  expect_fetch(How::InitialWatch, "");
}

TEST_F(ReflectorTest, ExpiredAsAnHttpStatusIsTheSame) {
  reach_watching();
  reflector.ended(false, false);
  EXPECT_EQ(reflector.refused(core::decode_status(status(410, "Gone"))), Next::Reopen);
  expect_fetch(How::InitialWatch, "10");
}

TEST_F(ReflectorTest, ExpiredWithoutStreamingLists) {
  refuse_streaming();
  reflector.page({{"items", json::Value::array()}, {"metadata", {{"resourceVersion", "5"}}}});
  reflector.opened();
  reflector.event({EventType::Error, status(410)});
  expect_fetch(How::List, "5");
  EXPECT_EQ(reflector.refused(core::decode_status(status(410))), Next::BackOff);
  expect_fetch(How::List, "");
}

TEST_F(ReflectorTest, AContinueTokenThatExpiredStartsTheListAgain) {
  refuse_streaming();
  reflector.page({{"items", {object("a", "1")}}, {"metadata", {{"resourceVersion", "5"}, {"continue", "next"}}}});
  EXPECT_EQ(reflector.refused(core::decode_status(status(410))), Next::BackOff);
  expect_fetch(How::List, "");
  EXPECT_EQ(reflector.next_fetch().continue_token, "");
}

TEST_F(ReflectorTest, AVersionTheServerNeverHadIsMetWithAQuorumRead) {
  reach_watching();
  EXPECT_EQ(reflector.event({EventType::Error, status(504, "Timeout", "ResourceVersionTooLarge")}), Next::BackOff);
  expect_fetch(How::InitialWatch, "");
}

TEST_F(ReflectorTest, AListThatKeepsFailingIsAskedForWithoutAVersion) {
  refuse_streaming();
  reflector.page({{"items", json::Value::array()}, {"metadata", {{"resourceVersion", "5"}}}});
  reflector.opened();
  reflector.event({EventType::Error, status(410)});
  for (int i = 0; i < 3; ++i) {
    expect_fetch(How::List, "5");
    EXPECT_EQ(reflector.refused({0, "", "unreachable", false}), Next::BackOff);
  }
  expect_fetch(How::List, "");
}

TEST_F(ReflectorTest, TooManyRequestsAndAServerThatIsAwayDoNotRelist) {
  reach_watching();
  reflector.ended(true, false);
  for (const int code : {429, 503, 504, 0}) {
    EXPECT_EQ(reflector.refused({code, "", "", false}), Next::BackOff);
    expect_fetch(How::Watch, "10");
  }
}

TEST_F(ReflectorTest, InternalErrorsAreRepeatedBeforeTheListIs) {
  reach_watching();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(reflector.event({EventType::Error, status(500, "InternalError")}), Next::BackOff);
    expect_fetch(How::Watch, "10");
  }
  reflector.event({EventType::Error, status(500, "InternalError")});
  expect_fetch(How::InitialWatch, "10");
}

TEST_F(ReflectorTest, WhatIsNoObjectIsPassedOver) {
  reach_watching();
  EXPECT_EQ(reflector.event({EventType::Added, {{"kind", "Table"}, {"rows", json::Value::array()}}}), Next::Continue);
  EXPECT_EQ(reflector.event({EventType::Modified, json::Value("text")}), Next::Continue);
  EXPECT_TRUE(sink.said.empty());
  EXPECT_EQ(reflector.resource_version(), "10");
}

// As when somebody deletes the CRD while we watch.
TEST(CustomKind, ThatIsUnknownThreeTimesInARowTakesItsPictureAlong) {
  Recorder sink;
  Reflector reflector(sink, true);
  const auto fill = [&](const std::string& name) {
    reflector.opened();
    reflector.event({EventType::Added, object(name, "7")});
    reflector.event({EventType::Bookmark, bookmark("10", true)});
  };
  const core::StatusError unknown{404, "NotFound", "404 page not found", false};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reflector.refused(unknown), Next::BackOff);
  EXPECT_TRUE(sink.said.empty());  // it was never there
  fill("a");
  sink.said.clear();
  reflector.ended(false, false);
  reflector.refused(unknown);
  reflector.refused(unknown);
  reflector.opened();  // another server knows it
  reflector.ended(false, false);
  reflector.refused(unknown);
  reflector.refused(unknown);
  EXPECT_TRUE(sink.said.empty());
  EXPECT_EQ(reflector.refused(unknown), Next::BackOff);
  reflector.refused(unknown);
  EXPECT_EQ(sink.said, std::vector<std::string>{"vanish"});
  EXPECT_EQ(reflector.next_fetch().how, How::InitialWatch);
  EXPECT_EQ(reflector.next_fetch().resource_version, "");
  fill("b");
  EXPECT_EQ(sink.said, (std::vector<std::string>{"vanish", "begin", "add b", "commit 10"}));
}

TEST(CustomKind, ThatVanishesWhileItIsListedAgainTakesTheOldPictureAlong) {
  Recorder sink;
  Reflector reflector(sink, true);
  reflector.opened();
  reflector.event({EventType::Bookmark, bookmark("10", true)});
  reflector.refused({410, "Expired", "", false});
  sink.said.clear();
  for (int i = 0; i < 3; ++i) reflector.refused({404, "", "", false});
  EXPECT_EQ(sink.said, std::vector<std::string>{"vanish"});
}

TEST_F(ReflectorTest, SaysHowItStandsWithTheServer) {
  EXPECT_EQ(reflector.standing(), Standing::Unasked);
  for (const auto& [code, standing] : {std::pair{500, Standing::Unasked},
                                       {404, Standing::NotInstalled},
                                       {503, Standing::NotInstalled},
                                       {403, Standing::Forbidden}}) {
    reflector.refused({code, "", "", false});
    EXPECT_EQ(reflector.standing(), standing) << code;
    EXPECT_EQ(sink.standing, standing) << code;
  }
  reflector.opened();
  EXPECT_EQ(sink.standing, Standing::Served);
  reflector.ended(true, false);
  EXPECT_EQ(sink.standing, Standing::Served);
}

TEST_F(ReflectorTest, AListToo) {
  reflector.refused({404, "", "", false});
  reflector.page({{"items", json::Value::array()}, {"metadata", {{"resourceVersion", "10"}}}});
  EXPECT_EQ(sink.standing, Standing::Served);
}

// What stands before the API server may lose its way; pods do not go by that.
TEST_F(ReflectorTest, ABuiltInKindIsNeverBelievedToBeGone) {
  reach_watching();
  reflector.ended(false, false);
  for (int i = 0; i < 20; ++i) reflector.refused({404, "", "", false});
  EXPECT_TRUE(sink.said.empty());
  expect_fetch(How::Watch, "10");
}

// A model server that breaks in every way it can: whatever happens, the picture is whole again once it stops.
struct Picture final : Sink {
  void begin() override { fresh.clear(); }
  void add(const json::Value& object) override {
    fresh[name_of(object)] = json::string_at(object, {"metadata", "resourceVersion"});
  }
  void commit(const std::string&) override { now = fresh; }
  void put(const json::Value& object) override {
    now[name_of(object)] = json::string_at(object, {"metadata", "resourceVersion"});
  }
  void drop(const json::Value& object) override { now.erase(name_of(object)); }
  void seen(const std::string&) override {}
  void vanish() override { now.clear(); }
  void stands(Standing) override {}
  std::map<std::string, std::string> now, fresh;
};

class Server {
 public:
  explicit Server(unsigned seed) : random_(seed), streams_(seed % 2 == 0) {}
  void change() {
    const auto name = "o" + std::to_string(random_() % 5);
    ++version_;
    const bool is_delete = objects.contains(name) && random_() % 3 == 0;
    const auto type = is_delete ? EventType::Deleted : objects.contains(name) ? EventType::Modified : EventType::Added;
    history_.push_back({version_, {type, object(name, std::to_string(version_))}});
    if (is_delete) objects.erase(name);
    else objects[name] = std::to_string(version_);
  }
  void forget() { oldest_ = version_; }
  // One fetch, answered wholly or until a fault.
  void serve(Reflector& reflector, bool may_fail) {
    const auto fetch = reflector.next_fetch();
    const auto fault = may_fail ? random_() % 6 : 9;
    if (fault == 0) return static_cast<void>(reflector.refused({429, "", "", false}));
    if (fetch.how == How::List) return list(reflector);
    if (fetch.how == How::InitialWatch) return initial(reflector, fault);
    if (std::stol(fetch.resource_version) < oldest_)
      return static_cast<void>(reflector.refused(core::decode_status(status(410))));
    reflector.opened();
    for (const auto& [at, event] : history_) {
      if (at <= std::stol(fetch.resource_version)) continue;
      if (fault == 1 && random_() % 3 == 0) return static_cast<void>(reflector.ended(true, false));
      reflector.event(event);
    }
    if (fault == 2) reflector.event({EventType::Bookmark, bookmark(std::to_string(version_))});
    if (fault == 3) reflector.event({EventType::Error, status(410)});
    else reflector.ended(false, false);
  }
  std::map<std::string, std::string> objects;

 private:
  void list(Reflector& reflector) {
    json::Value items = json::Value::array();
    for (const auto& [name, at] : objects) items.push_back(object(name, at));
    reflector.page({{"items", items}, {"metadata", {{"resourceVersion", std::to_string(version_)}}}});
  }
  void initial(Reflector& reflector, unsigned long fault) {
    if (!streams_) return static_cast<void>(reflector.refused({422, "Invalid", "", false}));
    reflector.opened();
    for (const auto& [name, at] : objects) {
      if (fault == 1) return static_cast<void>(reflector.ended(true, false));
      reflector.event({EventType::Added, object(name, at)});
    }
    reflector.event({EventType::Bookmark, bookmark(std::to_string(version_), true)});
    reflector.ended(false, false);
  }
  std::mt19937 random_;
  bool streams_;
  long version_ = 100, oldest_ = 100;
  std::vector<std::pair<long, core::WatchEvent>> history_;
};

TEST(ReflectorProperty, ThePictureIsWholeAfterAnyFaults) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    Server server(seed);
    Picture picture;
    Reflector reflector(picture);
    for (int i = 0; i < 60; ++i) {
      if (random() % 2 == 0) server.change();
      if (random() % 12 == 0) server.forget();
      server.serve(reflector, true);
    }
    for (int i = 0; i < 5; ++i) server.serve(reflector, false);
    EXPECT_EQ(picture.now, server.objects) << "seed " << seed;
  }
}

}  // namespace
}  // namespace cadence::kube::cache
