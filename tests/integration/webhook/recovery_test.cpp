// Deliveries that failed or were lost come back: watchers with a real ledger and a double of the providers' APIs.
#include <gtest/gtest.h>

#include <atomic>

#include "hook_double.hpp"
#include "net/pki.hpp"
#include "recovery/metrics.hpp"
#include "recovery/watcher.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using recovery::Watcher;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::eventually;
using test::Sent;

std::string key_of(std::string_view provider, const std::string& repository, const std::string& id) {
  return net::sha256(std::string(provider) + " " + repository + " " + id).substr(0, 16);
}

recovery::WatcherOptions quick() {
  recovery::WatcherOptions how;
  how.poll = how.soon = how.at_once = milliseconds(20);
  how.ask_every = milliseconds(1);
  how.rules.emplace();
  how.rules->unanswered = how.rules->acknowledged = how.rules->again = seconds(0);
  return how;
}

class Recovery : public StoreTest {
 protected:
  // A receiver that takes what it is sent, unless it is down.
  int receive(const Sent& sent) {
    is_reached = true;
    EXPECT_TRUE(eventually([&] { return !is_held; }));
    if (is_down) return 503;
    auto made = delivery("");
    made.key = key_of(provider, sent.repository, sent.id);
    made.spec.full_name = sent.repository;
    auto accepted = acceptor->accept({&made, 1}, kStoreLimit);
    EXPECT_TRUE(accepted) << accepted.error().message;
    taken += accepted && accepted->at(0).is_new ? 1 : 0;
    return 202;
  }
  recovery::HookOptions entry(std::vector<std::string> of = {"potters/kiln"}) {
    recovery::HookOptions made;
    made.provider = provider;
    made.api_url = forge.url(provider);
    made.of = std::move(of);
    made.token_file = forge.token_file();
    made.ca_file = forge.ca_file();
    return made;
  }
  std::unique_ptr<Watcher> watch(std::vector<recovery::HookOptions> hooks, recovery::WatcherOptions how = quick(),
                                 std::int64_t interval = 0) {
    const auto keys = [](const recovery::Provider& its, const std::string& repository, const std::string& id) {
      return std::vector{key_of(its.name, repository, id)};
    };
    return std::make_unique<Watcher>(*store->ledger(), recovery::Options{std::move(hooks), interval, {}, false}, keys,
                                     how);
  }
  static recovery::Notes notes(const Watcher& watcher) { return watcher.state().hooks.at(0).notes; }
  static bool is_back(const Watcher& watcher, std::int64_t count) {
    return eventually([&] { return notes(watcher).counts.came_back == count && notes(watcher).gaps.empty(); });
  }
  static bool says(const Watcher& watcher, const std::string& part) {
    return eventually([&] { return notes(watcher).problem.find(part) != std::string::npos; });
  }
  // Ends when two more rounds are over.
  static void let_it_look(const Watcher& watcher) {
    const auto rounds = [&] {
      std::uint64_t sum = 0;
      for (const auto& [name, counts] : watcher.state().by_provider) sum += counts.rounds;
      return sum;
    };
    const auto before = rounds();
    EXPECT_TRUE(eventually([&] { return rounds() > before + 1; }));
  }

  void expect_back_once(const std::string& of) {
    provider = of;
    forge.lead_to("https://cadence.example/webhooks/" + of);
    is_down = true;
    EXPECT_EQ(forge.deliver({"refused", "potters/kiln"}), 503);
    is_down = false;
    EXPECT_EQ(forge.deliver({"taken", "potters/kiln"}), 202);
    const auto watcher = watch({entry()}), other = watch({entry()});
    EXPECT_TRUE(is_back(*watcher, 1));
    let_it_look(*watcher);
    EXPECT_EQ(forge.times_asked("refused"), 1) << "two replicas ask once";
    EXPECT_EQ(forge.times_asked("taken"), 0);
    EXPECT_EQ(taken, 2);
    EXPECT_EQ(notes(*watcher).counts.missing, 1);
    EXPECT_EQ(notes(*watcher).problem, "");
    EXPECT_EQ(forge.faults(), std::vector<std::string>{});
  }

  std::string provider = "github";
  std::atomic<bool> is_down = false, is_held = false, is_reached = false;
  int taken = 0;
  test::HookDouble forge{[this](const Sent& sent) { return receive(sent); }};
};

// The store goes away in the midst of the first round, and comes back.
class Interrupted final : public Ledger {
 public:
  explicit Interrupted(Ledger& real) : real_(real) {}
  base::Result<std::set<std::string>> known(const std::vector<std::string>& keys) override {
    if (!std::exchange(was_asked_, true)) is_away = true;
    return ask([&] { return real_.known(keys); });
  }
  base::Result<std::optional<HookTurn>> take(const std::string& hook, milliseconds lease, milliseconds fresh) override {
    return ask([&] { return real_.take(hook, lease, fresh); });
  }
  base::Result<bool> keep(const HookTurn& turn, milliseconds lease) override {
    return ask([&] { return real_.keep(turn, lease); });
  }
  base::Result<bool> finish(const HookTurn& turn, milliseconds wait) override {
    auto done = ask([&] { return real_.finish(turn, wait); });
    refused += done ? 0 : 1;
    return done;
  }
  base::Result<std::vector<HookRecord>> records() override {
    return ask([&] { return real_.records(); });
  }

  std::atomic<bool> is_away = false;
  std::atomic<int> refused = 0;

 private:
  template <class Ask>
  auto ask(const Ask& ask) -> decltype(ask()) {
    if (is_away) return base::Error{base::ErrorKind::Transient, "the store is away"};
    return ask();
  }
  Ledger& real_;
  bool was_asked_ = false;
};

TEST_P(Recovery, ATurnThatTheStoreCouldNotTakeBackKeepsNobodyWaiting) {
  is_down = true;
  EXPECT_EQ(forge.deliver({"refused", "potters/kiln"}), 503);
  is_down = false;
  Interrupted ledger(*store->ledger());
  auto how = quick();
  how.lease = std::chrono::hours(1);
  const auto keys = [](const recovery::Provider& its, const std::string& repository, const std::string& id) {
    return std::vector{key_of(its.name, repository, id)};
  };
  const Watcher watcher(ledger, recovery::Options{{entry()}, 0, {}, false}, keys, how);
  EXPECT_TRUE(eventually([&] { return ledger.refused > 0; }));
  ledger.is_away = false;
  EXPECT_TRUE(is_back(watcher, 1));
  EXPECT_EQ(forge.times_asked("refused"), 1);
}

TEST_P(Recovery, WhatGithubWasRefusedComesBackOnce) { expect_back_once("github"); }
TEST_P(Recovery, WhatGitlabWasRefusedComesBackOnce) { expect_back_once("gitlab"); }

TEST_P(Recovery, WhatWasAcknowledgedAndIsNotThereComesBackToo) {
  forge.list({"d1", "potters/kiln"}, 202);
  forge.list({"tag", "potters/kiln"}, 200);
  const auto watcher = watch({entry()});
  EXPECT_TRUE(is_back(*watcher, 1));
  EXPECT_EQ(forge.times_asked("tag"), 0);
  EXPECT_EQ(taken, 1);
}

TEST_P(Recovery, HooksOfAnOwnerAndOfAnAppFindTheRepositoryOfEachDelivery) {
  auto app = entry({});
  app.token_file.clear();
  app.app_id = "4711";
  app.app_key_file = forge.app_key_file();
  std::string id = "d";
  for (const auto& each : {entry({"potters/*"}), app}) {
    id += "+";
    is_down = true;
    forge.deliver({id, "potters/kiln"});
    is_down = false;
    forge.deliver({id + "taken", "potters/glaze"});
    const auto watcher = watch({each});
    EXPECT_TRUE(is_back(*watcher, 1)) << notes(*watcher).problem;
    EXPECT_EQ(forge.times_asked(id + "taken"), 0);
    EXPECT_EQ(forge.times_asked(id), 1);
  }
  EXPECT_EQ(forge.faults(), std::vector<std::string>{});
}

TEST_P(Recovery, WhatFailsAgainAndAgainIsGivenUp) {
  is_down = true;
  forge.deliver({"d1", "potters/kiln"});
  const auto watcher = watch({entry()});
  EXPECT_TRUE(eventually([&] { return notes(*watcher).counts.given_up == 1; }));
  let_it_look(*watcher);
  EXPECT_EQ(forge.times_asked("d1"), 3);
  EXPECT_NE(recovery::metrics_text(watcher->state(), base::system_clock().wall())
                .find("cadence_reconcile_given_up_total{provider=\"github\"} 1"),
            std::string::npos);
}

TEST_P(Recovery, ALongListIsReadInBoundedRounds) {
  forge.list({"oldest", "potters/kiln"}, 503);
  for (int i = 0; i < 40; ++i) forge.list({"tag" + std::to_string(i), "potters/kiln"}, 200);
  forge.send_pages_of(7);
  auto how = quick();
  how.most_pages = 1;
  const auto watcher = watch({entry()}, how, 3600);
  EXPECT_TRUE(is_back(*watcher, 1));
  EXPECT_EQ(taken, 1);
}

TEST_P(Recovery, AsksWhetherTheListHasChangedAndReadsNoPageTwice) {
  for (int i = 0; i < 3; ++i) forge.list({"tag" + std::to_string(i), "potters/kiln"}, 200);
  const auto watcher = watch({entry()});
  EXPECT_TRUE(eventually([&] { return notes(*watcher).readings[test::HookDouble::kHook].newest == 3; }));
  EXPECT_TRUE(eventually([&] { return notes(*watcher).listed == 0; })) << "304";
  is_down = true;
  forge.deliver({"d1", "potters/kiln"});
  is_down = false;
  EXPECT_TRUE(is_back(*watcher, 1));
}

TEST_P(Recovery, HooksThatLeadElsewhereAreNotOurs) {
  forge.lead_to("https://ci.example/github-webhook/");
  forge.list({"d1", "potters/kiln"}, 503);
  const auto watcher = watch({entry()});
  EXPECT_TRUE(says(*watcher, "no hook that leads to /webhooks/github"));
  EXPECT_EQ(forge.times_asked("d1"), 0);
  auto named = entry({"potters/glaze"});
  named.hook_url = "https://ci.example";
  const auto other = watch({named});
  EXPECT_TRUE(eventually([&] { return forge.times_asked("d1") > 0; }));
}

TEST_P(Recovery, WhatIsWrongIsSaidWithTheNextStep) {
  const auto message = [](int status, const char* text) {
    return net::json_response(status, json::dump({{"message", text}}));
  };
  auto limited = message(403, "API rate limit exceeded");
  limited.headers.push_back({"X-RateLimit-Remaining", "0"});
  limited.headers.push_back({"Retry-After", "1"});
  const struct {
    net::Response answer;
    std::vector<const char*> parts;
  } table[] = {
      {message(401, "Bad credentials"), {"401", "admin:repo_hook"}},
      {message(403, "Resource not accessible"), {"403", "Resource not accessible", "admin:repo_hook"}},
      {message(404, "Not Found"), {"404", "may not see it", "admin:repo_hook"}},
      {message(301, "Moved Permanently"), {"301", "new name"}},
      {message(500, "no"), {"500"}},
      {limited, {"rate limit", "next look is in 1 s"}},
      {net::text_response(200, "<html>"), {"no JSON"}},
      {net::json_response(200, "17"), {"no list of hooks"}},
      {net::json_response(200, "[" + std::string(5U << 20U, ' ') + "]"), {""}},
  };
  is_down = true;
  forge.deliver({"d1", "potters/kiln"});
  is_down = false;
  const auto watcher = watch({entry()});
  EXPECT_TRUE(is_back(*watcher, 1));
  for (const auto& row : table) {
    forge.answer_all(row.answer);
    for (const char* part : row.parts) EXPECT_TRUE(says(*watcher, part)) << part << ": " << notes(*watcher).problem;
    EXPECT_EQ(notes(*watcher).problem.find(test::ForgeDouble::kToken), std::string::npos);
  }
  forge.answer_all(std::nullopt);
  EXPECT_TRUE(eventually([&] { return notes(*watcher).problem.empty(); })) << notes(*watcher).problem;
  forge.lead_to("https://cadence.example/webhooks/github", false);
  EXPECT_TRUE(says(*watcher, "switched off"));
  forge.forget_hook();
  EXPECT_TRUE(says(*watcher, "has no hook"));
  std::filesystem::remove(forge.token_file());
  EXPECT_TRUE(says(*watcher, "Could not read"));
}

TEST_P(Recovery, LeavesTheLastRequestsOfALimitToOthers) {
  auto few = net::json_response(200, "[]");
  few.headers.push_back({"X-RateLimit-Limit", "5000"});
  few.headers.push_back({"X-RateLimit-Remaining", "200"});
  few.headers.push_back({"X-RateLimit-Reset", "7200"});
  forge.answer_all(few);
  const auto watcher = watch({entry()});
  EXPECT_TRUE(says(*watcher, "has no hook"));
  EXPECT_EQ(forge.requests(), 1) << "it rests";
}

TEST_P(Recovery, AProviderThatHangsKeepsNobodyFromStopping) {
  forge.answer_all(net::Response{0, {}, ""});
  const auto watcher = watch({entry()});
  EXPECT_TRUE(eventually([&] { return forge.requests() > 0; }));
  watcher->stop();
  EXPECT_EQ(notes(*watcher).problem, "");
}

TEST_P(Recovery, WhatOneReplicaAskedForTheNextOneKnows) {
  auto how = quick();
  how.rules.reset();
  is_down = true;
  forge.deliver({"d1", "potters/kiln"});
  is_reached = false;
  is_held = true;
  const auto first = watch({entry()}, how);
  EXPECT_TRUE(eventually([&] { return is_reached.load(); }));
  first->stop();  // before the provider has answered
  is_held = false;
  const auto second = watch({entry()}, how);
  let_it_look(*second);
  EXPECT_EQ(forge.times_asked("d1"), 1);
  EXPECT_EQ(notes(*second).gaps.at("d1").times, 1);
}

TEST_P(Recovery, LooksAtOnceWhenItIsHurriedHoweverLongTheIntervalIs) {
  auto how = quick();
  how.poll = seconds(3600);
  const auto watcher = watch({entry()}, how, 3600);
  watcher->hurry();
  EXPECT_TRUE(eventually([&] { return notes(*watcher).looked_at != base::Wall{}; }));
  is_down = true;
  forge.deliver({"d1", "potters/kiln"});
  is_down = false;
  EXPECT_TRUE(eventually([&] {
    watcher->hurry();
    return forge.times_asked("d1") == 1;
  }));
}

INSTANTIATE_TEST_SUITE_P(Stores, Recovery, testing::Values("sqlite", "postgres"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cadence::queue
