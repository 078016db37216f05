// Two kinds of test only, each with a controller, in one manager: what a second custom resource needs of the runtime.
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "kinds_server.hpp"
#include "kube/control/controllers.hpp"
#include "kube/control/finalizers.hpp"
#include "kube/control/manager.hpp"
#include "kube/control/waking.hpp"
#include "kube/control/watch_set.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

struct Kiln {
  core::ObjectMeta metadata;
  static const core::KindInfo& kind_info() {
    static const core::KindInfo info{"test.example", "v1", "Kiln", "kilns", true};
    return info;
  }
  static json::Object json_fields() {
    return {.name = "Kiln", .fields = {json::field<&Kiln::metadata>("metadata")}, .rules = {}};
  }
};

struct Pot {
  core::ObjectMeta metadata;
  static const core::KindInfo& kind_info() {
    static const core::KindInfo info{"test.example", "v1", "Pot", "pots", true};
    return info;
  }
  static json::Object json_fields() {
    return {.name = "Pot", .fields = {json::field<&Pot::metadata>("metadata")}, .rules = {}};
  }
};

json::Value object(const std::string& name, int generation = 1) {
  return {{"metadata", {{"name", name}, {"namespace", "demo"}, {"uid", "uid-" + name}, {"generation", generation}}}};
}

struct TwoKinds : ::testing::Test {
  TwoKinds() {
    for (const char* kind : {"kilns", "configmaps"}) server.install(kind);
    wake_itself(kilns, firing.queue(), is_new_generation);
    wake_itself(pots, turning.queue());
    const auto add_owner = [this](Queue& queue, const core::KindInfo& kind) {
      wake_owners(children, queue, [&kind](const core::ObjectMeta& child) { return core::owners_of(child, kind); });
    };
    add_owner(firing.queue(), Kiln::kind_info());
    add_owner(turning.queue(), Pot::kind_info());
    controllers.add(firing, [this] { return cache::keys_of(kilns); });
    controllers.add(turning, [this] { return cache::keys_of(pots); });
    watches.add(kilns, {}, {.namespace_ = "", .is_custom = true});
    watches.add(pots, {.need = Need::Optional, .remedy = "ask a potter", .came = [this] { ++comings; }},
                {.namespace_ = "", .is_custom = true});
    watches.add(children, {}, {});
  }
  ~TwoKinds() override {
    manager.stop();
    if (running.joinable()) running.join();
  }
  void run() {
    manager.add(Phase::Caches,
                {"watches",
                 [this]() -> base::Result<void> {
                   watches.start();
                   return {};
                 },
                 [this](std::chrono::milliseconds) { watches.stop(); }, [this] { return watches.missing(); }});
    for (auto& part : controllers.parts()) manager.add(Phase::LeaderOnly, std::move(part));
    manager.set_leadership({[this](LeaderElector::Callbacks given) {
                              callbacks = std::move(given);
                              stands = true;
                            },
                            [] {}});
    running = std::jthread([this] { manager.run(); });
  }
  void lead() {
    ASSERT_TRUE(becomes([&] { return stands.load(); }));
    controllers.requeue_all();
    callbacks.acquired();
  }
  Reconcile note(const std::string& who) {
    return [this, who](const core::ObjectKey& key, std::stop_token) {
      const std::lock_guard lock(mutex);
      ++calls[who + " " + key.name];
      return ReconcileResult::done();
    };
  }
  int count(const std::string& what) {
    const std::lock_guard lock(mutex);
    return calls[what];
  }
  bool shows(const std::string& line) { return registry.text().find(line) != std::string::npos; }

  std::mutex mutex;
  std::map<std::string, int> calls;
  std::atomic<int> comings{0};
  std::atomic<bool> stands{false};
  Registry registry;
  KindsServer server;
  std::shared_ptr<client::ConfigSource> config =
      client::make_config_source({.host = "api", .is_tls = false, .exec = {}});
  client::Client client{std::make_unique<NoLists>(), config, {}};
  cache::Store<Kiln> kilns;
  cache::Store<Pot> pots;
  cache::Store<types::ConfigMap> children;
  Controller firing{{.name = "firing"}, note("kiln"), registry}, turning{{.name = "turning"}, note("pot"), registry};
  Controllers controllers;
  WatchSet watches{{config, server, client}, registry};
  LeaderElector::Callbacks callbacks;
  Manager manager{{.grace = 5s, .ready_reminder = 10ms}};
  std::jthread running;
};

TEST_F(TwoKinds, TheOptionalOneMayBeMissingAndIsTakenUpWhenItComes) {
  server.put("kilns", object("big"));
  run();
  lead();
  ASSERT_TRUE(becomes([&] { return count("kiln big") == 1; }));
  EXPECT_TRUE(manager.is_up());
  EXPECT_EQ(watches.missing(), "");
  ASSERT_TRUE(becomes([&] { return server.opened("pots") > 0; }));
  watches.look();
  EXPECT_TRUE(shows("cadence_operator_kind_watched{kind=\"kilns.test.example\",namespace=\"\"} 1"));
  EXPECT_TRUE(shows("cadence_operator_kind_watched{kind=\"pots.test.example\",namespace=\"\"} 0"));
  EXPECT_EQ(comings, 0);

  server.install("pots");
  server.put("pots", object("round"));
  ASSERT_TRUE(becomes([&] { return count("pot round") == 1; }));
  watches.look();
  EXPECT_TRUE(shows("cadence_operator_kind_watched{kind=\"pots.test.example\",namespace=\"\"} 1"));
  EXPECT_EQ(comings, 1);
  EXPECT_EQ(count("kiln round"), 0);
}

TEST_F(TwoKinds, ARequiredOneIsWaitedForAndNamedWithWhatHelps) {
  cache::Store<Pot> needed;
  WatchSet set({config, server, client}, registry);
  set.add(needed, {.remedy = "ask a potter"}, {.namespace_ = "a", .is_custom = true});
  cache::Store<Kiln> hidden;
  server.forbid("kilns");
  set.add(hidden, {}, {.namespace_ = "a", .is_custom = true});
  EXPECT_EQ(set.missing(), "pots.test.example (in a); kilns.test.example (in a)");
  set.start();
  EXPECT_TRUE(becomes([&] {
    return set.missing() ==
           "pots.test.example is not installed: ask a potter (in a); "
           "kilns.test.example may not be listed and watched by this ServiceAccount (in a)";
  })) << set.missing();
  server.install("pots");
  EXPECT_TRUE(becomes([&] { return set.missing().find("pots") == std::string::npos; }));
}

TEST_F(TwoKinds, OneThatGoesTakesItsObjectsAlongAndComesAgain) {
  server.put("kilns", object("big"));
  run();
  lead();
  ASSERT_TRUE(becomes([&] { return kilns.size() == 1 && manager.is_up(); }));
  server.uninstall("kilns");
  ASSERT_TRUE(becomes([&] { return !watches.missing().empty(); }));
  EXPECT_EQ(kilns.size(), 0u);
  EXPECT_EQ(children.unsynced(), std::vector<std::string>{});  // a built-in kind stays
  server.put("kilns", object("new"));
  EXPECT_TRUE(becomes([&] { return count("kiln new") == 1; }));
  EXPECT_EQ(watches.missing(), "");
}

TEST_F(TwoKinds, EachHasItsOwnPredicatesAndChildren) {
  server.install("pots");
  server.put("kilns", object("big"));
  server.put("pots", object("round"));
  run();
  lead();
  ASSERT_TRUE(becomes([&] { return count("kiln big") > 0 && count("pot round") > 0; }));
  const int kiln = count("kiln big"), pot = count("pot round");
  auto status_alone = object("big");
  status_alone["metadata"]["annotations"] = {{"a", "b"}};
  server.put("kilns", status_alone);
  server.put("pots", object("round"));
  ASSERT_TRUE(becomes([&] { return count("pot round") == pot + 1; }));
  ASSERT_TRUE(becomes([&] { return kilns.get({"demo", "big"})->metadata.annotations.contains("a"); }));
  auto child = object("glaze");
  child["metadata"]["ownerReferences"] =
      json::Value::array({{{"apiVersion", "test.example/v1"}, {"kind", "Kiln"}, {"name", "big"}, {"uid", "uid-big"}},
                          {{"apiVersion", "test.example/v2"},
                           {"kind", "Pot"},
                           {"name", "round"},
                           {"uid", "uid-round"},
                           {"controller", true}}});
  server.put("configmaps", child);
  ASSERT_TRUE(becomes([&] { return count("pot round") == pot + 2; }));
  EXPECT_EQ(count("kiln big"), kiln);
  server.put("kilns", object("big", 2));
  EXPECT_TRUE(becomes([&] { return count("kiln big") == kiln + 1; }));
}

TEST_F(TwoKinds, ANewTermLooksAtAllObjectsOfAllKinds) {
  server.install("pots");
  server.put("kilns", object("big"));
  server.put("pots", object("round"));
  run();
  ASSERT_TRUE(becomes([&] { return kilns.size() == 1 && pots.size() == 1; }));
  lead();
  ASSERT_TRUE(becomes([&] { return count("kiln big") > 0 && count("pot round") > 0; }));
  base::wait_for({}, 50ms);
  const int kiln = count("kiln big"), pot = count("pot round");
  controllers.requeue_all();
  EXPECT_TRUE(becomes([&] { return count("kiln big") == kiln + 1 && count("pot round") == pot + 1; }));
  EXPECT_TRUE(controllers.are_live(1h));
}

}  // namespace
}  // namespace cadence::kube::control
