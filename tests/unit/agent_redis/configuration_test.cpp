#include "agent/redis/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace cadence::agent::redis {
namespace {

using testing::HasSubstr;
using testing::Not;

const Secrets kSecrets{"app pass", "op \"pass\"\nuser intruder on nopass"};

TEST(ServerConfig, ComesAfterTheClustersAndQuotesEveryByte) {
  const auto text =
      render_server_config({}, {.ip = "10.0.0.7", .hostname = "a-redis-0-0.a-redis.ns.svc", .port = 6379}, kSecrets);
  EXPECT_TRUE(text.starts_with("include \"/etc/cadence/config/redis.conf\"\n"));
  for (const auto* line :
       {"\nport 6379\n", "\ndir \"/data\"\n", "\ncluster-announce-ip 10.0.0.7\n",
        "\ncluster-announce-hostname a-redis-0-0.a-redis.ns.svc\n", "\naclfile \"/run/redis/users.acl\"\n",
        "\nmasteruser replication\n", "\nenable-debug-command no\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("\nmasterauth \"op\\x20\\x22pass\\x22\\x0auser\\x20intruder"));
  EXPECT_THAT(text, Not(HasSubstr("app pass")));
}

TEST(ServerConfig, AnnouncesNothingItDoesNotKnow) {
  EXPECT_THAT(render_server_config({}, {}, kSecrets), Not(HasSubstr("announce")));
}

TEST(Users, HoldHashesOnlyAndEraseNothing) {
  const auto text = render_users(kSecrets, "local one");
  EXPECT_THAT(text, Not(HasSubstr("app pass")));
  EXPECT_THAT(text, Not(HasSubstr("op \"pass")));
  EXPECT_THAT(text, Not(HasSubstr("local one")));
  EXPECT_THAT(text, HasSubstr("-@admin -@dangerous"));
  EXPECT_THAT(text, HasSubstr("-flushall -flushdb"));
  EXPECT_THAT(text, HasSubstr("user replication on #"));
  EXPECT_THAT(text, HasSubstr("user webhook on resetpass ~cadence:* resetchannels -@all +get"))
      << "nobody, while the Secret has no password for it";
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(Secrets, ThatWereReplacedAreGoodBesideTheNewOnesAndShownToOthers) {
  const auto folder = testing::TempDir() + "cadence-replaced-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  for (const auto& [file, text] : {std::pair{"password", "new app"},
                                   {"operator-password", "new-op"},
                                   {"previous-password", "old app"},
                                   {"previous-operator-password", "old-op"},
                                   {"webhook-password", "new-hook"},
                                   {"previous-webhook-password", "old-hook"}}) {
    std::ofstream(folder + "/" + file) << text;
  }
  const auto secrets = read_secrets(folder);
  ASSERT_TRUE(secrets);
  EXPECT_THAT(render_server_config({}, {}, *secrets), HasSubstr("masterauth \"old-op\""))
      << "a master whose mount is late takes no other";
  EXPECT_EQ(operator_credentials(*secrets).password, "old-op");
  const auto users = render_users(*secrets, "local");
  EXPECT_EQ(std::count(users.begin(), users.end(), '#'), 9) << users;
  const auto commands = password_commands({*secrets});
  for (int user = 0; user < 4; ++user) EXPECT_EQ(commands.at(static_cast<std::size_t>(user)).size(), 6U);
  EXPECT_EQ(commands.back().back(), "old-op");
  std::filesystem::remove(folder + "/previous-password");
  std::filesystem::remove(folder + "/previous-operator-password");
  EXPECT_EQ(operator_credentials(*read_secrets(folder)).password, "new-op");
  std::filesystem::remove_all(folder);
}

TEST(Secrets, AreReadWithoutTheEditorsLineBreakAndNamedWhenMissing) {
  const auto folder = testing::TempDir() + "cadence-secrets-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/password") << "one\n";
  auto secrets = read_secrets(folder);
  ASSERT_FALSE(secrets);
  EXPECT_THAT(secrets.error().message, HasSubstr("operator-password"));
  std::ofstream(folder + "/operator-password") << "two";
  secrets = read_secrets(folder);
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->application_password, "one");
  EXPECT_EQ(secrets->operator_password, "two");
  std::ofstream(folder + "/password") << "\n";
  EXPECT_FALSE(read_secrets(folder));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cadence::agent::redis
