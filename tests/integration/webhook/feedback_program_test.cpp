// The program answers a signed push by statuses at a double of a provider's API, killed or not.
#include <gtest/gtest.h>

#include "forge_double.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using test::eventually;
using Texts = std::vector<std::string>;

class FeedbackProgram : public testing::Test {
 protected:
  std::string configuration() {
    return "links: {public_url: 'https://cadence.example'}, feedback: [{provider: github, api_url: '" +
           forge.url("github") + "', token_file: '" + forge.token_file() + "', ca_file: '" + forge.ca_file() +
           "', repositories: ['potters/*']}]";
  }
  test::WebhookServer server(const std::string& store = "") {
    test::WebhookServer::Times times;
    times.more = configuration();
    return {folder.path(), store, "", times};
  }
  test::Folder folder;
  test::ForgeDouble forge;
  test::GitServer git;
};

TEST_F(FeedbackProgram, AnswersASignedPush) {
  auto running = server();
  running.start();
  EXPECT_EQ(running.push("d1", git.url(), git.tip()).status, 202);
  EXPECT_TRUE(eventually([&] {
    return forge.states(git.tip()) == Texts{"pending", "success"} || forge.states(git.tip()) == Texts{"success"};
  }));
  EXPECT_EQ(forge.told().back().repository, "potters/kiln");
  EXPECT_TRUE(forge.told().back().url.starts_with("https://cadence.example/pages/jobs/")) << forge.told().back().url;
  EXPECT_EQ(forge.faults(), Texts{});
  EXPECT_TRUE(eventually([&] {
    const auto metrics = running.ask("GET", "/metrics").body;
    return metrics.find("cadence_feedback_sent_total{provider=\"github\"}") != std::string::npos &&
           metrics.find("cadence_feedback_waiting 0") != std::string::npos;
  }));
  EXPECT_EQ(running.log().find(test::ForgeDouble::kToken), std::string::npos);
  EXPECT_EQ(running.terminate(std::chrono::seconds(30)), 0);
}

// A status that was sent and not settled is told again; none is lost.
TEST_F(FeedbackProgram, KilledWhileItTellsTellsAfterTheNextStart) {
  for (const std::string store : {"", "postgres"}) {
    auto running = server(store.empty() ? "" : postgres().create_database());
    forge.answer_all(net::Response{0, {}, ""});
    running.start();
    const auto before = forge.requests();
    const auto told = forge.told().size();
    EXPECT_EQ(running.push("d2" + store, git.url(), git.tip()).status, 202);
    ASSERT_TRUE(eventually([&] { return forge.requests() > before; }));
    running.kill();
    forge.answer_all(std::nullopt);
    running.start();
    EXPECT_TRUE(eventually([&] { return forge.told().size() > told && forge.told().back().state == "success"; },
                           std::chrono::seconds(120)))
        << store << running.log();
    running.kill();
  }
}

}  // namespace
}  // namespace cadence::queue
