#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "config/command_line.hpp"
#include "folder.hpp"

namespace cadence::config {
namespace {

Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto it = values.find(name);
    return it == values.end() ? std::nullopt : std::optional(it->second);
  };
}

Config read_yaml(const std::string& text, std::map<std::string, std::string> values = {}) {
  Config config;
  const auto applied = apply_yaml(config, text, environment_of(std::move(values)));
  EXPECT_TRUE(applied) << applied.error().message;
  return config;
}

TEST(ConfigFile, ReadsWhatTheOperatorWrites) {
  const auto config = read_yaml(R"(
webhook: {host: 127.0.0.1, port: 8001, max_workers: 2, drain_seconds: 7, max_body_bytes: 2000000, unknown: 1,
          secrets: {github: [{file: /etc/0, repositories: ["owner/*"]}, {value: "${S}"}]}}
thresholds: {suspicious_additions: 9, max_addition_ratio: 0.5, enable_precision_analysis: false}
clone: {allowed_hosts: [git.internal], allow_private_networks: true, timeout_seconds: 60, max_repository_bytes: 1000,
        cache: {folder: /var/cache/git, max_bytes: 5000}, credentials_folder: /etc/cadence/credentials}
detection: {profile: upstream, quartiles: unsorted}
retention: {results_hours: 10, dedupe_hours: 20}
exclude_files: ["*.lock"]
)",
                                {{"S", "hush"}});
  EXPECT_EQ(config.port, 8001);
  EXPECT_EQ(config.workers, 2);
  EXPECT_EQ(config.drain_seconds, 7);
  ASSERT_EQ(config.secrets.at("github").size(), 2u);
  EXPECT_EQ(config.secrets.at("github")[0].file, "/etc/0");
  EXPECT_EQ(config.secrets.at("github")[0].repositories, std::vector<std::string>{"owner/*"});
  EXPECT_EQ(config.secrets.at("github")[1].value, "hush");
  EXPECT_EQ(config.analysis.thresholds.suspicious_additions, 9);
  EXPECT_FALSE(config.analysis.thresholds.enable_precision_analysis);
  EXPECT_EQ(config.analysis.profile, analysis::git::Profile::Upstream);
  EXPECT_TRUE(config.allow_private_networks);
  EXPECT_EQ(config.cache_folder, "/var/cache/git");
  EXPECT_EQ(config.cache_max_bytes, 5000);
  EXPECT_EQ(config.credentials_folder, "/etc/cadence/credentials");
  EXPECT_EQ(config.retention_dedupe_hours, 20);
  EXPECT_TRUE(validate(config));
}

TEST(ConfigFile, GivesEachSenderItsSecrets) {
  const auto config = read_yaml(R"(
webhook: {secret: one, secrets: {github: [{value: two}], azureDevOps: [{file: /etc/1}], standard: []}}
)");
  ASSERT_EQ(config.secrets.at("github").size(), 2u);
  EXPECT_EQ(config.secrets.at("github")[1].value, "two");
  EXPECT_EQ(config.secrets.at("gitlab").at(0).value, "one") << "upstream's server takes the one secret for both";
  EXPECT_EQ(config.secrets.at("azureDevOps").at(0).file, "/etc/1");
  EXPECT_TRUE(config.secrets.at("standard").empty());
}

TEST(ConfigFile, KeepsUnquotedTextAsItWasTyped) {
  const auto config = read_yaml(
      "webhook: {secret: 00123, host: 1.10}\nclone: {allow_private_networks: Yes, allowed_hosts: [10.0, on]}\nlog: "
      "{level: ~}");
  EXPECT_EQ(config.secrets.at("github").at(0).value, "00123");
  EXPECT_EQ(config.host, "1.10");
  EXPECT_TRUE(config.allow_private_networks);
  EXPECT_EQ(config.allowed_hosts, (std::vector<std::string>{"10.0", "on"}));
  EXPECT_EQ(config.log_level, "info");
}

TEST(ConfigFile, ReadsJson) { EXPECT_EQ(read_yaml(R"({"webhook": {"port": 9, "secret": "x"}})").port, 9); }

TEST(Strategies, OfPagesAreSwitchedByNameToo) {
  Config config;
  ASSERT_TRUE(apply_yaml(config,
                         "strategies: {ai_vocabulary: false, size_analysis: false}\ndetection: {profile: upstream, "
                         "strategies: {emoji_overuse: off}}",
                         environment_of({})));
  EXPECT_FALSE(config.web_strategies.is_enabled("ai_vocabulary"));
  EXPECT_FALSE(config.web_strategies.is_enabled("emoji_overuse"));
  EXPECT_TRUE(config.web_strategies.is_enabled("form_issues"));
  EXPECT_FALSE(config.analysis.strategies.is_enabled("size_analysis"));
  EXPECT_EQ(config.web_analysis().profile, analysis::web::Profile::Upstream);
  EXPECT_EQ(Config().web_analysis().profile, analysis::web::Profile::Corrected);
  std::vector<std::string> warnings;
  ASSERT_TRUE(apply_environment(
      config, environment_of({{"CADENCE_STRATEGIES_DISABLED", "form_issues, velocity_analysis"}}), warnings));
  EXPECT_FALSE(config.web_strategies.is_enabled("form_issues"));
  EXPECT_FALSE(apply_environment(config, environment_of({{"CADENCE_STRATEGIES_DISABLED", "vibes"}}), warnings));
}

TEST(UserAgent, IsOursAndPrintable) {
  Config config;
  config.use_secret("s");
  config.host = "127.0.0.1";
  EXPECT_TRUE(config.user_agent.starts_with("cadence-ha/"));
  ASSERT_TRUE(apply_yaml(config, "page: {user_agent: mill/1}", environment_of({})));
  EXPECT_EQ(config.user_agent, "mill/1");
  EXPECT_TRUE(validate(config));
  config.user_agent = "a\r\nX-Other: b";
  EXPECT_EQ(validate(config).error().message.substr(0, 15), "page.user_agent");
}

TEST(Spool, IsAskedForWithItsFolder) {
  const auto outcome = [](const std::string& yaml) {
    auto config = read_yaml(yaml);
    config.use_secret("s");
    config.host = "127.0.0.1";
    const auto checked = validate(config);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(outcome("webhook: {on_store_unavailable: spool_disk, spool: {folder: /spool, max_bytes: 5000000}}"), "");
  EXPECT_EQ(outcome("webhook: {on_store_unavailable: reject}"), "");
  EXPECT_NE(outcome("webhook: {on_store_unavailable: spool_disk}").find("webhook.spool.folder"), std::string::npos);
  EXPECT_NE(outcome("webhook: {on_store_unavailable: spool_redis}").find("not built yet"), std::string::npos);
  EXPECT_NE(outcome("webhook: {on_store_unavailable: Reject}").find("must be reject or spool_disk"), std::string::npos);
  EXPECT_NE(outcome("webhook: {spool: {max_bytes: 5}}").find("webhook.spool.max_bytes must be"), std::string::npos);
}

struct Wrong {
  std::string yaml, message;
};
class WrongFile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFile, NamesTheKey) {
  Config config;
  const auto applied = apply_yaml(config, GetParam().yaml, environment_of({}));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().message.substr(0, GetParam().message.size()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongFile,
    testing::Values(
        Wrong{"thresholds: {suspicious_additions: abc}", "thresholds.suspicious_additions must be an integer"},
        Wrong{"thresholds: {suspicious_additions: 1.5}", "thresholds.suspicious_additions must be an integer"},
        Wrong{"thresholds: {max_addition_ratio: [1]}", "thresholds.max_addition_ratio must be a number"},
        Wrong{"thresholds: 5", "thresholds must be a map"},
        Wrong{"webhook: {port: {}}", "webhook.port must be an integer"},
        Wrong{"clone: {allow_private_networks: 7}", "clone.allow_private_networks must be true or false"},
        Wrong{"clone: {cache: {max_bytes: lots}}", "clone.cache.max_bytes must be an integer"},
        Wrong{"clone: {cache: 5}", "clone.cache must be a map"},
        Wrong{"exclude_files: x", "exclude_files must be a list of strings"},
        Wrong{"strategies: {no-such-thing: true}", "strategies.no-such-thing is not the name of a strategy"},
        Wrong{"detection: {profile: fast}", "detection.profile must be corrected or upstream"},
        Wrong{"webhook: {secret: '${NOPE}'}", "webhook.secret names ${NOPE}, which is not set"},
        Wrong{"webhook: {secrets: {github: [{}]}}", "webhook.secrets.github[0] must have either file or value"},
        Wrong{"webhook: {secrets: {github: x}}", "webhook.secrets.github must be a list"},
        Wrong{"webhook: {secrets: {gitlab: [{}]}}", "webhook.secrets.gitlab[0] must have either file or value"},
        Wrong{"webhook: {secrets: []}", "webhook.secrets must be a map"}, Wrong{"a: [", "Not valid YAML"}));

TEST(CommandLine, FlagBeatsEnvironment) {
  const auto line = read_command_line({"webhook", "serve", "--port", "7", "--workers", "9"},
                                      environment_of({{"CADENCE_WEBHOOK_SECRET", "s"},
                                                      {"CADENCE_WEBHOOK_PORT", "8"},
                                                      {"CADENCE_WEBHOOK.HOST", "::1"},
                                                      {"CADENCE_THRESHOLDS_MAX_FILES_PER_COMMIT", "3"}}));
  ASSERT_FALSE(line.exit_code) << line.text;
  EXPECT_EQ(line.config.port, 7);
  EXPECT_EQ(line.config.workers, 9);
  EXPECT_EQ(line.config.host, "::1");
  EXPECT_EQ(line.config.analysis.thresholds.max_files_per_commit, 3);
  EXPECT_EQ(line.config.store, "sqlite:cadence.db");
}

TEST(CommandLine, IgnoresTheServiceLinkOfTheKubelet) {
  const auto line = read_command_line({}, environment_of({{"WEBHOOK_SECRET", "s"},
                                                          {"CADENCE_WEBHOOK_HOST", "127.0.0.1"},
                                                          {"CADENCE_WEBHOOK_PORT", "tcp://10.0.0.1:80"}}));
  ASSERT_FALSE(line.exit_code) << line.text;
  EXPECT_EQ(line.config.port, 8000);
  EXPECT_EQ(line.warnings.size(), 1u);
}

// What is analysed may hold a file of that name, from a stranger who would like to see the secrets of who analyses it.
TEST(CommandLine, OnlyAServerTakesTheFileOfTheFolderItIsStartedIn) {
  const auto before = std::filesystem::current_path();
  const test::Folder folder;
  std::filesystem::current_path(folder.path());
  std::ofstream(".cadence.yaml") << "ai: {enabled: true, model: \"${TOKEN}\"}\nexclude_files: [\"*\"]\n";
  const auto environment =
      environment_of({{"WEBHOOK_SECRET", "s"}, {"TOKEN", "hush"}, {"CADENCE_WEBHOOK_HOST", "127.0.0.1"}});
  const auto serve = read_command_line({"serve"}, environment);
  const auto analyze = read_command_line({"analyze", "."}, environment);
  const auto named = read_command_line({"analyze", ".", "--config", ".cadence.yaml"}, environment);
  std::filesystem::current_path(before);
  EXPECT_EQ(serve.config.ai.model, "hush");
  EXPECT_EQ(analyze.config.ai.model, "");
  EXPECT_FALSE(analyze.config.ai.is_enabled);
  EXPECT_TRUE(analyze.config.analysis.exclude_files.empty());
  EXPECT_EQ(named.config.ai.model, "hush");
}

TEST(CommandLine, TellsWhatIsWrong) {
  const auto none = read_command_line({"serve"}, environment_of({}));
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.text.find("No webhook secret is set"), std::string::npos);
  const auto unknown = read_command_line({"serve", "--nonsense"}, environment_of({}));
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(std::count(unknown.text.begin(), unknown.text.end(), '\n'), 1);
  EXPECT_EQ(read_command_line({"fly"}, environment_of({})).exit_code, 2);
  EXPECT_EQ(read_command_line({"--config", "/nonexistent.yml"}, environment_of({{"WEBHOOK_SECRET", "s"}})).exit_code,
            1);
  EXPECT_EQ(read_command_line({"--listen", "nowhere"}, environment_of({{"WEBHOOK_SECRET", "s"}})).exit_code, 1);
  EXPECT_NE(read_command_line(
                {}, environment_of({{"WEBHOOK_SECRET", "s"}, {"CADENCE_THRESHOLDS_SUSPICIOUS_ADDITIONS", "abc"}}))
                .text.find("thresholds.suspicious_additions must be an integer"),
            std::string::npos);
}

TEST(CommandLine, WhatOthersReachWantsAToken) {
  struct Row {
    std::string yaml, token;
    bool is_taken, is_closed;
  };
  const std::string some = "0123456789abcdef";
  for (const auto& row : {Row{"host: 127.0.0.1", "", true, false},
                          {"host: localhost", "", true, false},
                          {"host: '::1'", "", true, false},
                          {"host: 127.0.0.1", some, true, true},
                          {"host: 0.0.0.0", "", false, false},
                          {"host: 0.0.0.0", some, true, true},
                          {"host: 0.0.0.0, api: {tokens_folder: /etc/tokens}", "", true, true},
                          {"host: 0.0.0.0, api: {access: open}", "", true, false},
                          {"host: 0.0.0.0, api: {access: internal}", some, true, false},
                          {"api: {access: token}", "", false, true},
                          {"api: {access: token}", some, true, true},
                          {"host: 127.0.0.1, api: {access: Open}", "", false, false},
                          {"host: 127.0.0.1", "short", false, true}}) {
    auto config = read_yaml("webhook: {secret: s, " + row.yaml + "}");
    config.api_token = row.token;
    EXPECT_EQ(validate(config).is_ok(), row.is_taken) << row.yaml;
    EXPECT_EQ(config.is_api_closed(), row.is_closed) << row.yaml;
  }
  const auto told = read_command_line({"serve"}, environment_of({{"WEBHOOK_SECRET", "s"}}));
  EXPECT_EQ(told.exit_code, 1);
  for (const char* way : {"CADENCE_API_TOKEN", "--host 127.0.0.1", "webhook.api.access: open"})
    EXPECT_NE(told.text.find(way), std::string::npos) << told.text;
  EXPECT_FALSE(
      read_command_line({"serve"}, environment_of({{"WEBHOOK_SECRET", "s"}, {"CADENCE_API_TOKEN", some}})).exit_code);
}

TEST(CommandLine, HelpFitsAScreenAndVersionIsOneLine) {
  const auto help = read_command_line({"serve", "--help"}, environment_of({}));
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_LE(std::count(help.text.begin(), help.text.end(), '\n'), 24);
  EXPECT_EQ(read_command_line({"--help"}, environment_of({})).exit_code, 0);
  EXPECT_TRUE(read_command_line({"--version"}, environment_of({})).text.starts_with("cadence-webhook "));
}

}  // namespace
}  // namespace cadence::config
