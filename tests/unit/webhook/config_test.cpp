#include "config_support.hpp"

namespace cadence::config {
namespace {

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

TEST(ConfigFile, ReadsWhoseDeliveriesAreComparedWithTheLedger) {
  auto config = read_yaml(R"(
webhook:
  secret: one
  reconcile:
    interval_seconds: 60
    hooks:
      - {provider: github, app: {id: 4711, key_file: /key}}
      - {provider: gitlab, of: [potters/kiln], hook_id: 7, hook_url: "https://c.example",
         api_url: "http://git.internal", token_file: /token, ca_file: /ca}
clone: {allowed_hosts: [git.internal]}
)");
  EXPECT_EQ(config.reconcile_interval_seconds, 60);
  ASSERT_EQ(config.reconcile.size(), 2u);
  EXPECT_EQ(config.reconcile[0].app_id, "4711");
  EXPECT_EQ(config.reconcile[0].app_key_file, "/key");
  EXPECT_EQ(config.reconcile[1].of, std::vector<std::string>{"potters/kiln"});
  EXPECT_EQ(config.reconcile[1].hook_id, 7);
  EXPECT_EQ(config.reconcile[1].hook_url, "https://c.example");
  EXPECT_EQ(config.reconcile[1].api_url, "http://git.internal");
  EXPECT_EQ(config.reconcile[1].token_file, "/token");
  EXPECT_EQ(config.reconcile[1].ca_file, "/ca");
  config.api_access = "open";
  EXPECT_TRUE(validate(config)) << validate(config).error().message;
  config.reconcile_interval_seconds = 1;
  EXPECT_EQ(validate(config).error().message, "webhook.reconcile.interval_seconds must be between 30 and 86400");
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
    return refusal_of("webhook: {api: {cors_origins: ['" + origin + "']}}");
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
  EXPECT_EQ(refusal_of("webhook: {on_store_unavailable: spool_disk, spool: {folder: /spool, max_bytes: 5000000}}"), "");
  EXPECT_EQ(refusal_of("webhook: {on_store_unavailable: reject}"), "");
  EXPECT_NE(refusal_of("webhook: {on_store_unavailable: spool_disk}").find("webhook.spool.folder"), std::string::npos);
  EXPECT_NE(refusal_of("webhook: {on_store_unavailable: spool_redis}").find("not built yet"), std::string::npos);
  EXPECT_NE(refusal_of("webhook: {on_store_unavailable: Reject}").find("must be reject or spool_disk"),
            std::string::npos);
}

TEST(Redis, IsSharedWhereSeedsAreNamed) {
  EXPECT_TRUE(read_yaml("{}").redis_seeds.empty());
  const auto config = read_yaml(
      "redis: {seeds: ['c-redis:6379', '[fd00::1]:6379'], user: webhook, password_file: /p, timeout_ms: 20, "
      "lifetime_hours: 2}");
  EXPECT_EQ(config.redis_seeds, (std::vector<std::string>{"c-redis:6379", "[fd00::1]:6379"}));
  EXPECT_EQ(config.redis_user + config.redis_password_file, "webhook/p");
  EXPECT_EQ(config.redis_timeout_ms + config.redis_lifetime_hours, 22);
  EXPECT_EQ(refusal_of("redis: {seeds: ['c-redis:6379']}"), "");
  for (const char* seed : {"c-redis", "c-redis:", ":6379", "c-redis:0", "c-redis:65536", "redis://c-redis:6379"}) {
    EXPECT_NE(refusal_of("redis: {seeds: ['" + std::string(seed) + "']}").find("redis.seeds must be host:port"),
              std::string::npos)
        << seed;
  }
  EXPECT_NE(refusal_of("redis: {timeout_ms: 0}").find("redis.timeout_ms must be"), std::string::npos);
  EXPECT_NE(refusal_of("redis: {lifetime_hours: 0}").find("redis.lifetime_hours must be"), std::string::npos);
}

}  // namespace
}  // namespace cadence::config
