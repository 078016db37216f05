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
  std::vector<std::string> warnings;
  const auto applied = apply_yaml(config, text, environment_of(std::move(values)), warnings);
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

TEST(ConfigFile, SaysWhoIsAnsweredBackAndHow) {
  auto config = read_yaml(R"(
webhook:
  secret: one
  feedback:
    - {provider: github, app: {id: 4711, key_file: /key}, repositories: [potters/*], fail_above: 12.5}
    - {provider: gitea, api_url: "http://git.internal", token_file: /token, ca_file: /ca}
clone: {allowed_hosts: [git.internal]}
)");
  ASSERT_EQ(config.feedback.size(), 2u);
  EXPECT_EQ(config.feedback[0].app_id, "4711");
  EXPECT_EQ(config.feedback[0].app_key_file, "/key");
  EXPECT_EQ(config.feedback[0].repositories, std::vector<std::string>{"potters/*"});
  EXPECT_EQ(config.feedback[0].fail_above, 12.5);
  EXPECT_EQ(config.feedback[1].api_url, "http://git.internal");
  EXPECT_EQ(config.feedback[1].token_file, "/token");
  EXPECT_EQ(config.feedback[1].ca_file, "/ca");
  EXPECT_EQ(config.feedback[1].fail_above, std::nullopt);
  config.api_access = "open";
  EXPECT_TRUE(validate(config)) << validate(config).error().message;
  config.allowed_hosts.clear();
  EXPECT_EQ(validate(config).error().message,
            "webhook.feedback[1].api_url would have the token sent in clear text: use https, or name git.internal in "
            "clone.allowed_hosts");
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
  auto config = read_yaml(
      "strategies: {ai_vocabulary: false, size_analysis: false}\ndetection: {profile: upstream, strategies: "
      "{emoji_overuse: off}}");
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
  EXPECT_TRUE(Config().user_agent.starts_with("cadence-ha/"));
  auto config = read_yaml("page: {user_agent: mill/1}");
  config.use_secret("s");
  config.host = "127.0.0.1";
  EXPECT_EQ(config.user_agent, "mill/1");
  EXPECT_TRUE(validate(config));
  config.user_agent = "a\r\nX-Other: b";
  EXPECT_EQ(validate(config).error().message.substr(0, 15), "page.user_agent");
}

TEST(Origins, AreSchemeAndHost) {
  const auto outcome = [](const std::string& origin) {
    auto config = read_yaml("webhook: {secret: s, host: 127.0.0.1, api: {cors_origins: ['" + origin + "']}}");
    const auto checked = validate(config);
    return checked ? std::string() : checked.error().message;
  };
  for (const char* good : {"*", "https://a.example", "http://localhost:3000", "https://[::1]:8000"})
    EXPECT_EQ(outcome(good), "") << good;
  for (const char* wrong : {"", "a.example", "https://", "https://a.example/", "https://a.example/x", "https://a, b"})
    EXPECT_NE(outcome(wrong).find("webhook.api.cors_origins must be"), std::string::npos) << wrong;
}

TEST(Links, NeedToKnowWhereTheServerIs) {
  const auto outcome = [](const std::string& links) {
    auto config = read_yaml("webhook: {secret: s, host: 127.0.0.1, links: {" + links + "}}");
    const auto checked = validate(config);
    return checked ? config.links_public_url : checked.error().message;
  };
  EXPECT_EQ(outcome("public_url: 'https://cadence.example/'"), "https://cadence.example");
  EXPECT_EQ(outcome("public_url: 'http://[::1]:8000/base', key_file: /etc/links/key"), "http://[::1]:8000/base");
  EXPECT_EQ(outcome("").size(), 0U);
  EXPECT_NE(outcome("key_file: /etc/links/key").find("say in webhook.links.public_url"), std::string::npos);
  for (const char* wrong : {"cadence.example", "ftp://cadence.example", "https://", "https:///x", "https://a b",
                            "https://me:hush@cadence.example", "https://a?b", "https://a#b", "https://ü.example"})
    EXPECT_NE(outcome("public_url: '" + std::string(wrong) + "'").find("webhook.links.public_url must be"),
              std::string::npos)
        << wrong;
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
}

TEST(Redis, IsSharedWhereSeedsAreNamed) {
  const auto outcome = [](const std::string& yaml) {
    auto config = read_yaml(yaml);
    config.use_secret("s");
    config.host = "127.0.0.1";
    const auto checked = validate(config);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_TRUE(read_yaml("{}").redis_seeds.empty());
  const auto config = read_yaml(
      "redis: {seeds: ['c-redis:6379', '[fd00::1]:6379'], user: webhook, password_file: /p, timeout_ms: 20, "
      "lifetime_hours: 2}");
  EXPECT_EQ(config.redis_seeds, (std::vector<std::string>{"c-redis:6379", "[fd00::1]:6379"}));
  EXPECT_EQ(config.redis_user + config.redis_password_file, "webhook/p");
  EXPECT_EQ(config.redis_timeout_ms + config.redis_lifetime_hours, 22);
  EXPECT_EQ(outcome("redis: {seeds: ['c-redis:6379']}"), "");
  for (const char* seed : {"c-redis", "c-redis:", ":6379", "c-redis:0", "c-redis:65536", "redis://c-redis:6379"}) {
    EXPECT_NE(outcome("redis: {seeds: ['" + std::string(seed) + "']}").find("redis.seeds must be host:port"),
              std::string::npos)
        << seed;
  }
  EXPECT_NE(outcome("redis: {timeout_ms: 0}").find("redis.timeout_ms must be"), std::string::npos);
  EXPECT_NE(outcome("redis: {lifetime_hours: 0}").find("redis.lifetime_hours must be"), std::string::npos);
}

struct Wrong {
  std::string yaml, message;
};
class WrongFile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFile, NamesTheKey) {
  Config config;
  std::vector<std::string> warnings;
  const auto applied = apply_yaml(config, GetParam().yaml, environment_of({}), warnings);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().message.substr(0, GetParam().message.size()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongFile,
    testing::Values(
        Wrong{"thresholds: {suspicious_additions: abc}", "line 1: thresholds.suspicious_additions must be an integer"},
        Wrong{"thresholds: {suspicious_additions: 1.5}", "line 1: thresholds.suspicious_additions must be an integer"},
        Wrong{"thresholds: {max_addition_ratio: [1]}", "line 1: thresholds.max_addition_ratio must be a number"},
        Wrong{"thresholds: 5", "line 1: thresholds must be a map"},
        Wrong{"webhook: {port: {}}", "line 1: webhook.port must be an integer"},
        Wrong{"clone: {allow_private_networks: 7}", "line 1: clone.allow_private_networks must be true or false"},
        Wrong{"clone: {cache: {max_bytes: lots}}", "line 1: clone.cache.max_bytes must be an integer"},
        Wrong{"clone: {cache: 5}", "line 1: clone.cache must be a map"},
        Wrong{"exclude_files: x", "line 1: exclude_files must be a list of strings"},
        Wrong{"strategies: {no-such-thing: true}", "line 1: strategies.no-such-thing is not the name of a strategy"},
        Wrong{"detection: {profile: fast}", "line 1: detection.profile must be corrected or upstream"},
        Wrong{"webhook: {secret: '${NOPE}'}", "line 1: webhook.secret names ${NOPE}, which is not set"},
        Wrong{"webhook: {secrets: {github: [{}]}}", "line 1: webhook.secrets.github[0] must have either file or value"},
        Wrong{"webhook: {secrets: {github: x}}", "line 1: webhook.secrets.github must be a list"},
        Wrong{"webhook: {secrets: {gitlab: [{}]}}", "line 1: webhook.secrets.gitlab[0] must have either file or value"},
        Wrong{"webhook: {feedback: x}", "line 1: webhook.feedback must be a list"},
        Wrong{"webhook: {feedback: [{provider: github}, {fail_above: much}]}",
              "line 1: webhook.feedback[1].fail_above must be a number"},
        Wrong{"webhook: {secrets: []}", "line 1: webhook.secrets must be a map"}, Wrong{"a: [", "Not valid YAML"},
        Wrong{"7", "the file must be a map"},
        Wrong{"webhook:\n  host: a\n  port: 70000", "line 3: webhook.port must be between 0 and 65535"},
        Wrong{"webhook: {spool: {max_bytes: 5}}", "line 1: webhook.spool.max_bytes must be between"},
        Wrong{"webhook: {links: {valid_days: 0}}", "line 1: webhook.links.valid_days must be between"},
        Wrong{"webhook:\n  secrets:\n    github:\n      - file: /a\n      - value: [x]",
              "line 5: webhook.secrets.github[1].value must be a string"},
        Wrong{"a: 1\nb: 2\na: 3", "Not valid YAML: yaml-cpp: error at line 3, column 1: key a is given twice"}));

std::vector<std::string> warnings_of(const std::string& yaml) {
  Config config;
  std::vector<std::string> warnings;
  const auto applied = apply_yaml(config, yaml, environment_of({}), warnings);
  EXPECT_TRUE(applied) << applied.error().message;
  return warnings;
}

TEST(UnknownKey, IsNamedWithItsLineAndTheNearestThatIsKnown) {
  struct Row {
    std::string yaml, key, meant;
  };
  for (const auto& row : {
           Row{"webhook:\n  prot: 80", "line 2: webhook.prot", "webhook.port"},
           Row{"\nwebhok: {port: 80}", "line 2: webhok", "webhook"},
           Row{"port: 80", "line 1: port", "webhook.port"},
           Row{"webhook: {maxWorkers: 4}", "line 1: webhook.maxWorkers", "webhook.max_workers"},
           Row{"webhook: {secrets: {github: [{fiel: /a, value: x}]}}", "line 1: webhook.secrets.github[0].fiel",
               "webhook.secrets.github[].file"},
           Row{"thresholds: {suspicious_addition: 5}", "line 1: thresholds.suspicious_addition",
               "thresholds.suspicious_additions"},
           Row{"quarry: {depth: 4}", "line 1: quarry", ""},
           Row{"clone: {cahce: {max_bytes: 5}}", "line 1: clone.cahce", "clone.cache"},
           Row{"clone: {cache: {colour: red}}", "line 1: clone.cache.colour", ""},
       }) {
    const auto meant = row.meant.empty() ? "" : "; did you mean " + row.meant + "?";
    EXPECT_EQ(warnings_of(row.yaml), std::vector<std::string>{row.key + " is not a known key and is ignored" + meant});
  }
}

// The text of the first file "cadence.yml" in a document of the operator's.
std::string written_by_the_operator(const std::string& golden) {
  std::ifstream in(std::string(CADENCE_SOURCE_DIR) + "/tests/golden/resources/" + golden);
  std::string line, text;
  while (std::getline(in, line) && line != "  cadence.yml: |") continue;
  while (std::getline(in, line) && line.starts_with("    ")) text += line.substr(4) + "\n";
  return text;
}

TEST(UnknownKey, IsNoneOfTheOperators) {
  for (const char* golden : {"empty.yaml", "full.yaml"}) {
    const auto text = written_by_the_operator(golden);
    ASSERT_NE(text.find("webhook:"), std::string::npos) << golden;
    EXPECT_EQ(warnings_of(text), std::vector<std::string>{}) << golden;
  }
}

TEST(UnknownKey, IsNoneThatTheDocumentationNames) {
  EXPECT_EQ(warnings_of(R"(
webhook: {enabled: true, host: h, port: 1, secret: s, secrets: {gitea: [{file: /a, repositories: [a/*]}], gogs: []},
          spool: {folder: /a}, api: {access: open}}
ai: {enabled: false, provider: p, api_key: k, model: m}
strategies: {ai_vocabulary: false}
detection: {strategies: {emoji_overuse: off}}
exclude_files: ["*.lock"]
cache: {enabled: true, ttl: 1h}
)"),
            std::vector<std::string>{});
}

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

TEST(CommandLine, WarnsOfWhatTheFileHasAndNobodyReads) {
  const test::Folder folder;
  const auto path = (folder.path() / "cadence.yml").string();
  std::ofstream(path) << "webhook:\n  secret: s\n  hosts: 127.0.0.1\n  host: 127.0.0.1\n";
  const auto line = read_command_line({"--config", path}, environment_of({}));
  EXPECT_FALSE(line.exit_code) << line.text;
  EXPECT_EQ(line.warnings, std::vector<std::string>{path + ", line 3: webhook.hosts is not a known key and is "
                                                           "ignored; did you mean webhook.host?"});
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
