// What a plan's writes look like on the wire, against an API server that answers as one does.
#include "cadence/apply/apply.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "kube/types/core.hpp"
#include "net/pki.hpp"
#include "no_credentials.hpp"

namespace cadence::apply {
namespace {

using kube::types::Service;

struct Answers final : net::Transport {
  explicit Answers(std::vector<net::Request>& seen, net::Response answer) : seen_(seen), answer_(std::move(answer)) {}
  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds, std::stop_token) override {
    seen_.push_back(request);
    return answer_;
  }
  std::vector<net::Request>& seen_;
  net::Response answer_;
};

class ApplierTest : public ::testing::Test {
 protected:
  Outcome carry_out(const plan::Step& step, const net::Response& answer) {
    kube::client::Client client(std::make_unique<Answers>(seen, answer), std::make_shared<NoCredentials>(), {});
    Surroundings around;
    around.wrote = [this](const auto&, const json::Value&) { ++told; };
    around.finished = [](const auto&, const auto*) {};
    plan::Plan plan;
    plan.actions.push_back({step, {"Service", "c-lb"}, "Created", "Created Service c-lb"});
    return Applier(client, base::system_clock()).run(plan, "n", around, {});
  }
  static json::Value service(const char* manager) {
    return {
        {"metadata", {{"name", "c-lb"}, {"namespace", "n"}, {"labels", {{"app.kubernetes.io/managed-by", manager}}}}}};
  }
  json::Value sent() const { return *json::parse(seen.at(0).body); }

  std::vector<net::Request> seen;
  int told = 0;
};

TEST_F(ApplierTest, WhatIsNewIsOnlyMadeWhereNothingIs) {
  const auto ours = service("cadence-operator");
  EXPECT_FALSE(
      carry_out(plan::ApplyObject{&Service::kind_info(), ours, {}}, net::json_response(201, json::dump(ours))).failure);
  EXPECT_EQ(sent()["metadata"]["resourceVersion"], "1")
      << "the API server answers 409 where there is one, of any version";
  seen.clear();
  EXPECT_FALSE(carry_out(plan::ApplyObject{&Service::kind_info(), ours, "u"}, net::json_response(200, json::dump(ours)))
                   .failure);
  EXPECT_FALSE(sent()["metadata"].contains("resourceVersion"));
  EXPECT_EQ(sent()["metadata"]["uid"], "u")
      << "the API server answers 409 where it went, and makes no other of the little that is sent";
  EXPECT_EQ(told, 2);
}

TEST_F(ApplierTest, LabelsComeBackAloneAndOnlyToWhatWasSeen) {
  const plan::PatchObject lost{&Service::kind_info(),
                               "c-lb",
                               "u",
                               "7",
                               {{"metadata", {{"labels", {{"app.kubernetes.io/managed-by", "cadence-operator"}}}}}}};
  EXPECT_FALSE(carry_out(lost, net::json_response(200, json::dump(service("cadence-operator")))).failure);
  EXPECT_EQ(seen.at(0).method, "PATCH");
  EXPECT_EQ(sent(), *json::parse(
                        R"({"metadata":{"uid":"u","resourceVersion":"7",
    "labels":{"app.kubernetes.io/managed-by":"cadence-operator"}}})"));
}

// Nothing may wait for it in a cache that never shows it.
TEST_F(ApplierTest, LabelsThatAPolicyTakesOffAreSaid) {
  const auto outcome = carry_out(plan::ApplyObject{&Service::kind_info(), service("cadence-operator"), "u"},
                                 net::json_response(200, json::dump(service("Argo"))));
  ASSERT_EQ(outcome.refused.size(), 1U);
  EXPECT_EQ(outcome.refused.front().message,
            "Service c-lb lost its label app.kubernetes.io/managed-by as it was written. Except this namespace from "
            "the policy that takes labels off.");
  EXPECT_EQ(told, 0);
}

TEST_F(ApplierTest, WhatWasDoneFirstIsTold) {
  const auto ours = service("cadence-operator");
  kube::client::Client client(std::make_unique<Answers>(seen, net::json_response(200, json::dump(ours))),
                              std::make_shared<NoCredentials>(), {});
  Surroundings around;
  around.wrote = [](const auto&, const json::Value&) {};
  around.finished = [](const auto&, const auto*) {};
  plan::Plan plan;
  for (const char* why : {"Updated one", "Updated another", "Updated a third"})
    plan.actions.push_back({plan::ApplyObject{&Service::kind_info(), ours, "u"}, {"Service", "c-lb"}, "Updated", why});
  const auto outcome = Applier(client, base::system_clock()).run(plan, "n", around, {});
  EXPECT_EQ(outcome.done, 3U);
  EXPECT_EQ(outcome.first_done, "Updated one");
}

TEST_F(ApplierTest, AStageOfARotationIsNotMadeOfAnotherSecretThanWasSeen) {
  const json::Value live{{"metadata", {{"name", "c-ca"}, {"namespace", "n"}, {"resourceVersion", "8"}}}};
  const auto outcome = carry_out(plan::ChangeSecret{plan::ChangeSecret::Kind::Trust, "c-ca", "7", "c-ca"},
                                 net::json_response(200, json::dump(live)));
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->error.kind, base::ErrorKind::Conflict);
  EXPECT_EQ(seen.size(), 1U) << "it was read, and nothing else";
}

TEST_F(ApplierTest, WhatMayBeRefusedDoesNotStopTheRestAndIsToldWithTheWayOut) {
  const auto no = net::json_response(
      403, R"({"reason":"Forbidden","message":"pods \"c-postgres-1\" is forbidden: exceeded quota: few, )"
           R"(requested: pods=1, used: pods=0, limited: pods=0\n a diff"})");
  kube::client::Client client(std::make_unique<Answers>(seen, no), std::make_shared<NoCredentials>(), {});
  Surroundings around;
  around.finished = [](const auto&, const auto*) {};
  plan::Plan plan;
  for (const char* name : {"c-postgres-1", "c-postgres-2"})
    plan.actions.push_back({plan::ApplyObject{&kube::types::Pod::kind_info(), service("cadence-operator"), "u"},
                            {"Pod", name},
                            "Created",
                            "",
                            "",
                            "spec.postgres"});
  const auto outcome = Applier(client, base::system_clock()).run(plan, "n", around, {});
  EXPECT_FALSE(outcome.failure);
  ASSERT_EQ(outcome.refused.size(), 2U);
  EXPECT_TRUE(outcome.refused.front().message.ends_with(". Raise ResourceQuota few, or lower spec.postgres.instances."))
      << outcome.refused.front().message;
}

// When its kubelets are to look is read off this.
TEST(ACertificate, SaysSinceWhenItIsThere) {
  const auto now = base::system_clock().wall();
  const auto pair = *net::make_ca("x", std::chrono::hours(1), now);
  kube::types::Secret authority;
  authority.data = {{"tls.crt", base::to_base64(pair.certificate_pem)}, {"tls.key", base::to_base64(pair.key_pem)}};
  const plan::SecretRecipe recipe{
      "c-lb-tls", {{"name", "c-lb-tls"}}, plan::SecretRecipe::Certificate{"c-ca", "c", {"c"}}, ""};
  const auto made = make_secret_object(recipe, authority, now);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->metadata.annotations.at(names::kTrustedAnnotation), base::format_rfc3339(now));
}

TEST(AStandIn, HoldsWhatItsSourceHoldsAndNamesIt) {
  kube::types::Secret source;
  source.data = {{"a", "eA=="}};
  const plan::SecretRecipe recipe{
      "c-copy-of-own-1", {{"name", "c-copy-of-own-1"}}, plan::SecretRecipe::StandIn{"own"}, ""};
  const auto made = make_secret_object(recipe, source, base::system_clock().wall());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->data, source.data);
  EXPECT_EQ(made->metadata.annotations.at(names::kCopyOfAnnotation), "own");
}

TEST(CopyOfAPair, IsOnlyMadeOfTheOneThatWasJudged) {
  const auto now = base::system_clock().wall();
  const auto pair = *net::make_ca("x", std::chrono::hours(1), now),
             other = *net::make_ca("y", std::chrono::hours(1), now);
  kube::types::Secret source;
  source.data = {{"tls.crt", base::to_base64(pair.certificate_pem)},
                 {"tls.key", base::to_base64(pair.key_pem)},
                 {"ca.crt", "eA=="}};
  const plan::SecretRecipe recipe{"c-lb-tls",
                                  {{"name", "c-lb-tls"}},
                                  plan::SecretRecipe::Copy{"own", facts::certificate_mark(source.data["tls.crt"])},
                                  "3"};
  EXPECT_EQ(authority_of(recipe), "own");
  const auto made = make_secret_object(recipe, source, now);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->data, (std::map<std::string, std::string>{{"tls.crt", source.data["tls.crt"]},
                                                            {"tls.key", source.data["tls.key"]}}));
  EXPECT_EQ(made->metadata.annotations.at(names::kCopyOfAnnotation), "own");
  EXPECT_EQ(made->metadata.resource_version, "3");
  source.data["tls.key"] = base::to_base64(other.key_pem);
  EXPECT_EQ(make_secret_object(recipe, source, now).error().kind, base::ErrorKind::Conflict) << "it fits no more";
  source.data["tls.crt"] = base::to_base64(other.certificate_pem);
  EXPECT_EQ(make_secret_object(recipe, source, now).error().kind, base::ErrorKind::Conflict)
      << "another than the one that was judged";
  EXPECT_EQ(make_secret_object(recipe, std::nullopt, now).error().kind, base::ErrorKind::Conflict);
}

}  // namespace
}  // namespace cadence::apply
