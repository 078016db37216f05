// The program: a push that was refused while the store was away comes back signed, and has one result.
#include <gtest/gtest.h>

#include "hook_double.hpp"
#include "json/value.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using test::eventually;

TEST(RecoveryProgram, APushThatWasRefusedDuringAnOutageHasOneResult) {
  test::GitServer git;
  test::Folder one, two;
  test::PostgresServer database;
  const auto address = database.create_database();
  std::function<int(const test::Sent&)> post;
  test::HookDouble forge([&](const test::Sent& sent) { return post(sent); });
  test::WebhookServer::Times times;
  times.ack_deadline_seconds = 1;
  times.more = "reconcile: {hooks: [{provider: github, of: [potters/kiln], api_url: '" + forge.url("github") +
               "', token_file: '" + forge.token_file() + "', ca_file: '" + forge.ca_file() + "'}]}";
  test::WebhookServer first(one.path(), address, "", times), second(two.path(), address, "", times);
  post = [&](const test::Sent& sent) { return first.push(sent.id, git.url(), sent.commit).status; };
  first.start();
  second.start();
  EXPECT_EQ(forge.deliver({"before", "potters/kiln", git.tip()}), 202);

  database.stop();
  EXPECT_EQ(forge.deliver({"during", "potters/kiln", git.tip()}), 503);
  database.start();
  const auto results = [&] {
    const auto listed = json::parse(first.ask("GET", "/jobs?status=completed").body);
    return listed ? json::at_path(*listed, {"jobs"}).size() : 0;
  };
  EXPECT_TRUE(eventually([&] { return results() == 2; })) << first.log() << second.log();
  EXPECT_EQ(forge.times_asked("during"), 1);
  EXPECT_EQ(forge.times_asked("before"), 0);
  EXPECT_TRUE(eventually([&] {
    const auto both = first.ask("GET", "/metrics").body + second.ask("GET", "/metrics").body;
    return both.find("cadence_reconcile_redelivered_total{provider=\"github\"} 1") != std::string::npos;
  }));
  EXPECT_NE((first.log() + second.log()).find("Deliveries compared"), std::string::npos);
  EXPECT_EQ((first.log() + second.log()).find(test::ForgeDouble::kToken), std::string::npos);
  EXPECT_EQ(forge.faults(), std::vector<std::string>{});
  EXPECT_EQ(first.terminate(std::chrono::seconds(30)), 0);
  EXPECT_EQ(second.terminate(std::chrono::seconds(30)), 0);
}

}  // namespace
}  // namespace cadence::queue
