// The cluster client against nodes that answer by script: what real servers say seldom, or in no order that a test
// could bring about. Real ones are in the integration tests.
#include "redis/cluster/client.hpp"

#include <gtest/gtest.h>

#include "redis/cluster/deferred.hpp"
#include "redis/cluster/slots.hpp"
#include "scripted_node.hpp"

namespace cadence::redis::cluster {
namespace {

using namespace std::chrono_literals;

Limits within(std::chrono::milliseconds bound) { return {.deadline = base::system_clock().monotonic() + bound}; }

bool eventually(const std::function<bool()>& condition) {
  const auto end = base::system_clock().monotonic() + 60s;
  while (!condition()) {
    if (base::system_clock().monotonic() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Of one master with these slots.
std::string table(const ScriptedNode& node, const std::string& slots = "0-16383", int epoch = 1) {
  const auto port = std::to_string(node.address().port);
  return bulk(std::string(40, 'a') + " 127.0.0.1:" + port + "@" + port + " myself,master - 0 0 " +
              std::to_string(epoch) + " connected " + slots + "\n");
}

ClientOptions options_for(const std::vector<const ScriptedNode*>& seeds) {
  ClientOptions out;
  for (const auto* node : seeds) out.seeds.push_back(to_string(node->address()));
  out.credentials = [] { return Credentials{}; };
  out.resolve = [](const std::string& host, const Limits&) { return std::vector<std::string>{host}; };
  out.refresh_pause = 1h;  // the first map is the only one, unless a test says otherwise
  out.node_limit = 10s;
  out.breaker.first_pause = out.breaker.longest_pause = 1h;
  return out;
}

const std::vector<Request> kGet{{"GET", "key"}};
const std::string kMovedBy = std::to_string(slot_of("key"));

// What it answers, or why not.
std::string said(Client& client, std::chrono::milliseconds bound = 60s) {
  const auto reply = client.ask(kGet, within(bound))[0];
  return reply ? reply->text : reply.error().message;
}

// A node that serves all slots and answers what is not about the map by `answer`.
struct Served {
  explicit Served(ScriptedNode::Answer answer, int failures = 2)
      : node([this, answer = std::move(answer)](const Request& request, int line) -> std::optional<std::string> {
          if (request.front() != "CLUSTER") return answer(request, line);
          ++maps;
          return table(node);
        }),
        client([&] {
          auto options = options_for({&node});
          options.breaker.failures = failures;
          return options;
        }()) {
    EXPECT_TRUE(eventually([&] { return client.counts().has_map; }));
  }
  std::atomic<int> maps{0};
  ScriptedNode node;
  Client client;
};

TEST(ScriptedClient, AKeyOnItsWayIsAskedForAgain) {
  std::atomic<int> asked{0};
  Served served([&](const Request&, int) {
    return asked++ < 2 ? "-TRYAGAIN Multiple keys request during rehashing of slot\r\n" : bulk("found");
  });
  EXPECT_EQ(said(served.client), "found");
  EXPECT_EQ(asked, 3);
}

TEST(ScriptedClient, RedirectsInACircleEnd) {
  std::atomic<int> asked{0};
  std::atomic<const std::string*> own{nullptr};
  Served served([&](const Request&, int) { return ++asked, "-MOVED " + kMovedBy + " " + *own.load() + "\r\n"; });
  const auto address = to_string(served.node.address());
  own = &address;
  EXPECT_FALSE(served.client.ask(kGet, within(60s))[0]);
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(served.client.counts().redirects, 5U);
}

TEST(ScriptedClient, AskingHoldsForOneRequest) {
  std::mutex mutex;
  std::vector<std::string> heard;
  ScriptedNode other([&](const Request& request, int) {
    const std::lock_guard lock(mutex);
    heard.push_back(request.front());
    return request.front() == "ASKING" ? std::string("+OK\r\n") : bulk("there");
  });
  Served served([&](const Request&, int) { return "-ASK " + kMovedBy + " " + to_string(other.address()) + "\r\n"; });
  for (int i = 0; i < 2; ++i) EXPECT_EQ(said(served.client), "there");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, (std::vector<std::string>{"ASKING", "GET", "ASKING", "GET"}));
}

// A server that was started again closed what lay idle: that is no answer, and nothing against it.
TEST(ScriptedClient, ALineThatWasClosedWhileItLayIdleIsNoFailure) {
  std::atomic<int> first{-1};
  Served served(
      [&](const Request&, int line) -> std::optional<std::string> {
        int none = -1;
        first.compare_exchange_strong(none, line);
        return line == first ? std::nullopt : std::optional(bulk("found"));
      },
      1);
  EXPECT_EQ(said(served.client), "found");
  EXPECT_EQ(served.client.counts().kept_away_from, 0);
  EXPECT_EQ(served.client.counts().failed, 0U);
}

TEST(ScriptedClient, OneThatIsLateTwiceIsKeptAwayFrom) {
  Served served([&](const Request&, int) { return std::string(); });
  EXPECT_FALSE(served.client.ask(kGet, within(20ms))[0]);
  EXPECT_EQ(served.client.counts().kept_away_from, 0) << "one late answer is no outage";
  EXPECT_FALSE(served.client.ask(kGet, within(20ms))[0]);
  EXPECT_EQ(served.client.counts().kept_away_from, 1);
  EXPECT_NE(said(served.client).find("did not answer lately"), std::string::npos) << said(served.client);
}

TEST(ScriptedClient, AMapIsAskedForOnceHoweverManyWantOne) {
  Served served([&](const Request&, int) { return "-CLUSTERDOWN The cluster is down\r\n"; });
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(served.client.ask(kGet, within(60s))[0]);
  EXPECT_EQ(served.maps, 1);
}

TEST(ScriptedClient, AMapThatFailedIsAskedForAgain) {
  std::atomic<int> maps{0};
  ScriptedNode node([&](const Request&, int) { return maps++ < 3 ? "-LOADING\r\n" : table(node); });
  auto options = options_for({&node});
  options.refresh_pause = 1ms;
  options.refresh_every = 1h;
  const Client client(std::move(options));
  EXPECT_TRUE(eventually([&] { return client.counts().has_map; }));
  EXPECT_EQ(client.counts().failed_refreshes, 3U);
}

// Two nodes' words are held against each other: one that lags leads nobody astray.
TEST(ScriptedClient, TheBetterWordCounts) {
  ScriptedNode better([&](const Request& request, int) {
    return request.front() == "CLUSTER" ? table(better, "0-16383", 7) : bulk("of the better");
  });
  ScriptedNode lags([&](const Request& request, int) {
    return request.front() == "CLUSTER" ? table(lags, "0-16383", 3) : bulk("of the other");
  });
  Client client(options_for({&lags, &better}));
  EXPECT_TRUE(eventually([&] { return client.counts().has_map; }));
  EXPECT_EQ(said(client), "of the better");
}

// Holds every answer back until it is opened.
class Barrier {
 public:
  std::string pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
    return bulk("done");
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

TEST(ScriptedDeferred, NoMoreWaitThanThereIsRoomFor) {
  Barrier barrier;
  Served served([&](const Request&, int) { return barrier.pass(); });
  Deferred deferred(served.client, {.most_requests = 2, .limit = 60s});
  deferred.add(kGet.front());
  EXPECT_TRUE(eventually([&] { return deferred.counts().waiting == 0; })) << "it is under way";
  for (int i = 0; i < 3; ++i) deferred.add(kGet.front());
  EXPECT_EQ(deferred.counts().waiting, 2U);
  EXPECT_EQ(deferred.counts().dropped, 1U);
  barrier.open();
  EXPECT_TRUE(eventually([&] { return deferred.counts().done == 3; }));
}

TEST(ScriptedDeferred, WhatWasSentGivesItsRoomBack) {
  Served served([&](const Request&, int) { return bulk("done"); });
  Deferred deferred(served.client, {.most_bytes = 1000, .limit = 60s});
  for (std::uint64_t i = 1; i <= 20; ++i) {
    deferred.add({"SET", "key", std::string(400, 'x')});
    EXPECT_TRUE(eventually([&] { return deferred.counts().done == i; }));
  }
  EXPECT_EQ(deferred.counts().dropped, 0U);
}

}  // namespace
}  // namespace cadence::redis::cluster
