#include "config/command_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "config_support.hpp"
#include "folder.hpp"

namespace cadence::config {
namespace {

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
