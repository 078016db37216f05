// Watches of the simulated server, followed by the reflector and the store of production; and the connection's faults.
#include "kube/cache/informer.hpp"
#include "kube/cache/store.hpp"
#include "kube/testing/stepped_informer.hpp"
#include "simulated.hpp"

namespace cadence::kube::testing {
namespace {

using types::ConfigMap;

class Watch : public Simulated {
 protected:
  void make(const std::string& name, const std::string& value = "1", const std::string& label = "y") {
    server.write(maps, {"n", name}, [&](json::Value& object) {
      object["metadata"]["labels"]["x"] = label;
      object["data"]["a"] = value;
    });
  }
  std::string held() const {
    std::string out;
    for (const auto& object : store.list()) out += object->metadata.name + object->data.at("a") + " ";
    return out;
  }
  bool shows = true;
  Connection slow{server, {.may_show = [this](const Delivery&) { return shows; }}};
  std::unique_ptr<net::StreamOpener> streams = slow.streams();
  client::Client lists = make_client(slow);
  cache::Store<ConfigMap> store;
  SteppedInformer informer{maps, {"n", "x=y", ""}, {no_credentials(), *streams, lists}, store.part("")};
};

TEST_F(Watch, OfAKindThatGoesEndsAndBeginsAgainWhenItComes) {
  make("a");
  informer.step();
  server.uninstall(maps);
  for (int looks = 0; looks < 5; ++looks) informer.step();
  EXPECT_EQ(store.standing(""), cache::Standing::NotInstalled);
  EXPECT_EQ(client.get(maps, {"n", "a"}, {}).error().kind, base::ErrorKind::NotFound);
  make("b");  // nobody can
  server.install(maps);
  for (int looks = 0; looks < 5; ++looks) informer.step();
  EXPECT_EQ(store.standing(""), cache::Standing::Served);
  EXPECT_EQ(held(), "");
}

TEST_F(Watch, FollowsWhatIsMadeChangedRelabelledAndDeleted) {
  make("a");
  make("hidden", "1", "other");
  informer.step();
  EXPECT_TRUE(store.is_synced());
  EXPECT_EQ(held(), "a1 ");
  make("b");
  make("a", "2");
  EXPECT_TRUE(informer.step());
  EXPECT_EQ(held(), "a2 b1 ");
  make("b", "1", "other");
  make("hidden", "3", "y");
  server.remove(maps, {"n", "a"});
  informer.step();
  EXPECT_EQ(held(), "hidden3 ");
  EXPECT_FALSE(informer.step());
}

TEST_F(Watch, ShowsNothingBeforeItMay) {
  informer.step();
  shows = false;
  make("a");
  EXPECT_FALSE(informer.step());
  EXPECT_EQ(store.version(), "1");
  shows = true;
  informer.step();
  EXPECT_EQ(held(), "a1 ");
}

TEST_F(Watch, GoesOnFromWhereItWasCut) {
  informer.step();
  slow.cut_streams();
  make("a");
  informer.step();  // breaks
  informer.step();
  EXPECT_EQ(held(), "a1 ");
}

TEST_F(Watch, ListsAgainWhatIsNoLongerKept) {
  make("a");
  informer.step();
  shows = false;
  server.remove(maps, {"n", "a"});
  make("b");
  slow.cut_streams();
  informer.step();
  server.compact();
  shows = true;
  for (int i = 0; i < 4; ++i) informer.step();
  EXPECT_EQ(held(), "b1 ");
}

TEST_F(Watch, BookmarksMoveAQuietCacheOn) {
  informer.step();
  make("hidden", "1", "other");
  slow.bookmark();
  informer.step();
  EXPECT_EQ(store.version(), std::to_string(server.snapshot().version()));
}

TEST_F(Watch, ServesTheInformerWithItsThread) {
  Connection waiting(server, {.waits = true});
  const auto opener = waiting.streams();
  auto client_of_it = make_client(waiting);
  cache::Store<ConfigMap> own;
  cache::Informer threaded(maps, {"n", "x=y", ""}, {no_credentials(), *opener, client_of_it}, own.part(""));
  threaded.start();
  make("a");
  for (int i = 0; i < 5000 && own.size() == 0; ++i) base::wait_for({}, std::chrono::milliseconds(1));
  EXPECT_EQ(own.size(), 1u);
}

class Faults : public Simulated {
 protected:
  base::Result<json::Value> make(Fate fate, const std::string& name = "a") {
    Connection faulty(server, {.fate = [&](const WriteSeen&) { return fate; }});
    return make_client(faulty).create(maps, config_map(name, {}));
  }
  bool is_there() { return server.find(maps, {"n", "a"}) != nullptr; }
};

TEST_F(Faults, ALostReplyHidesAWriteThatWasDone) {
  EXPECT_EQ(make({Fate::Kind::ReplyLost}).error().kind, base::ErrorKind::Transient);
  EXPECT_TRUE(is_there());
}

TEST_F(Faults, ALostRequestDoesNothing) {
  EXPECT_EQ(make({Fate::Kind::RequestLost}).error().kind, base::ErrorKind::Transient);
  EXPECT_FALSE(is_there());
}

TEST_F(Faults, ARefusalDoesNothingAndSaysWhy) {
  const auto answer = make({Fate::Kind::Refused, refusal(403, "Forbidden", "not today")});
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Forbidden);
  EXPECT_NE(answer.error().message.find("not today"), std::string::npos);
  EXPECT_FALSE(is_there());
}

TEST_F(Faults, NothingPassesAfterACrash) {
  int writes = 0;
  Connection dying(server, {.fate = [&](const WriteSeen& write) {
                     writes = write.number;
                     return Fate{write.number == 2 ? Fate::Kind::CrashAfter : Fate::Kind::Done};
                   }});
  auto own = make_client(dying);
  EXPECT_TRUE(own.create(maps, config_map("a", {})));
  EXPECT_FALSE(own.create(maps, config_map("b", {})));
  EXPECT_FALSE(own.create(maps, config_map("c", {})));
  EXPECT_FALSE(own.get(maps, {"n", "a"}));
  EXPECT_EQ(server.list(maps).size(), 2u);
  EXPECT_EQ(writes, 2);
}

}  // namespace
}  // namespace cadence::kube::testing
