// What a holder of a secret may make the server do: send for its own repositories, and nothing to the deliveries of
// others.
#include "ingest/receiver.hpp"

#include <gtest/gtest.h>

#include <future>

#include "base/text.hpp"
#include "fake_store.hpp"
#include "ingest/providers/github.hpp"
#include "net/pki.hpp"
#include "json/value.hpp"

namespace cadence::ingest {
namespace {

struct Receiving : ::testing::Test {
  net::Response push(const std::string& secret, const std::string& id, const std::string& name,
                     const std::string& url) {
    const auto body = json::dump(
        {{"ref", "refs/heads/main"}, {"after", "9c"}, {"repository", {{"full_name", name}, {"clone_url", url}}}});
    net::RequestHead head;
    head.headers = {{"X-Hub-Signature-256", "sha256=" + base::to_hex(net::hmac_sha256(secret, body))},
                    {"X-GitHub-Event", "push"},
                    {"X-GitHub-Delivery", id}};
    auto reaction = receiver.receive(receiver.senders().front(), head);
    auto& accept = std::get<net::Accept>(reaction);
    // Shared: an answer may come after the wait was given up.
    const auto promise = std::make_shared<std::promise<net::Response>>();
    auto future = promise->get_future();
    accept.sink->on_body(body);
    accept.sink->on_complete(
        net::Responder([promise](net::Response response) { promise->set_value(std::move(response)); }));
    if (future.wait_for(std::chrono::seconds(20)) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no answer";
    return {};
  }

  queue::FakeStore store;
  Secrets secrets{{{"mallorys", {"mallory/*"}}, {"everybodys", {}}}, {}};
  Budget budget{1 << 20};
  queue::Intake intake{store, {.writers = 1}};
  Receiver receiver{{{github(), secrets}}, budget, intake, {}, [] { return 0; }, [](auto) { return false; }};
};

TEST_F(Receiving, ALimitedSecretFetchesOnlyWhatItIsFor) {
  EXPECT_EQ(push("mallorys", "1", "mallory/x", "https://git.example/mallory/x.git").status, 202);
  EXPECT_EQ(push("mallorys", "2", "victim/x", "https://git.example/victim/x.git").status, 401);
  const auto other = push("mallorys", "3", "mallory/x", "https://git.example/victim/secret.git");
  EXPECT_EQ(other.status, 401);
  EXPECT_NE(other.body.find("url_of_another_repository"), std::string::npos) << other.body;
  EXPECT_EQ(push("mallorys", "4", "mallory/../victim/secret", "https://git.example/mallory/../victim/secret").status,
            401);
  EXPECT_EQ(push("everybodys", "5", "potters/kiln", "https://elsewhere.example/kiln").status, 202)
      << "whoever may send for all is believed";
  EXPECT_EQ(push("mallorys", "6", "mallory/x", "").status, 202) << "its job says what is missing";
}

// What a job needs was read: the body has no business in memory for as long as the store is away.
TEST_F(Receiving, ABodyIsGivenBackBeforeTheStoreAnswers) {
  store.is_away = true;
  const auto body = json::dump({{"ref", "refs/heads/main"},
                                {"after", "9c"},
                                {"repository", {{"full_name", "a/b"}, {"clone_url", "https://git.example/a/b.git"}}},
                                {"padding", std::string(100000, 'x')}});
  net::RequestHead head;
  head.headers = {{"X-Hub-Signature-256", "sha256=" + base::to_hex(net::hmac_sha256("everybodys", body))},
                  {"X-GitHub-Event", "push"},
                  {"X-GitHub-Delivery", "7"}};
  auto reaction = receiver.receive(receiver.senders().front(), head);
  auto& accept = std::get<net::Accept>(reaction);
  const auto promise = std::make_shared<std::promise<int>>();
  auto answered = promise->get_future();
  accept.sink->on_body(body);
  EXPECT_GE(budget.used(), body.size());
  accept.sink->on_complete(net::Responder([promise](net::Response response) { promise->set_value(response.status); }));
  EXPECT_EQ(budget.used(), 0u);
  store.is_away = false;
  EXPECT_EQ(answered.get(), 202);
}

}  // namespace
}  // namespace cadence::ingest
