// What is wrong in a file, and what nobody reads in it.
#include <fstream>

#include "config_support.hpp"

namespace cadence::config {
namespace {

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
        Wrong{"webhook: {reconcile: {hooks: x}}", "line 1: webhook.reconcile.hooks must be a list"},
        Wrong{"webhook: {reconcile: {hooks: [{hook_id: much}]}}",
              "line 1: webhook.reconcile.hooks[0].hook_id must be an integer"},
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

}  // namespace
}  // namespace cadence::config
