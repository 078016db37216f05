// Secrets with passwords that somebody deletes or empties, one or two at once, with the operator killed in between.
#include "secret_world.hpp"

namespace cadence::apply {
namespace {

TEST(PasswordsSecrets, AreMadeAgainWhereAKeyIsGone) {
  const std::vector<std::pair<const char*, const char*>> rows{{"c-postgres-superuser", "password"},
                                                              {"c-postgres-replication", "password"},
                                                              {"c-postgres-app", "uri"},
                                                              {"c-webhook-github", "secret"}};
  for (const auto& [name, key] : rows) {
    SecretWorld world;
    world.edit(name, key, "");
    world.carry_out(world.plan());
    EXPECT_NE(world.value(name, key), "") << name;
    EXPECT_TRUE(std::none_of(world.plan().actions.begin(), world.plan().actions.end(),
                             [](const auto& action) { return std::holds_alternative<plan::MakeSecret>(action.step); }));
  }
}

struct Password {
  std::string name, key;
};
const Password kPasswords[] = {{"c-postgres-superuser", "password"}, {"c-postgres-replication", "password"},
                               {"c-postgres-app", "password"},       {"c-redis-auth", "operator-password"},
                               {"c-redis-auth", "password"},         {"c-redis-auth", "webhook-password"},
                               {"c-webhook-github", "secret"},       {"c-api", "token"}};

const std::vector<std::pair<const char*, std::function<void(SecretWorld&, const std::string&)>>> kLosses{
    {"deleted", [](SecretWorld& w, const std::string& name) { w.lose(name); }},
    {"emptied",
     [](SecretWorld& w, const std::string& name) {
       auto bare = w.secrets.at(name);
       bare.data.clear();
       w.keep(bare);
     }},
    {"blank", [](SecretWorld& w, const std::string& name) {
       auto bare = w.secrets.at(name);
       for (auto& [key, value] : bare.data) value = base::to_base64(" \n");
       w.keep(bare);
     }}};

TEST(PasswordsSecrets, WhatWasLostLocksNobodyOut) {
  const SecretWorld healthy;
  for (const auto& [name, key] : kPasswords) {
    for (const auto& [what, lose] : kLosses) {
      SCOPED_TRACE(name + " " + what);
      auto world = healthy;
      const auto before = world.value(name, key);
      lose(world, name);
      world.carry_out(world.plan());
      const bool turns = name == "c-redis-auth";
      EXPECT_EQ(world.value(name, turns ? "previous-" + key : key), before);
      EXPECT_EQ(world.value(name, key) == before, !turns);
      EXPECT_NE(world.value(name, key), "");
      lose(world, name);
      world.whole.clear();
      world.carry_out(world.plan());
      EXPECT_NE(world.value(name, key), "") << "an operator that remembers nothing makes another";
      EXPECT_NE(world.value(name, key), before);
    }
  }
}

TEST(PasswordsSecrets, EarlierOnesOfRedisAreDroppedWhenAllHaveTheNew) {
  SecretWorld world;
  world.lose("c-redis-auth");
  world.settle();
  const auto password = world.value("c-redis-auth", "operator-password");
  world.now += std::chrono::minutes(9);
  world.settle();
  EXPECT_NE(world.value("c-redis-auth", "previous-operator-password"), "");
  world.now += std::chrono::minutes(2);
  world.settle();
  EXPECT_EQ(world.secrets.at("c-redis-auth").data.size(), 3U);
  EXPECT_EQ(world.value("c-redis-auth", "operator-password"), password);
  EXPECT_TRUE(world.secrets.at("c-redis-auth").metadata.annotations.empty());
}

// An edit, or a Secret that was copied by a machine whose clock was wrong.
TEST(PasswordsSecrets, AStageThatIsYetToComeIsSaidAndWaitedForNoLongerWhenItIsMended) {
  SecretWorld world;
  world.lose("c-redis-auth");
  world.settle();
  const auto note = [&](const std::string& time) {
    auto secret = world.secrets.at("c-redis-auth");
    secret.metadata.annotations[names::kStageAnnotation] = "replaced " + time;
    world.keep(secret);
  };
  const auto objections = [&] {
    std::string out;
    for (const auto& objection : world.plan().objections) out += objection.message;
    return out;
  };
  EXPECT_EQ(objections(), "");
  note("2099-01-01T00:00:00Z");
  EXPECT_NE(objections().find("Secret c-redis-auth: annotation cadence.noslop.tech/rotation names a time to come, "
                              "2099-01-01T00:00:00Z"),
            std::string::npos)
      << objections();
  note(base::format_rfc3339(world.now + std::chrono::seconds(30)));
  EXPECT_EQ(objections(), "") << "operators' clocks differ";
  world.now += std::chrono::minutes(11);
  world.settle();
  EXPECT_EQ(world.value("c-redis-auth", "previous-operator-password"), "");
}

// As an older operator left it.
TEST(PasswordsSecrets, AKeyThatWasNotThereTurnsNoOther) {
  SecretWorld world;
  const auto before = world.secrets.at("c-redis-auth");
  world.edit("c-redis-auth", "webhook-password", "");
  world.settle();
  const auto after = world.secrets.at("c-redis-auth");
  EXPECT_NE(world.value("c-redis-auth", "webhook-password"), "");
  for (const char* key : {"password", "operator-password"})
    EXPECT_EQ(world.value("c-redis-auth", key), SecretWorld::value(before, key)) << key;
  EXPECT_EQ(after.data.size(), 3U);
  EXPECT_TRUE(after.metadata.annotations.empty());
}

TEST(RotateSecret, PasswordsOfRedisTurnOnceForEachWish) {
  SecretWorld world;
  const auto first = world.value("c-redis-auth", "password");
  world.ask("c-redis-auth", "1");
  world.settle();
  const auto second = world.value("c-redis-auth", "password");
  EXPECT_NE(second, first);
  EXPECT_EQ(world.value("c-redis-auth", "previous-password"), first);
  world.ask("c-redis-auth", "2");
  world.settle();
  EXPECT_EQ(world.value("c-redis-auth", "password"), second) << "servers may still take only the first";
  world.now += std::chrono::minutes(11);
  world.settle();
  EXPECT_EQ(world.value("c-redis-auth", "previous-password"), "") << "one turn for both wishes";
  EXPECT_EQ(world.value("c-redis-auth", "password"), second);
  world.ask("c-redis-auth", "2");
  world.settle();
  EXPECT_EQ(world.value("c-redis-auth", "password"), second) << "done";
}

class KeysOfLinks : public testing::Test {
 protected:
  KeysOfLinks() {
    auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
    cluster->spec.webhook.links.public_url = "https://cadence.example";
    world.seen.cluster = cluster;
    world.settle();
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    auto lines = base::split(world.value("c-links", "keys"), '\n');
    std::erase(lines, "");
    return lines;
  }
  SecretWorld world;
};

TEST_F(KeysOfLinks, ANewOneStandsAboveTheEarlierOnceForEachWish) {
  const auto first = keys();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_GE(first.front().size(), 32U) << "what a server takes";
  world.ask("c-links", "1");
  world.settle();
  const auto second = keys();
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second.back(), first.front()) << "links of before still open";
  EXPECT_NE(second.front(), first.front());
  world.settle();
  EXPECT_EQ(keys(), second) << "done";
  for (int wish = 2; wish < 20; ++wish) world.ask("c-links", std::to_string(wish)), world.settle();
  EXPECT_EQ(keys().size(), 8U) << "as many as servers try";
}

TEST_F(KeysOfLinks, AreTheUsersToTakeAway) {
  world.ask("c-links", "1");
  world.settle();
  const auto newest = keys().front();
  world.edit("c-links", "keys", newest + "\n");
  world.settle();
  EXPECT_EQ(keys(), std::vector{newest});
}

TEST_F(KeysOfLinks, LostOnesStandBelowTheNext) {
  const auto first = keys();
  world.lose("c-links");
  world.settle();
  ASSERT_EQ(keys().size(), 2U);
  EXPECT_EQ(keys().back(), first.front());
}

TEST_F(KeysOfLinks, GoWhenThereAreNoLinksAnyMore) {
  auto cluster = std::make_shared<api::CadenceCluster>(*world.seen.cluster);
  cluster->spec.webhook.links.public_url.clear();
  world.seen.cluster = cluster;
  world.settle();
  EXPECT_FALSE(std::any_of(world.plan().actions.begin(), world.plan().actions.end(),
                           [](const auto& action) { return std::holds_alternative<plan::MakeSecret>(action.step); }));
}

TEST(RotateSecret, ALeafIsIssuedAgainOnceForEachWish) {
  for (const char* name : {"c-postgres-tls", "c-lb-tls"}) {
    SecretWorld world;
    const auto first = world.value(name, "tls.crt");
    world.ask(name, "1");
    world.settle();
    const auto second = world.value(name, "tls.crt");
    EXPECT_NE(second, first) << name;
    world.ask(name, "1");
    world.settle();
    EXPECT_EQ(world.value(name, "tls.crt"), second) << name;
  }
}

TEST(RotateSecret, SaysHowWhereOthersHoldItToo) {
  for (const char* name : {"c-webhook-github", "c-api", "c-postgres-superuser", "c-postgres-replication"}) {
    SecretWorld world;
    const auto before = world.secrets.at(name).data;
    EXPECT_TRUE(world.plan().objections.empty());
    world.ask(name, "1");
    world.settle();
    EXPECT_EQ(world.secrets.at(name).data, before) << name;
    const auto plan = world.plan();
    ASSERT_EQ(plan.objections.size(), 1U) << name;
    EXPECT_EQ(plan.objections.front().reason, "NotRotatable");
    EXPECT_NE(plan.objections.front().message.find(std::string("Secret ") + name + ": annotation"), std::string::npos);
  }
}

// Nobody else would know it: the Secret would hold only what no server takes.
TEST(PasswordsSecrets, EarlierOnesOfRedisStayWhileAServerTakesNoOther) {
  SecretWorld world;
  world.lose("c-redis-auth");
  world.settle();
  redis::Reachable late;
  late.takes_earlier = true;
  world.seen.redis["c-redis-1-0"] = late;
  world.now += std::chrono::minutes(30);
  world.settle();
  EXPECT_NE(world.value("c-redis-auth", "previous-operator-password"), "");
  const auto plan = world.plan();
  ASSERT_FALSE(plan.objections.empty());
  EXPECT_EQ(plan.objections.back().reason, "SecretNotMounted");
  EXPECT_TRUE(plan.objections.back().message.starts_with(
      "Redis in c-redis-1-0 still takes only an earlier password of Secret c-redis-auth"))
      << plan.objections.back().message;
  world.seen.redis["c-redis-1-0"] = redis::Reachable{};
  world.settle();
  EXPECT_EQ(world.value("c-redis-auth", "previous-operator-password"), "");
}

// Two at once, and the operator killed after every write.
TEST(PasswordsSecrets, TwoLostAtOnceComeBackWhereverTheOperatorIsKilled) {
  const SecretWorld healthy;
  for (const auto& [first, first_key] : kPasswords) {
    for (const auto& [second, second_key] : kPasswords) {
      if (first >= second) continue;
      auto world = healthy;
      const auto before = world.secrets;
      world.lose(first);
      world.lose(second);
      for (int write = 0; write < 6; ++write) world.carry_out(world.plan(), 1);
      for (const auto& [name, key] : {std::pair(first, first_key), std::pair(second, second_key)}) {
        const auto kept = name == "c-redis-auth" ? "previous-" + key : key;
        EXPECT_EQ(world.value(name, kept), SecretWorld::value(before.at(name), key)) << first << " and " << second;
      }
    }
  }
}

// The role that is in use stays in use; only then does the other one take over.
TEST(RotateLogin, BeginsWhereTheSecretWasLost) {
  for (const auto& [what, lose] : kLosses) {
    SecretWorld world;
    world.initialise_postgres("c-postgres-1");
    const auto& app = "c-postgres-app";
    const auto bring = [&] {
      world.seen.instances["c-postgres-1"].roles_hash =
          postgres::hash_of({world.value(app, "username"), world.value(app, "next-username"),
                             world.value(app, "retired-username"), world.value(app, "serial")});
    };
    world.ask(app, "1"), world.settle(), bring(), world.settle(), world.now += std::chrono::minutes(11), world.settle();
    ASSERT_EQ(world.value(app, "username"), "cadence_a");
    const auto before = world.secrets.at(app).data;
    lose(world, app);
    world.settle();
    for (const char* key : {"username", "password", "uri"})
      EXPECT_EQ(world.secrets.at(app).data.at(key), before.at(key)) << what << ": " << key;
    EXPECT_EQ(world.value(app, "next-username"), "cadence_b");
    bring();
    world.settle();
    EXPECT_EQ(world.value(app, "username"), "cadence_b") << what;
    EXPECT_NE(world.secrets.at(app).data.at("password"), before.at("password"));
    world.now += std::chrono::minutes(11);
    world.settle();
    EXPECT_EQ(world.value(app, "retired-username"), "cadence_a") << what;
  }
}

// A name without its password is no login, and neither is a password alone.
TEST(RotateLogin, HalfALoginIsNotBroughtBack) {
  const SecretWorld world;
  for (const auto& recipe : plan::wanted_secrets(*world.seen.cluster)) {
    if (recipe.name != "c-postgres-app") continue;
    for (const char* key : {"username", "password"}) {
      Secret left;
      left.data[key] = base::to_base64("left");
      const auto made = make_secret_object(recipe, world.secrets.at("c-ca"), world.now, left);
      ASSERT_TRUE(made);
      for (const auto& [name, value] : made->data)
        EXPECT_TRUE(!value.empty() && base::from_base64(value) != "left") << name << " after " << key;
    }
  }
}

// The operator remembers nothing, and only the pods can tell which login is in use: that one stays good while the other
// one spreads.
TEST(RotateLogin, ASecretThatNobodyRemembersNamesTheOtherLogin) {
  for (const auto& [what, lose] : kLosses) {
    for (const auto& [in_force, other] : {std::pair("cadence", "cadence_a"), std::pair("cadence_a", "cadence_b"),
                                          std::pair("cadence_b", "cadence_a")}) {
      SecretWorld world;
      world.initialise_postgres("c-postgres-1");
      const auto& app = "c-postgres-app";
      world.seen.instances["c-postgres-1"].application_login = in_force;
      world.whole.clear();
      lose(world, app);
      world.settle();
      EXPECT_EQ(world.value(app, "username"), other) << what;
      EXPECT_EQ(world.value(app, "previous-username"), in_force) << what;
      EXPECT_NE(world.value(app, "uri").find(std::string("//") + other + ":" + world.value(app, "password") + "@"),
                std::string::npos);
      world.now += std::chrono::minutes(11);
      world.settle();
      EXPECT_EQ(world.value(app, "retired-username"), in_force) << what;
      EXPECT_FALSE(world.secrets.at(app).metadata.annotations.contains(names::kStageAnnotation));
    }
  }
}

}  // namespace
}  // namespace cadence::apply
