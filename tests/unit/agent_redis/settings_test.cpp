#include "agent/redis/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cadence::agent::redis {
namespace {

using cadence::redis::Reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Secrets kFirst{"app", "op"}, kSecond{"app two", "op two"};

Reply texts(const std::vector<std::string>& words) {
  Reply out{.kind = Reply::Kind::Array, .text = {}, .integer = 0, .items = {}};
  for (const auto& word : words)
    out.items.push_back({.kind = Reply::Kind::Text, .text = word, .integer = 0, .items = {}});
  return out;
}

std::vector<std::string> hashes_of(const std::string& user, const std::vector<Secrets>& good) {
  for (const auto& command : password_commands(good))
    if (command[2] == user) return {command.begin() + 4, command.end()};
  return {};
}

std::string default_user(const std::vector<Secrets>& good, const std::string& rest = "~* &* +@all -@admin") {
  std::string out = "user default on";
  for (const auto& hash : hashes_of("default", good)) out += " " + hash;
  return out + " " + rest;
}

ServerState state(const std::vector<std::string>& users,
                  const std::vector<std::string>& settings = {"appendonly", "yes", "loglevel", "notice"}) {
  return read_state(texts(settings), texts(users), {"appendonly", "masterauth"});
}

TEST(Kept, AreTheSettingsOfTheFilesAndWhatDecidesOverDataAndAccess) {
  const auto named = settings_named_in("# a comment\n\nloglevel notice\n  hz 10\nsave \"\"\n");
  EXPECT_THAT(named, ElementsAre("hz", "loglevel", "save"));
  for (const auto* name :
       {"loglevel", "appendonly", "appendfsync", "min-replicas-to-write", "maxmemory-policy", "cluster-node-timeout",
        "replica-read-only", "repl-timeout", "bind", "timeout", "proto-max-bulk-len", "busy-reply-threshold",
        "list-max-listpack-size", "latency-tracking", "notify-keyspace-events", "dynamic-hz"})
    EXPECT_TRUE(is_kept(name, named)) << name;
  for (const auto* name :
       {"slowlog-log-slower-than", "replicaof", "slaveof", "requirepass", "latency-monitor-threshold"})
    EXPECT_FALSE(is_kept(name, named)) << name;
}

TEST(Repairs, AreNoneWhileNothingChanged) {
  const auto wanted = state({default_user({kFirst})});
  EXPECT_THAT(repairs(with_passwords(wanted, {kFirst}), state({default_user({kFirst})})), IsEmpty());
  EXPECT_THAT(repairs(with_passwords(wanted, {kFirst}),
                      state({default_user({kFirst})}, {"appendonly", "yes", "loglevel", "debug"})),
              IsEmpty())
      << "what nobody named may be changed for diagnosis";
}

TEST(Repairs, SetASettingBackAndSayFromWhatToWhat) {
  const auto out = repairs(state({}), state({}, {"appendonly", "no"}));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_THAT(out[0].request, ElementsAre("CONFIG", "SET", "appendonly", "yes"));
  EXPECT_EQ(out[0].what, "appendonly from \"no\" to \"yes\"");
}

TEST(Repairs, GiveAUserExactlyWhatHeHad) {
  const auto wanted = state({default_user({kFirst})});
  const auto hash = hashes_of("default", {kFirst}).front();
  for (const auto& found : {std::vector<std::string>{},
                            {default_user({kFirst}, "~* &* +@all")},
                            {"user default off sanitize-payload ~* &* +@all -@admin"},
                            {"user default on nopass ~* &* +@all -@admin"}}) {
    const auto out = repairs(with_passwords(wanted, {kFirst}), state(found));
    ASSERT_EQ(out.size(), 1U);
    EXPECT_THAT(out[0].request,
                ElementsAre("ACL", "SETUSER", "default", "reset", "on", "~*", "&*", "+@all", "-@admin", hash));
    EXPECT_THAT(out[0].what, Not(HasSubstr(hash)));
  }
}

TEST(Repairs, TakeAwayAUserWhoIsNoneOfOurs) {
  const auto out = repairs(state({}), state({"user eve on nopass ~* &* +@all"}));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_THAT(out[0].request, ElementsAre("ACL", "DELUSER", "eve"));
}

TEST(Repairs, FollowPasswordsThatTurn) {
  const auto wanted = state({default_user({kFirst})}, {"masterauth", "op"});
  EXPECT_THAT(repairs(with_passwords(wanted, {kFirst}), state({default_user({kFirst})}, {"masterauth", "op"})),
              IsEmpty());
  const auto both = with_passwords(wanted, {kSecond, kFirst});
  const auto masterauth = kSecond.shown();
  EXPECT_THAT(repairs(both, state({default_user({kSecond, kFirst})}, {"masterauth", masterauth})), IsEmpty());
  EXPECT_THAT(repairs(both, state({default_user({kFirst, kSecond})}, {"masterauth", masterauth})), IsEmpty())
      << "their order says nothing";
  const auto late = repairs(both, state({default_user({kFirst})}, {"masterauth", "op"}));
  ASSERT_EQ(late.size(), 2U);
  for (const auto& repair : late) EXPECT_THAT(repair.what, Not(HasSubstr("op"))) << "no password reaches the log";
}

}  // namespace
}  // namespace cadence::agent::redis
