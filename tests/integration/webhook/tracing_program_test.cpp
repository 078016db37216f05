// One push is one trace, from the sender's own span to the status at its git host, whichever program does which part.
#include <gtest/gtest.h>

#include "collector_double.hpp"
#include "forge_double.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using test::eventually;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";

// Notes which spans its calls say that they are.
class TracedForge final : public test::ForgeDouble {
 public:
  ~TracedForge() override { close(); }
  [[nodiscard]] std::set<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 protected:
  net::Response answer(const net::RequestHead& head, const std::string& body) override {
    calls_.insert(std::string(net::find_header(head.headers, "traceparent")) + " " +
                  std::string(net::find_header(head.headers, "tracestate")));
    return ForgeDouble::answer(head, body);
  }

 private:
  std::set<std::string> calls_;
};

class TracingProgram : public testing::Test {
 protected:
  test::WebhookServer server(const std::string& store, const std::string& endpoint) {
    test::WebhookServer::Times times;
    times.more = "feedback: [{provider: github, api_url: '" + forge.url("github") + "', token_file: '" +
                 forge.token_file() + "', ca_file: '" + forge.ca_file() + "'}]";
    return {folder.path(), store,
            "clone: {allow_private_networks: true, cache: {folder: " + (folder.path() / "cache").string() +
                "}}\nlog: {format: json}\ntracing: {endpoint: '" + endpoint + "'}\n",
            times};
  }
  net::Response push(const test::WebhookServer& running, const std::string& id, std::vector<net::Header> more) {
    const auto body = R"({"ref":"refs/heads/trunk","after":")" + git.tip() +
                      R"(","repository":{"name":"kiln","full_name":"potters/kiln","clone_url":")" + git.url() +
                      R"("},"pusher":{"name":"mira"},"id":")" + id + R"("})";
    more.push_back({"X-GitHub-Delivery", id});
    more.push_back({"X-GitHub-Event", "push"});
    return running.signed_post(body, more);
  }
  std::map<std::string, test::TakenSpan> spans_of(const std::string& trace) const {
    std::map<std::string, test::TakenSpan> found;
    for (const auto& span : collector.spans())
      if (span.trace_id == trace) found[span.name] = span;
    return found;
  }
  test::Folder folder;
  test::CollectorDouble collector;
  TracedForge forge;
  test::GitServer git;
};

TEST_F(TracingProgram, APushIsOneTrace) {
  for (const std::string store : {"", "postgres"}) {
    auto running = server(store.empty() ? "" : postgres().create_database(), collector.url());
    running.start();
    const auto trace = store.empty() ? kTrace : std::string(kTrace).replace(0, 2, "aa");
    EXPECT_EQ(
        push(running, "d-1" + store, {{"traceparent", "00-" + trace + "-" + kSpan + "-01"}, {"tracestate", "kiln=1"}})
            .status,
        202);
    const std::set<std::string> wanted{"accept", "store", "wait", "clone", "analysis", "complete", "feedback"};
    EXPECT_TRUE(eventually([&] {
      const auto found = spans_of(trace);
      return std::all_of(wanted.begin(), wanted.end(), [&](auto& name) { return found.contains(name); });
    })) << running.log();
    auto spans = spans_of(trace);
    EXPECT_EQ(spans.size(), wanted.size());
    for (const auto& [name, span] : spans) {
      EXPECT_EQ(span.service, "cadence-webhook");
      EXPECT_EQ(span.state, "kiln=1") << name;
      EXPECT_EQ(span.status, 0) << name;
      EXPECT_EQ(span.parent_id, name == "accept" ? kSpan : spans["accept"].span_id) << name;
      EXPECT_EQ(span.attributes.at("cadence.job"), spans["accept"].attributes.at("cadence.job")) << name;
    }
    EXPECT_TRUE(forge.calls().contains("00-" + trace + "-" + spans["feedback"].span_id + "-01 kiln=1"));
    EXPECT_EQ(spans["accept"].attributes.at("cadence.delivery"), "d-1" + store);
    EXPECT_GE(spans["analysis"].begun, spans["clone"].ended);
    EXPECT_EQ(collector.faults(), std::vector<std::string>{});
    const auto log = running.log();
    for (const char* line : {"Job began", "Job ended"}) {
      const auto at = log.rfind(line);
      ASSERT_NE(at, std::string::npos) << log;
      const auto rest = log.substr(at, log.find('\n', at) - at);
      EXPECT_NE(rest.find("\"trace_id\":\"" + trace + "\""), std::string::npos) << rest;
      EXPECT_NE(rest.find("\"span_id\":\"" + spans["accept"].span_id + "\""), std::string::npos) << rest;
      EXPECT_NE(rest.find("\"delivery\":\"d-1" + store + "\""), std::string::npos) << rest;
      EXPECT_EQ(rest.find("\"job\""), rest.rfind("\"job\"")) << rest;
    }
    EXPECT_TRUE(eventually([&] {
      return running.ask("GET", "/metrics").body.find("cadence_trace_spans_dropped_total 0") != std::string::npos;
    }));
    EXPECT_EQ(running.terminate(std::chrono::seconds(30)), 0);
  }
}

// As a replica stored it that has no part in what follows.
TEST_F(TracingProgram, ATraceGoesOnInAnotherReplica) {
  const auto database = postgres().create_database();
  auto running = server(database, collector.url());
  running.start();
  postgres().query(database,
                   "insert into job (id, event_type, url, repo, full_name, branch, commit_id, author, origin) values "
                   "(gen_random_uuid(), 'github_push', '" +
                       git.url() + "', 'kiln', 'potters/kiln', 'trunk', '" + git.tip() + "', 'mira', '00-" + kTrace +
                       "-" + kSpan + "-01 d-2')");
  const std::set<std::string> wanted{"wait", "clone", "analysis", "complete", "feedback"};
  EXPECT_TRUE(eventually([&] {
    const auto found = spans_of(kTrace);
    return std::all_of(wanted.begin(), wanted.end(), [&](auto& name) { return found.contains(name); });
  })) << running.log();
  for (const auto& [name, span] : spans_of(kTrace)) EXPECT_EQ(span.parent_id, kSpan) << name;
  EXPECT_EQ(running.terminate(std::chrono::seconds(30)), 0);
}

TEST_F(TracingProgram, ACollectorThatHangsHoldsUpNoPush) {
  auto running = server("", "http://127.0.0.1:" + std::to_string(test::open_silent_port()));
  running.start();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(push(running, "d-3-" + std::to_string(i), {}).status, 202);
  EXPECT_TRUE(eventually(
      [&] { return running.ask("GET", "/metrics").body.find("cadence_trace_exporter_up 0") != std::string::npos; }));
  EXPECT_EQ(running.terminate(std::chrono::seconds(60)), 0);
}

}  // namespace
}  // namespace cadence::queue
