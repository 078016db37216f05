// Statuses on their way from a real outbox to a double of the providers' APIs: they arrive, in order, once where
// nothing goes wrong, and at last where much does.
#include "feedback/sender.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "forge_double.hpp"
#include "store_support.hpp"

namespace cadence::queue {
namespace {

using feedback::Sender;
using std::chrono::milliseconds;
using test::eventually;
using Texts = std::vector<std::string>;

feedback::SenderOptions quick() {
  feedback::SenderOptions how;
  how.limit = milliseconds(2000);
  how.poll = milliseconds(20);
  how.retry = how.rest = {milliseconds(20), 2.0, milliseconds(100), 0.2};
  return how;
}

class Feedback : public StoreTest {
 protected:
  void SetUp() override {
    owes = [](const JobSpec& spec) { return feedback::forge_of_event(spec.event_type) != nullptr; };
    StoreTest::SetUp();
  }
  feedback::AccountOptions account(const std::string& provider) {
    feedback::AccountOptions made;
    made.provider = provider;
    made.api_url = forge.url(provider == "forgejo" ? "gitea" : provider);
    made.token_file = forge.token_file();
    made.ca_file = forge.ca_file();
    return made;
  }
  feedback::AccountOptions app() {
    auto made = account("github");
    made.token_file.clear();
    made.app_id = "4711";
    made.app_key_file = forge.app_key_file();
    return made;
  }
  std::unique_ptr<Sender> begin(std::vector<feedback::AccountOptions> accounts, feedback::SenderOptions how = quick()) {
    return std::make_unique<Sender>(
        *store->outbox(), feedback::Options{std::move(accounts), {}, false},
        [](const std::string& id) { return "https://cadence.example/pages/jobs/" + id; }, how);
  }
  // The commit of a push that was taken.
  std::string push(const std::string& event_type = "github_push", const std::string& full_name = "potters/kiln") {
    auto made = delivery(base::to_hex(base::random_bytes(8)));
    made.spec.event_type = event_type;
    made.spec.full_name = full_name;
    made.spec.commit = base::to_hex(base::random_bytes(20));
    (void)accept(made);
    return made.spec.commit;
  }
  void finish(const std::string& error = "") {
    const std::string summary = R"({"suspicious_commits":2,"overall_suspicion":12.5})";
    ASSERT_TRUE(*store->complete(one, claim_one(one), {error, "{}", error.empty() ? summary : ""}));
  }
  bool is_told(const std::string& commit, const Texts& states) {
    return eventually([&] { return forge.states(commit) == states; });
  }
  std::int64_t waiting() {
    const auto state = store->outbox()->state();
    return state ? state->waiting : -1;
  }

  test::ForgeDouble forge;
};

TEST_P(Feedback, EachProviderIsToldThatAnAnalysisWaitsAndWhatItFound) {
  const struct {
    const char *provider, *event_type, *full_name, *repository, *pending, *success, *failure;
  } table[] = {
      {"github", "github_push", "potters/kiln", "potters/kiln", "pending", "success", "error"},
      {"gitlab", "gitlab_push", "guild/potters/kiln", "guild/potters/kiln", "pending", "success", "failed"},
      {"gitea", "gitea_push", "potters/kiln", "potters/kiln", "pending", "success", "error"},
      {"forgejo", "forgejo_push", "potters/kiln", "potters/kiln", "pending", "success", "error"},
      {"bitbucket", "bitbucket_push", "potters/kiln", "potters/kiln", "INPROGRESS", "SUCCESSFUL", "FAILED"},
      {"bitbucketServer", "bitbucket_server_push", "POT/kiln", "POT/repos/kiln", "INPROGRESS", "SUCCESSFUL", "FAILED"},
  };
  std::vector<feedback::AccountOptions> accounts;
  for (const auto& row : table) accounts.push_back(account(row.provider));
  const auto sender = begin(accounts);
  for (const auto& row : table) {
    const auto good = push(row.event_type, row.full_name);
    ASSERT_TRUE(is_told(good, {row.pending})) << row.provider;
    finish();
    ASSERT_TRUE(is_told(good, {row.pending, row.success})) << row.provider;
    EXPECT_EQ(forge.told().back().repository, row.repository);
    EXPECT_EQ(forge.told().back().description, "2 suspicious commits, 12.5 % of the history");
    EXPECT_TRUE(forge.told().back().url.starts_with("https://cadence.example/pages/jobs/"));
    const auto bad = push(row.event_type, row.full_name);
    ASSERT_TRUE(is_told(bad, {row.pending}));
    finish("analysis failed: secret.internal does not answer");
    ASSERT_TRUE(is_told(bad, {row.pending, row.failure})) << row.provider;
    EXPECT_EQ(forge.told().back().description, "The analysis could not be done") << "a status may be public";
  }
  EXPECT_EQ(forge.faults(), Texts{});
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  std::uint64_t sent = 0;
  for (const auto& [provider, counts] : sender->state().by_provider) sent += counts.sent;
  EXPECT_EQ(sent, 24u);
}

TEST_P(Feedback, TwoReplicasTellEachStatusOnce) {
  const auto second_store = open();
  Sender second(
      *second_store->outbox(), {{account("github")}, {}, false}, [](const std::string&) { return ""; }, quick());
  const auto first = begin({account("github")});
  std::set<std::string> commits;
  for (int i = 0; i < 25; ++i) commits.insert(push());
  EXPECT_TRUE(eventually([&] { return forge.told().size() == 25u && waiting() == 0; }));
  for (int i = 0; i < 25; ++i) finish();
  EXPECT_TRUE(eventually([&] { return forge.told().size() == 50u && waiting() == 0; }));
  for (const auto& commit : commits) EXPECT_EQ(forge.states(commit), (Texts{"pending", "success"}));
  EXPECT_EQ(forge.requests(), 50);
}

TEST_P(Feedback, ArrivesWhateverWasAnsweredBefore) {
  const auto reset = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch()).count() - 60);
  const std::vector<net::Response> answers = {
      net::json_response(500, "{}"),
      {503, {{"Retry-After", "1"}}, "<html>maintenance</html>"},
      {429, {{"Retry-After", "1"}}, R"({"message":"slow down"})"},
      {403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", reset}}, R"({"message":"API rate limit exceeded"})"},
      net::json_response(401, R"({"message":"Bad credentials"})"),
      net::text_response(201, "welcome"),
      net::text_response(201, std::string(100U << 20U, 'x')),
      {0, {}, ""},
      net::text_response(200, "{\"half\":"),
      net::text_response(600, "")};
  auto how = quick();
  how.limit = milliseconds(1000);
  forge.answer_next(answers);
  const auto commit = push();
  const auto sender = begin({account("github")}, how);
  EXPECT_TRUE(is_told(commit, {"pending"}));
  EXPECT_GT(forge.requests(), 9);
  EXPECT_GT(sender->state().by_provider["github"].retried, 8u);
  forge.answer_next(answers);
  finish();
  EXPECT_TRUE(is_told(commit, {"pending", "success"}));
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(sender->state().by_provider["github"].given_up, 0u);
}

TEST_P(Feedback, ATokenThatWasReplacedIsUsed) {
  forge.write_token("an-old-one");
  const auto commit = push();
  const auto sender = begin({account("github")});
  EXPECT_TRUE(eventually([&] { return forge.requests() > 1; }));
  EXPECT_EQ(forge.states(commit), Texts{});
  std::filesystem::remove(forge.token_file());
  const auto before = forge.requests();
  EXPECT_TRUE(eventually([&] { return sender->state().by_provider["github"].retried > 4; }));
  EXPECT_LE(forge.requests(), before + 1) << "without a token nobody is asked";
  forge.write_token(test::ForgeDouble::kToken);
  EXPECT_TRUE(is_told(commit, {"pending"}));
}

TEST_P(Feedback, WhatIsRefusedForGoodIsGivenUpAndTheVerdictIsTriedAllTheSame) {
  forge.answer_next({net::json_response(404, R"({"message":"Not Found"})")});
  const auto commit = push();
  const auto sender = begin({account("github")});
  EXPECT_TRUE(eventually([&] { return sender->state().by_provider["github"].given_up == 1; }));
  EXPECT_EQ(waiting(), 0);
  finish();
  EXPECT_TRUE(is_told(commit, {"success"}));
  EXPECT_EQ(forge.requests(), 2);
}

TEST_P(Feedback, WhatIsOwedForTooLongIsGivenUp) {
  forge.answer_all(net::json_response(500, "{}"));
  auto how = quick();
  how.give_up_after = std::chrono::seconds(0);
  (void)push();
  finish();
  const auto sender = begin({account("github")}, how);
  EXPECT_TRUE(eventually([&] { return sender->state().by_provider["github"].given_up == 1; }));
  EXPECT_EQ(waiting(), 0);
}

TEST_P(Feedback, AProviderThatHangsHoldsUpNoOther) {
  auto how = quick();
  how.hands = 2;
  how.limit = milliseconds(500);
  how.rest = {milliseconds(60000), 1.0, milliseconds(60000), 0};
  forge.answer_all(net::Response{0, {}, ""});
  for (int i = 0; i < 20; ++i) (void)push();
  const auto sender = begin({account("github"), account("gitlab")}, how);
  EXPECT_TRUE(eventually([&] { return sender->state().by_provider["github"].retried > 0; }));
  forge.answer_all(std::nullopt);
  const auto other = push("gitlab_push");
  EXPECT_TRUE(is_told(other, {"pending"}));
  EXPECT_LE(forge.count("POST /github"), 2) << "one rest for all, not one for each";
  EXPECT_TRUE(eventually([&] { return waiting() == 20; }));
}

TEST_P(Feedback, APendingNeverComesAfterItsVerdict) {
  auto how = quick();
  how.limit = milliseconds(700);
  forge.answer_next({{0, {}, ""}});
  const auto commit = push();
  const auto sender = begin({account("github")}, how);
  ASSERT_TRUE(eventually([&] { return forge.requests() == 1; }));
  finish();
  EXPECT_TRUE(is_told(commit, {"success"})) << "the pending under way was never answered, and is not told again";
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(forge.requests(), 2);
}

TEST_P(Feedback, WhoStopsLeavesTheRestToOthersAtOnce) {
  forge.answer_all(net::Response{0, {}, ""});
  auto how = quick();
  how.limit = milliseconds(20000);
  const auto commit = push();
  auto sender = begin({account("github")}, how);
  ASSERT_TRUE(eventually([&] { return forge.requests() == 1; }));
  sender->stop();
  const auto left = store->outbox()->claim(5, milliseconds(60000));
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 1u) << "no lease stands in the way";
  EXPECT_EQ(left->front().attempt, 1) << "and it was no attempt";
  EXPECT_EQ(left->front().spec.commit, commit);
}

TEST_P(Feedback, WhatHasNoEntryAnyMoreIsNoLongerOwed) {
  (void)push("gitea_push");
  const auto sender = begin({account("github")});
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(forge.requests(), 0);
}

TEST_P(Feedback, AnAppTellsByOneCheckRunForEachJob) {
  const auto sender = begin({app()});
  const auto commit = push();
  ASSERT_TRUE(is_told(commit, {"queued"}));
  finish();
  ASSERT_TRUE(is_told(commit, {"queued", "neutral"}));
  const auto other = push();
  ASSERT_TRUE(is_told(other, {"queued"}));
  finish("analysis failed");
  ASSERT_TRUE(is_told(other, {"queued", "failure"}));
  EXPECT_EQ(forge.faults(), Texts{});
  EXPECT_EQ(forge.count("POST /github/api/v3/repos"), 2);
  EXPECT_EQ(forge.count("PATCH /github/api/v3/repos"), 2);
  EXPECT_EQ(forge.count("POST /github/api/v3/app"), 1) << "the token is kept";
}

TEST_P(Feedback, AnAppFindsTheCheckRunThatItCouldNotNote) {
  const auto commit = push();
  const auto lost = store->outbox()->claim(1, milliseconds(0));
  ASSERT_TRUE(lost && lost->size() == 1);
  feedback::Account before(app());
  ASSERT_EQ(before.tell(lost->front(), "", std::chrono::seconds(10), {}).kind, feedback::Answer::Kind::Taken);
  const auto sender = begin({app()});
  ASSERT_TRUE(is_told(commit, {"queued", "queued"}));
  finish();
  ASSERT_TRUE(is_told(commit, {"queued", "queued", "neutral"}));
  EXPECT_EQ(forge.count("POST /github/api/v3/repos"), 1);
  EXPECT_EQ(forge.faults(), Texts{});
}

TEST_P(Feedback, AnAppWhoseTokenWasTakenBackAsksForAnother) {
  const auto sender = begin({app()});
  const auto commit = push();
  ASSERT_TRUE(is_told(commit, {"queued"}));
  forge.answer_next({net::json_response(401, R"({"message":"Bad credentials"})")});
  finish();
  EXPECT_TRUE(is_told(commit, {"queued", "neutral"}));
  EXPECT_EQ(forge.count("POST /github/api/v3/app"), 2);
}

TEST_P(Feedback, NobodyElsesCertificateIsTaken) {
  auto stranger = account("github");
  stranger.ca_file.clear();
  (void)push();
  const auto sender = begin({stranger});
  EXPECT_TRUE(eventually([&] { return sender->state().by_provider["github"].retried > 1; }));
  EXPECT_EQ(forge.requests(), 0);
}

INSTANTIATE_TEST_SUITE_P(Adapters, Feedback, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
