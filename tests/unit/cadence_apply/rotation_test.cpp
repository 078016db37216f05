// Rotations, planned and carried out against a model in which a pod sees a Secret as it was up to some minutes ago.
#include "secret_world.hpp"

namespace cadence::apply {
namespace {

TEST(RotateAuthority, EveryPodTrustsEveryOtherAllTheTime) {
  SecretWorld world;
  const auto old = world.value("c-ca", "tls.crt");
  world.ask("c-ca", "1");
  for (int round = 0; round < 60; ++round) {
    world.carry_out(world.plan());
    world.pass();
    world.expect_trust("round " + std::to_string(round));
  }
  EXPECT_NE(world.value("c-ca", "tls.crt"), old);
  for (const char* name : {"c-ca", "c-postgres-tls", "c-lb-tls", "c-postgres-app"})
    EXPECT_EQ(world.value(name, "ca.crt"), world.value("c-ca", "tls.crt")) << name;
  EXPECT_EQ(world.secrets.at("c-ca").data.contains("next.key"), false);
  const auto length = world.story.size();
  for (int round = 0; round < 20; ++round) world.carry_out(world.plan());
  EXPECT_EQ(world.story.size(), length) << "one wish, one rotation";
}

struct Mishap {
  const char* name;
  std::function<void(SecretWorld&)> befall;
};

net::KeyPair another_authority(SecretWorld& world) {
  return *net::make_ca("another", plan::kAuthorityLifetime, world.now);
}

// What users, backups and tools do to the authority's Secret while pods run.
std::vector<Mishap> mishaps_of_the_authority() {
  return {
      {"deleted", [](SecretWorld& w) { w.lose("c-ca"); }},
      {"emptied",
       [](SecretWorld& w) {
         for (const char* key : {"tls.crt", "tls.key", "ca.crt"}) w.edit("c-ca", key, "");
       }},
      {"its key is gone", [](SecretWorld& w) { w.edit("c-ca", "tls.key", ""); }},
      {"its key is another's", [](SecretWorld& w) { w.edit("c-ca", "tls.key", another_authority(w).key_pem); }},
      {"its certificate is garbage",
       [](SecretWorld& w) {
         w.edit("c-ca", "tls.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
       }},
      {"its certificate is a leaf's",
       [](SecretWorld& w) {
         const auto leaf = w.secrets.at("c-lb-tls");
         for (const char* key : {"tls.crt", "tls.key"}) w.edit("c-ca", key, SecretWorld::value(leaf, key));
       }},
      {"what it tells to trust is gone", [](SecretWorld& w) { w.edit("c-ca", "ca.crt", ""); }},
      {"replaced by hand",
       [](SecretWorld& w) {
         const auto pair = another_authority(w);
         w.edit("c-ca", "tls.crt", pair.certificate_pem), w.edit("c-ca", "tls.key", pair.key_pem),
             w.edit("c-ca", "ca.crt", pair.certificate_pem);
       }},
      {"replaced by hand without ca.crt and annotations",
       [](SecretWorld& w) {
         const auto pair = another_authority(w);
         auto bare = w.secrets.at("c-ca");
         bare.metadata.annotations.clear();
         bare.data = {{"tls.crt", base::to_base64(pair.certificate_pem)}, {"tls.key", base::to_base64(pair.key_pem)}};
         w.keep(bare);
       }},
      {"deleted twice",
       [](SecretWorld& w) {
         w.lose("c-ca");
         for (int i = 0; i < 4; ++i) w.carry_out(w.plan()), w.pass();
         w.lose("c-ca");
       }},
      {"deleted while a second one is prepared",
       [](SecretWorld& w) {
         w.ask("c-ca", "1");
         for (int i = 0; i < 3; ++i) w.carry_out(w.plan()), w.pass();
         w.lose("c-ca");
       }},
      {"deleted in the middle of a rotation",
       [](SecretWorld& w) {
         w.ask("c-ca", "1");
         for (int i = 0; i < 14; ++i) w.carry_out(w.plan()), w.pass();
         w.lose("c-ca");
       }},
  };
}

// Put under its name by hand, or from the backup of another cluster: the notes on the Secret are still those of the one
// before.
TEST(ALeafsSecret, ThatNobodyHereSignedIsIssuedAgain) {
  for (const char* name : {"c-postgres-tls", "c-lb-tls"}) {
    SecretWorld world;
    const auto stranger = another_authority(world);
    const auto pair =
        *net::issue_certificate(stranger, {.common_name = "another", .dns_names = {"another"}}, world.now);
    auto secret = world.secrets.at(name);
    secret.data = {{"tls.crt", base::to_base64(pair.certificate_pem)},
                   {"tls.key", base::to_base64(pair.key_pem)},
                   {"ca.crt", base::to_base64(stranger.certificate_pem)}};
    world.keep(secret);
    world.settle();
    const auto authority = SecretWorld::value(world.secrets.at("c-ca"), "tls.crt");
    EXPECT_TRUE(net::is_issued_by(SecretWorld::value(world.secrets.at(name), "tls.crt"), authority)) << name;
    EXPECT_NE(SecretWorld::value(world.secrets.at(name), "ca.crt").find(authority), std::string::npos) << name;
    EXPECT_TRUE(world.plan().actions.empty()) << name << ": once\n" << to_text(world.plan());
  }
}

// The operator is killed after every write, or never.
TEST(TheAuthoritysSecret, HoweverItIsLostPodsTrustEachOtherAndEndWithOneAuthority) {
  for (const auto& mishap : mishaps_of_the_authority()) {
    for (const std::size_t writes : {1U, 1000U}) {
      SecretWorld world;
      for (int round = 0; round < 3; ++round) world.carry_out(world.plan()), world.pass();
      mishap.befall(world);
      for (int round = 0; round < 70; ++round) {
        world.carry_out(world.plan(), writes);
        world.pass();
        world.expect_trust(mishap.name);
        if (::testing::Test::HasFatalFailure()) return;
      }
      world.expect_one_authority(mishap.name);
      const auto length = world.story.size();
      for (int round = 0; round < 20; ++round) world.carry_out(world.plan());
      EXPECT_EQ(world.story.size(), length) << mishap.name << ": it comes to rest";
    }
  }
}

TEST(TheAuthoritysSecret, PutBackFromABackupIsTakenWithoutABreak) {
  SecretWorld world;
  const auto old = world.secrets.at("c-ca");
  world.ask("c-ca", "1");
  for (int round = 0; round < 70; ++round) world.carry_out(world.plan()), world.pass();
  ASSERT_NE(world.value("c-ca", "tls.crt"), SecretWorld::value(old, "tls.crt"));
  world.keep(old);
  for (int round = 0; round < 70; ++round) {
    world.carry_out(world.plan());
    world.pass();
    world.expect_trust("reverted");
  }
  world.expect_one_authority("reverted");
  EXPECT_EQ(world.value("c-ca", "tls.crt"), SecretWorld::value(old, "tls.crt"));
}

// A whole backup fits together: nothing is to be done, and pods meet again as soon as their mounts show it.
TEST(TheAuthoritysSecret, PutBackTogetherWithAllItSignedIsTakenAsItIs) {
  SecretWorld world;
  const auto old = world.secrets;
  const auto old_issuer = world.issuer;
  world.ask("c-ca", "1");
  for (int round = 0; round < 70; ++round) world.carry_out(world.plan()), world.pass();
  ASSERT_NE(world.value("c-ca", "tls.crt"), SecretWorld::value(old.at("c-ca"), "tls.crt"));
  for (const auto& [name, secret] : old) world.keep(secret);
  world.issuer = old_issuer;
  const auto length = world.story.size();
  for (int round = 0; round < 20; ++round) world.carry_out(world.plan()), world.pass();
  EXPECT_EQ(world.story.size(), length);
  world.expect_one_authority("restored");
  for (const auto& [name, secret] : old) EXPECT_EQ(world.secrets.at(name).data, secret.data) << name;
}

TEST(ALeafsSecret, IsMadeAgainHoweverItIsLost) {
  for (const std::string leaf : {"c-postgres-tls", "c-lb-tls"}) {
    SecretWorld rotated;
    const auto before = rotated.secrets.at(leaf);
    rotated.ask("c-ca", "1");
    for (int round = 0; round < 70; ++round) rotated.carry_out(rotated.plan()), rotated.pass();
    const std::vector<Mishap> mishaps{
        {"deleted", [&](SecretWorld& w) { w.lose(leaf); }},
        {"emptied",
         [&](SecretWorld& w) {
           for (const char* key : {"tls.crt", "tls.key", "ca.crt"}) w.edit(leaf, key, "");
         }},
        {"its key is another's", [&](SecretWorld& w) { w.edit(leaf, "tls.key", another_authority(w).key_pem); }},
        {"random bytes", [&](SecretWorld& w) { w.edit(leaf, "tls.crt", "\x01\xfe random"); }},
        {"put back from before the authority changed",
         [&](SecretWorld& w) {
           w.keep(before);
           w.issuer[leaf] = "an authority of before";
         }},
        {"it and the authority deleted at once", [&](SecretWorld& w) { w.lose("c-ca"), w.lose(leaf); }},
    };
    for (const auto& mishap : mishaps) {
      auto world = rotated;
      mishap.befall(world);
      for (int round = 0; round < 70; ++round) world.carry_out(world.plan(), round % 2 == 0 ? 1 : 1000), world.pass();
      world.expect_one_authority(leaf + " " + mishap.name);
    }
  }
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

// As the annotations were that earlier versions wrote and went by.
TEST(Certificates, EndWhenTheyEndWhateverIsNotedOnTheirSecrets) {
  for (const char* noted : {"2099-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "nonsense"}) {
    for (const char* name : {"c-postgres-tls", "c-lb-tls", "c-ca"}) {
      SCOPED_TRACE(std::string(name) + " " + noted);
      SecretWorld world;
      const auto note = [&] {
        for (const char* one : {"c-postgres-tls", "c-lb-tls", "c-ca"}) {
          auto secret = world.secrets.at(one);
          for (const char* key : {"not-after", "not-before", "issuer"})
            secret.metadata.annotations[std::string("cadence.noslop.tech/") + key] = noted;
          world.keep(secret);
        }
      };
      const auto first = world.value(name, "tls.crt");
      note();
      world.settle();
      EXPECT_EQ(world.value(name, "tls.crt"), first) << "not before its time";
      EXPECT_TRUE(world.story.empty());
      const bool is_authority = std::string(name) == "c-ca";
      world.now += (is_authority ? plan::kAuthorityLifetime : plan::kCertificateLifetime) * 3 / 4;
      for (int round = 0; round < 40; ++round) note(), world.carry_out(world.plan()), world.pass();
      const auto second = world.value(name, "tls.crt");
      EXPECT_NE(second, first) << "when it is time";
      for (int round = 0; round < 10; ++round) note(), world.carry_out(world.plan()), world.pass();
      EXPECT_EQ(world.value(name, "tls.crt"), second) << "once";
      world.expect_one_authority(noted);
    }
  }
}

// Nobody would sign with the next one in time, and the old one would end.
TEST(RotateAuthority, GoesOnWhateverTimeIsNotedOnItsStage) {
  for (const char* noted : {"2099-01-01T00:00:00Z", "2000-01-01T00:00:00Z"}) {
    SecretWorld world;
    world.ask("c-ca", "1");
    for (int round = 0; round < 80; ++round) {
      auto secret = world.secrets.at("c-ca");
      auto& annotations = secret.metadata.annotations;
      if (const auto stage = annotations.find(names::kStageAnnotation); stage != annotations.end()) {
        stage->second = stage->second.substr(0, stage->second.find(' ') + 1) + noted;
        world.keep(secret);
      }
      world.carry_out(world.plan());
      world.pass();
      world.expect_trust(std::string(noted) + " round " + std::to_string(round));
    }
    world.expect_one_authority(noted);
    EXPECT_FALSE(world.secrets.at("c-ca").metadata.annotations.contains(names::kStageAnnotation)) << noted;
  }
}

// Of the user's own: a third of its life is another time than of one that the operator makes.
TEST(Certificates, AnAuthorityThatIsPutInIsRenewedInTheLastThirdOfItsOwnLife) {
  SecretWorld world;
  for (int round = 0; round < 3; ++round) world.carry_out(world.plan()), world.pass();
  const auto pair = *net::make_ca("own", std::chrono::hours(24 * 30), world.now);
  world.edit("c-ca", "tls.crt", pair.certificate_pem);
  world.edit("c-ca", "tls.key", pair.key_pem);
  for (int round = 0; round < 70; ++round) world.carry_out(world.plan()), world.pass();
  EXPECT_EQ(world.value("c-ca", "tls.crt"), pair.certificate_pem) << "it is used";
  world.expect_one_authority("own");
  world.now += std::chrono::hours(24 * 21);
  for (int round = 0; round < 70; ++round) world.carry_out(world.plan()), world.pass();
  EXPECT_NE(world.value("c-ca", "tls.crt"), pair.certificate_pem);
  world.expect_one_authority("renewed");
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
      world.seen.instances["c-postgres-1"].roles_hash =
          postgres::hash_of({world.value(app, "username"), world.value(app, "next-username"),
                             world.value(app, "retired-username"), world.value(app, "serial")});
    };
    bring();
    world.settle();
    EXPECT_NE(world.value(app, "uri"), before);
    EXPECT_NE(world.value(app, "uri")
                  .find(world.value(app, "username") + ":" + world.value(app, "password") +
                        "@c-postgres-rw.n.svc:5432,c-postgres.n.svc:5432/cadence?target_session_attrs=read-write"),
              std::string::npos);
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
  for (const auto kind : {Kind::AdoptAuthority, Kind::SwitchAuthority, Kind::SwitchLogin})
    EXPECT_FALSE(changed(empty, {kind, "", "", ""}, empty, {}));
  for (const char* key : {"next-username", "next-password"}) {
    Secret half;
    half.data[key] = base::to_base64("left");
    EXPECT_FALSE(changed(half, {Kind::SwitchLogin, "", "", ""}, empty, {})) << "only " << key;
  }
}

}  // namespace
}  // namespace cadence::apply
