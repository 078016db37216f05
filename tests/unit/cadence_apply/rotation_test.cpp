// Rotations, planned and carried out against a model in which a pod sees a Secret as it was up to some minutes ago.
#include <gtest/gtest.h>

#include <deque>

#include "../cadence_plan/world.hpp"
#include "base/text.hpp"
#include "cadence/apply/secret_change.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/plan/rotation.hpp"
#include "postgres/logins.hpp"

namespace cadence::apply {
namespace {

using kube::types::Secret;
using plan::Plan;

constexpr std::chrono::seconds kRound{30};
constexpr int kRoundsLate = 9;  // a mount may be four and a half minutes old

class SecretWorld : public plan::World {
 public:
  SecretWorld() { settle(); }

  void settle() {
    for (int round = 0; round < 5; ++round) carry_out(plan());
  }

  void carry_out(const Plan& plan) {
    for (const auto& action : plan.actions) {
      if (const auto* make = std::get_if<plan::MakeSecret>(&action.step)) {
        const auto authority = secrets.contains("c-ca") ? std::optional(secrets.at("c-ca")) : std::nullopt;
        keep(*make_secret_object(make->recipe, authority, now));
        if (authority) issuer[make->recipe.name] = value(*authority, "tls.crt");
      }
      if (const auto* change = std::get_if<plan::ChangeSecret>(&action.step)) {
        story.push_back(change->name + " " + std::to_string(static_cast<int>(change->kind)));
        keep(*changed(secrets.at(change->name), change->kind, secrets.at("c-ca"), now));
      }
    }
    auto rest = plan;
    std::erase_if(rest.actions, [](const auto& action) { return std::holds_alternative<plan::MakeSecret>(action.step) || std::holds_alternative<plan::ChangeSecret>(action.step); });
    apply(rest);
  }

  void keep(const Secret& secret) {
    secrets[secret.metadata.name] = secret;
    seen.children.erase({"Secret", secret.metadata.name});
    put(Secret::kind_info(), kube::core::to_document(secret));
  }
  void ask(const std::string& name, const std::string& token) {
    auto secret = secrets.at(name);
    secret.metadata.annotations[plan::kRotateAnnotation] = token;
    keep(secret);
  }
  static std::string value(const Secret& secret, const std::string& key) {
    const auto found = secret.data.find(key);
    return found == secret.data.end() ? "" : base::from_base64(found->second).value_or("");
  }
  [[nodiscard]] std::string value(const std::string& name, const std::string& key) const { return value(secrets.at(name), key); }

  // A round later: what pods may see at the latest is remembered.
  void pass() {
    history.push_back(secrets);
    if (history.size() > kRoundsLate) history.pop_front();
    issuers.push_back(issuer);
    if (issuers.size() > kRoundsLate) issuers.pop_front();
    now += kRound;
  }

  std::map<std::string, Secret> secrets;
  std::map<std::string, std::string> issuer;  // certificate of the authority that signed the leaf
  std::deque<std::map<std::string, Secret>> history;
  std::deque<std::map<std::string, std::string>> issuers;
  std::vector<std::string> story;
};

TEST(RotateAuthority, EveryPodTrustsEveryOtherAllTheTime) {
  SecretWorld world;
  const auto old = world.value("c-ca", "tls.crt");
  world.ask("c-ca", "1");
  for (int round = 0; round < 60; ++round) {
    world.carry_out(world.plan());
    world.pass();
    for (const auto& signed_by : world.issuers) {
      for (const auto& mounted : world.history) {
        for (const char* trusting : {"c-postgres-tls", "c-lb-tls", "c-postgres-app"}) {
          for (const char* leaf : {"c-postgres-tls", "c-lb-tls"}) {
            ASSERT_NE(SecretWorld::value(mounted.at(trusting), "ca.crt").find(signed_by.at(leaf)), std::string::npos) << trusting << " must trust " << leaf << " in round " << round;
          }
        }
      }
    }
  }
  EXPECT_NE(world.value("c-ca", "tls.crt"), old);
  for (const char* name : {"c-ca", "c-postgres-tls", "c-lb-tls", "c-postgres-app"}) EXPECT_EQ(world.value(name, "ca.crt"), world.value("c-ca", "tls.crt")) << name;
  EXPECT_EQ(world.secrets.at("c-ca").data.contains("next.key"), false);
  const auto length = world.story.size();
  for (int round = 0; round < 20; ++round) world.carry_out(world.plan());
  EXPECT_EQ(world.story.size(), length) << "one wish, one rotation";
}

TEST(RotateAuthority, BeginsByItselfInTheLastThird) {
  SecretWorld world;
  world.now += plan::kAuthorityLifetime / 2;
  world.settle();
  EXPECT_TRUE(world.story.empty());
  world.now += plan::kAuthorityLifetime / 4;
  world.settle();
  EXPECT_FALSE(world.story.empty());
}

TEST(RotateLogin, TheOldPasswordWorksUntilNobodyUsesIt) {
  SecretWorld world;
  world.initialise_postgres("c-postgres-1");
  const auto& app = "c-postgres-app";
  std::vector<std::string> users;
  for (const char* wish : {"1", "2", "3"}) {
    const auto before = world.value(app, "uri");
    world.ask(app, wish);
    world.settle();
    EXPECT_EQ(world.value(app, "uri"), before) << "nobody may be told before the role exists";
    const auto bring = [&] {
      world.seen.instances["c-postgres-1"].roles_hash = postgres::hash_of(
          {world.value(app, "username"), world.value(app, "next-username"), world.value(app, "retired-username"), world.value(app, "serial")});
    };
    bring();
    world.settle();
    EXPECT_NE(world.value(app, "uri"), before);
    EXPECT_NE(world.value(app, "uri").find(world.value(app, "username") + ":" + world.value(app, "password") + "@c-postgres-rw.n.svc:5432,c-postgres.n.svc:5432/cadence?target_session_attrs=read-write"), std::string::npos);
    EXPECT_NE(world.value(app, "previous-username"), "") << "it still works";
    EXPECT_NE(world.value(app, "retired-username"), world.value(app, "previous-username"));
    world.now += std::chrono::minutes(11);
    world.settle();
    EXPECT_NE(world.value(app, "retired-username"), world.value(app, "username"));
    users.push_back(world.value(app, "username"));
  }
  EXPECT_EQ(users, (std::vector<std::string>{"cadence_a", "cadence_b", "cadence_a"}));
  EXPECT_EQ(world.value(app, "retired-username"), "cadence_b");
}

TEST(RotateLogin, WaitsForThePrimarysWord) {
  SecretWorld world;
  world.initialise_postgres("c-postgres-1");
  world.ask("c-postgres-app", "1");
  world.settle();
  world.now += std::chrono::hours(24);
  world.seen.instances["c-postgres-1"].roles_hash = "another";
  world.settle();
  EXPECT_EQ(world.value("c-postgres-app", "username"), "cadence");
}

TEST(ChangeSecret, FailsWhereThereIsNothingToSwitchTo) {
  const Secret empty;
  using Kind = plan::ChangeSecret::Kind;
  EXPECT_FALSE(changed(empty, Kind::SwitchAuthority, empty, {}));
  EXPECT_FALSE(changed(empty, Kind::SwitchLogin, empty, {}));
}

}  // namespace
}  // namespace cadence::apply
