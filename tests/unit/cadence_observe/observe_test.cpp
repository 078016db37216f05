#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cadence/observe/last_change.hpp"
#include "cadence/observe/observer.hpp"
#include "cadence/observe/servers.hpp"
#include "cadence/reconcile/wishes.hpp"

namespace cadence::observe {
namespace {

using namespace std::chrono_literals;

// What lies behind an address: an answer, or silence until the bound.
class Agent final : public net::Transport {
 public:
  explicit Agent(std::string ip) : ip_(std::move(ip)) {}
  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds deadline,
                                   std::stop_token stop) override {
    EXPECT_EQ(request.method + " " + request.target, "GET /status");
    if (ip_ == "silent") {
      base::wait_for(stop, deadline);
      return base::Error{base::ErrorKind::Transient, "no answer in time"};
    }
    if (ip_ == "starting") return net::Response{503, {}, ""};
    if (ip_ == "garbage") return net::Response{200, {}, "<html>"};
    return net::Response{200,
                         {},
                         R"({"instance":"a","role":"standby","state":"Standby","is_streaming":true,
    "replay_lsn":"0/1","of_a_newer_agent":1})"};
  }

 private:
  std::string ip_;
};

TEST(AskAgents, AsksAllAtOnceAndKeepsThoseWhoAnswer) {
  const ServerTransport transport = [](const std::string& ip, std::uint16_t) { return std::make_unique<Agent>(ip); };
  const auto start = base::system_clock().monotonic();
  const auto reports = ask_agents(
      {{"a", "well"}, {"b", "silent"}, {"c", "silent"}, {"d", "silent"}, {"e", "starting"}, {"f", "garbage"}},
      transport, 300ms, {});
  EXPECT_LT(base::system_clock().monotonic() - start, 5 * 300ms) << "one bound for all of them";
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_TRUE(reports.at("a").is_streaming);
  EXPECT_EQ(reports.at("a").replay_lsn, "0/1");
}

TEST(AskAgents, EndsWithAStop) {
  std::stop_source stop;
  stop.request_stop();
  const auto start = base::system_clock().monotonic();
  EXPECT_TRUE(ask_agents(
                  {{"b", "silent"}}, [](const std::string& ip, std::uint16_t) { return std::make_unique<Agent>(ip); },
                  60s, stop.get_token())
                  .empty());
  EXPECT_LT(base::system_clock().monotonic() - start, 30s);
}

// A webhook server by what it says of its job store.
class Webhook final : public net::Transport {
 public:
  explicit Webhook(std::string said) : said_(std::move(said)) {}
  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds, std::stop_token) override {
    EXPECT_EQ(request.method + " " + request.target, "GET /metrics/store");
    return net::Response{said_.empty() ? 503 : 200, {}, said_};
  }

 private:
  std::string said_;
};

TEST(AskWebhookServers, HearsWhetherTheirStoreTakesWritesHoweverManyThereAre) {
  const ServerTransport transport = [&](const std::string& ip, std::uint16_t port) {
    EXPECT_EQ(port, 8000);
    return std::make_unique<Webhook>(ip);
  };
  Addresses addresses{{"a", R"({"up":true})"},
                      {"b", R"({"up":false,"code":"42501","reason":"permission denied for table job"})"},
                      {"c", ""},
                      {"h", R"({"up":true,"hooks":[{"hook":"github a/b","problem":"it answered\n401"},7]})"},
                      {"d", "cadence_store_up 1"}};
  const std::map<std::string, facts::StoreReport> told{{"a", {}},
                                                       {"b", {false, "42501", "permission denied for table job"}},
                                                       {"h", {true, {}, {}, {{"github a/b", "it answered 401"}}}}};
  EXPECT_EQ(ask_webhook_servers(addresses, 8000, transport, 1s, {}), told);
  for (int i = 0; i < 100; ++i) addresses["pod-" + std::to_string(i)] = R"({"up":true})";
  EXPECT_EQ(ask_webhook_servers(addresses, 8000, transport, 60s, {}).size(), 103U);
}

// An image from before there was such a question: it knows nothing, whatever the page says that it answers with.
TEST(AskWebhookServers, AnImageThatDoesNotKnowTheQuestionTellsNothing) {
  struct Older final : net::Transport {
    explicit Older(int a_status) : status(a_status) {}
    base::Result<net::Response> send(const net::Request&, std::chrono::milliseconds, std::stop_token) override {
      return net::Response{status, {}, R"({"up":false,"code":"42501","reason":"Not Found"})"};
    }
    int status;
  };
  for (const int status : {404, 405, 301, 401, 500, 503, 204}) {
    const auto told =
        ask_webhook_servers({{"a", "ip"}}, 8000,
                            [&](const std::string&, std::uint16_t) { return std::make_unique<Older>(status); }, 1s, {});
    EXPECT_TRUE(told.empty()) << status;
  }
}

TEST(AskWebhookServers, TakesNoMoreThanALineFromAServer) {
  const ServerTransport transport = [](const std::string& ip, std::uint16_t) { return std::make_unique<Webhook>(ip); };
  const auto ask = [&](const std::string& said) {
    return ask_webhook_servers({{"a", said}}, 8000, transport, 60s, {});
  };
  for (const std::string said : {R"({"up":"yes"})", R"({"up":1})", R"([true])", "{", "{}"})
    EXPECT_TRUE(ask(said).empty()) << said;
  EXPECT_TRUE(ask(R"({"up":true,"reason":")" + std::string(5000, 'x') + "\"}").empty()) << "too long to be one of ours";
  const auto report = ask(R"({"up":false,"code":7,"reason":"a\nb)" + std::string(3000, 'x') + "\"}").at("a");
  EXPECT_EQ(report.code, "");
  EXPECT_TRUE(report.reason.starts_with("a bx"));
  EXPECT_EQ(report.reason.size(), 256U);
}

TEST(LastChange, CountsFromTheLastNote) {
  base::ManualClock clock;
  LastChange changes(clock);
  const kube::core::ObjectKey key{"n", "lease"};
  EXPECT_FALSE(changes.age(key));
  changes.note(key);
  clock.advance(9s);
  EXPECT_EQ(changes.age(key), 9000ms);
  changes.note(key);
  EXPECT_EQ(changes.age(key), 0ms);
  changes.forget(key);
  EXPECT_FALSE(changes.age(key));
}

json::Value labelled(const std::string& name, const std::string& component) {
  return {{"metadata",
           {{"name", name},
            {"namespace", "n"},
            {"uid", "uid-" + name},
            {"labels", {{"app.kubernetes.io/instance", "c"}, {"app.kubernetes.io/component", component}}}}}};
}

TEST(Observer, LooksWithoutAskingAndObservesByAsking) {
  Caches caches;
  caches.clusters.put({{"metadata", {{"name", "c"}, {"namespace", "n"}}}});
  for (const auto& [name, ip] : {std::pair{"c-postgres-1", "well"}, std::pair{"c-postgres-2", ""}}) {
    auto pod = labelled(name, "postgres");
    pod["status"] = {{"phase", "Running"}, {"podIP", ip}};
    pod["spec"] = {{"nodeName", "node-1"}};
    caches.pods.put(pod);
  }
  caches.nodes.put({{"metadata", {{"name", "node-1"}}}, {"spec", {{"unschedulable", true}}}});
  caches.nodes.put({{"metadata", {{"name", "node-2"}}}});
  caches.endpoint_slices.put(labelled("c-postgres-rw", "postgres"));
  caches.lease_changes.note({"n", "c-postgres"});
  int asked = 0;
  const Observer observer(caches, reconcile::planners_wishes(), [&asked](const std::string& ip, std::uint16_t) {
    ++asked;
    return std::make_unique<Agent>(ip);
  });
  const auto seen = observer.look({"n", "c"});
  ASSERT_TRUE(seen);
  EXPECT_EQ(asked, 0) << "a release must not wait for servers that do not answer";
  EXPECT_TRUE(kube::types::is_being_drained(*seen->nodes.at("node-1")));
  EXPECT_FALSE(seen->nodes.contains("node-2")) << "no database runs there";
  EXPECT_TRUE(seen->postgres_endpoints);
  EXPECT_TRUE(seen->lease_silence && !seen->endpoints_age);
  EXPECT_EQ(observer.observe({"n", "c"}, {})->instances.size(), 1U);
  EXPECT_EQ(asked, 1) << "only pods that run and have an address";
  EXPECT_FALSE(observer.look({"n", "other"}));
}

// Servers hold a password until their mounts turn, whatever becomes of the Secret.
TEST(Observer, KnowsEarlierPasswordsOfRedis) {
  Caches caches;
  const auto put_cluster = [&](const char* uid) {
    caches.clusters.put({{"metadata", {{"name", "c"}, {"namespace", "n"}, {"uid", uid}}}});
  };
  const auto put_auth = [&](const std::map<std::string, std::string>& data) {
    auto secret = labelled("c-redis-auth", "redis");
    for (const auto& [key, value] : data) secret["data"][key] = base::to_base64(value);
    if (!data.empty()) secret["data"]["webhook-password"] = base::to_base64("w");
    caches.secrets.put(secret);
  };
  const Observer observer(caches, reconcile::planners_wishes());
  const kube::core::ObjectKey key{"n", "c"};
  const auto known = [&] {
    observer.look(key);
    std::vector<std::string> out;
    for (const auto& one : observer.redis_credentials(key)) out.push_back(one.password);
    return out;
  };
  using Passwords = std::vector<std::string>;
  put_cluster("u");
  EXPECT_EQ(known(), Passwords());
  put_auth({{"password", "a"}, {"operator-password", "first"}});
  EXPECT_EQ(known(), Passwords{"first"});
  put_auth({});
  EXPECT_EQ(known(), Passwords{"first"}) << "emptied";
  EXPECT_EQ(observer.remembered(key, "c-redis-auth")->data.at("password"), base::to_base64("a"));
  put_auth({{"password", "b"}, {"operator-password", "second"}, {"previous-operator-password", "told"}});
  EXPECT_EQ(known(), (Passwords{"second", "told", "first"}));
  for (const char* text : {"3", "4", "5"}) put_auth({{"password", "b"}, {"operator-password", text}}), known();
  EXPECT_EQ(known(), (Passwords{"5", "4", "3"})) << "not ever more";
  caches.secrets.drop(labelled("c-redis-auth", "redis"));
  EXPECT_EQ(known(), (Passwords{"5", "4", "3"})) << "deleted";
  put_cluster("another");
  put_auth({{"password", "b"}, {"operator-password", "own"}});
  EXPECT_EQ(known(), Passwords{"own"}) << "a cluster of the same name is another one";
}

TEST(Observer, ReadsWhichKeysTheSecretsHaveThatTheSpecNames) {
  Caches caches;
  const auto spec = *json::parse(
      R"({"webhook":{"clone":{"credentialsSecretRef":"away"},
    "secrets":{"github":[{"secretRef":{"name":"hook","key":"a"}},{"secretRef":{"name":"hook","key":"b"}}]}},
    "loadBalancer":{"tls":{"secretName":"refused"}}})");
  caches.clusters.put({{"metadata", {{"name", "c"}, {"namespace", "n"}}}, {"spec", spec}});
  int asked = 0;
  const SecretReader secrets = [&asked](const kube::core::ObjectKey& key,
                                        std::stop_token) -> base::Result<kube::types::Secret> {
    ++asked;
    EXPECT_EQ(key.namespace_, "n");
    if (key.name == "away") return base::Error{base::ErrorKind::NotFound, "gone"};
    if (key.name == "refused") return base::Error{base::ErrorKind::Forbidden, "no"};
    kube::types::Secret out;
    out.data = {{"a", "c2VjcmV0"}};
    return out;
  };
  const Observer observer(caches, reconcile::planners_wishes(), {}, {.secrets = secrets});
  EXPECT_TRUE(observer.look({"n", "c"})->named_secrets.empty());
  const auto seen = observer.observe({"n", "c"}, {});
  ASSERT_TRUE(seen);
  EXPECT_EQ(asked, 3) << "each once";
  EXPECT_EQ(seen->named_secrets.at("hook").keys, std::set<std::string>{"a"});
  EXPECT_FALSE(seen->named_secrets.at("away").exists || !seen->named_secrets.at("away").problem.empty());
  EXPECT_EQ(seen->named_secrets.at("refused").problem, "no");
}

TEST(Observer, AsksForTheNewestWarningOfWhatDoesNotGetOnAndOfNothingElse) {
  Caches caches;
  caches.clusters.put({{"metadata", {{"name", "c"}, {"namespace", "n"}}}});
  for (const char* name : {"c-redis-0-0", "c-redis-0-1"}) {
    auto pod = labelled(name, "redis");
    pod["spec"] = {{"nodeName", "node-1"}};
    pod["status"] = {{"phase", std::string(name) == "c-redis-0-0" ? "Pending" : "Running"},
                     {"startTime", "2026-01-01T00:00:00Z"}};
    caches.pods.put(pod);
  }
  std::vector<std::string> asked;
  const auto event = [](const char* type, const char* uid, const char* time_field, const char* time, const char* note) {
    return json::Value{
        {"type", type}, {"reason", "FailedMount"}, {"note", note}, {"regarding", {{"uid", uid}}}, {time_field, time}};
  };
  const EventReader events = [&](const facts::ChildId& id, const std::string& namespace_,
                                 std::stop_token) -> base::Result<std::vector<json::Value>> {
    asked.push_back(namespace_ + " " + id.kind + " " + id.name);
    return std::vector<json::Value>{
        event("Warning", "uid-c-redis-0-0", "deprecatedLastTimestamp", "2026-01-01T00:03:00Z", "newest"),
        event("Warning", "uid-c-redis-0-0", "eventTime", "2026-01-01T00:02:00.000001Z", "older"),
        event("Normal", "uid-c-redis-0-0", "eventTime", "2026-01-01T00:05:00.000001Z", "no warning"),
        event("Warning", "uid-of-before", "eventTime", "2026-01-01T00:05:00.000001Z", "of a pod before it")};
  };
  const Observer observer(caches, reconcile::planners_wishes(),
                          [](const std::string& ip, std::uint16_t) { return std::make_unique<Agent>(ip); },
                          {.events = events});
  const auto seen = observer.observe({"n", "c"}, {});
  EXPECT_EQ(asked, std::vector<std::string>{"n Pod c-redis-0-0"});
  EXPECT_EQ(seen->warnings, (std::map<facts::ChildId, std::string>{{{"Pod", "c-redis-0-0"}, "FailedMount: newest"}}));
}

TEST(Observer, FindsByNameWhatTheCachesLack) {
  Caches caches;
  caches.clusters.put({{"metadata", {{"name", "c"}, {"namespace", "n"}, {"uid", "u"}}}});
  caches.of<kube::types::Service>().put(labelled("c-lb", "lb"));
  std::set<std::string> asked;
  bool is_away = false;
  const auto objects = [&](const kube::core::KindInfo& kind, const kube::core::ObjectKey& key,
                           std::stop_token) -> base::Result<json::Value> {
    EXPECT_TRUE(asked.insert(kind.kind + " " + key.to_string()).second) << "each once";
    if (is_away) return base::Error{base::ErrorKind::Transient, "no answer"};
    if (kind.kind == "Lease")
      return json::Value{{"metadata", {{"name", key.name}, {"uid", "theirs"}}}, {"spec", {{"holderIdentity", "x"}}}};
    if (kind.kind == "Secret" && key.name == "c-ca") {
      return json::Value{{"metadata",
                          {{"name", key.name},
                           {"labels",
                            {{"app.kubernetes.io/instance", "c"},
                             {"app.kubernetes.io/managed-by", "cadence-operator"},
                             {"app.kubernetes.io/name", "cadence"},
                             {"app.kubernetes.io/part-of", "cadence"}}}}}};
    }
    if (key.name == "c-postgres-tls") return base::Error{base::ErrorKind::Forbidden, "no"};
    return base::Error{base::ErrorKind::NotFound, "none"};
  };
  const Observer observer(caches, reconcile::planners_wishes(), {}, {.objects = objects});
  EXPECT_TRUE(observer.look({"n", "c"})->unlabelled.empty());
  EXPECT_TRUE(asked.empty()) << "a release waits for nobody";
  const auto seen = observer.observe({"n", "c"}, {});
  ASSERT_EQ(seen->unlabelled.size(), 1U) << "the cache will show c-ca by itself";
  EXPECT_EQ(seen->unlabelled.at({"Lease", "c-postgres"}).document,
            *json::parse(R"({"metadata":{"name":"c-postgres","uid":"theirs"}})"))
      << "nothing of its content";
  EXPECT_EQ(seen->postgres_lease, nullptr) << "somebody else's";
  EXPECT_EQ(seen->unread, (std::map<facts::ChildId, std::string>{{{"Secret", "c-postgres-tls"}, "no"}}));
  EXPECT_FALSE(asked.contains("Service n/c-lb")) << "the cache has it";
  asked.clear();
  is_away = true;
  EXPECT_GT(observer.observe({"n", "c"}, {})->unread.size(), 10U);
  EXPECT_EQ(asked.size(), 1U) << "one answer that does not come is enough";
}

}  // namespace
}  // namespace cadence::observe
