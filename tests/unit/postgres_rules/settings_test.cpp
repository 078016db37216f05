#include "postgres/rules/settings.hpp"

#include <gtest/gtest.h>

#include <random>

namespace cadence::postgres {
namespace {

TEST(Parameters, AreReadAsPostgresqlReadsThem) {
  const auto read = parse_parameters(
      "# a comment\n\n"
      "work_mem = '4MB'\n"
      "Max_Connections=200 # trailing\n"
      "shared_buffers 128MB\n"
      "log_line_prefix = 'it''s \\'%m\\''\n"
      "my.extension = on\r\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (Parameters{{"work_mem", "4MB"},
                               {"max_connections", "200"},
                               {"shared_buffers", "128MB"},
                               {"log_line_prefix", "it's '%m'"},
                               {"my.extension", "on"}}));
}

TEST(Parameters, MalformedLinesAreNamed) {
  for (const char* text : {"work_mem", "= 1", "a = 'open", "a = 1 2", "1a = 2", "a = "}) {
    const auto read = parse_parameters(std::string("ok = 1\n") + text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find("line 2"), std::string::npos);
  }
}

TEST(Parameters, AnyValueSurvivesRenderingAsOneLine) {
  std::mt19937 random(7);
  const std::string alphabet = "ab'\\\n\r\t#= \"$%";
  for (int round = 0; round < 2000; ++round) {
    std::string value;
    for (int i = std::uniform_int_distribution<>(0, 12)(random); i > 0; --i)
      value += alphabet[random() % alphabet.size()];
    ServerSettings settings;
    settings.user = {{"work_mem", value}};
    const auto text = render_settings(settings).text;
    const auto read = parse_parameters(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->at("work_mem"), value);
  }
}

TEST(Classification, OwnedParametersHaveReasons) {
  for (const auto& [name, reason] : owned_parameters()) {
    const auto judged = classify_parameter(name, "x");
    EXPECT_EQ(judged.ownership, Ownership::Owned);
    EXPECT_FALSE(reason.empty()) << name;
  }
  EXPECT_EQ(classify_parameter("PORT", "1").ownership, Ownership::Owned);
}

TEST(Classification, DangerousValuesAreBlockedAndHarmlessOnesAreNot) {
  struct Case {
    const char *name, *value;
    Ownership expected;
  };
  for (const auto& [name, value, expected] : std::initializer_list<Case>{
           {"fsync", "off", Ownership::Blocked},
           {"fsync", "FALSE", Ownership::Blocked},
           {"fsync", "on", Ownership::User},
           {"full_page_writes", "no", Ownership::Blocked},
           {"zero_damaged_pages", "on", Ownership::Blocked},
           {"recovery_min_apply_delay", "1h", Ownership::Blocked},
           {"recovery_min_apply_delay", "0", Ownership::User},
           {"wal_level", "minimal", Ownership::Blocked},
           {"wal_level", "logical", Ownership::User},
           {"max_wal_senders", "0", Ownership::Blocked},
           {"max_wal_senders", "20", Ownership::User},
           {"max_replication_slots", "0", Ownership::Blocked},
           {"synchronous_commit", "off", Ownership::Blocked},
           {"synchronous_commit", "local", Ownership::Blocked},
           {"synchronous_commit", "remote_apply", Ownership::User},
           {"work_mem", "1GB", Ownership::User},
       }) {
    EXPECT_EQ(classify_parameter(name, value).ownership, expected) << name << "=" << value;
  }
}

TEST(Rendering, UsersWinOverDefaultsAndNeverOverTheAgent) {
  ServerSettings settings;
  settings.instance = "db-1";
  settings.run_directory = "/run/postgresql";
  settings.slot_wal_keep_mebibytes = 8192;
  settings.user = {{"wal_keep_size", "1GB"}, {"port", "1"}, {"fsync", "off"}};
  const auto rendered = render_settings(settings);
  const auto read = parse_parameters(rendered.text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("wal_keep_size"), "1GB");
  EXPECT_EQ(read->at("port"), "5432");
  EXPECT_FALSE(read->contains("fsync"));
  EXPECT_EQ(read->at("max_slot_wal_keep_size"), "8192MB");
  EXPECT_EQ(read->at("wal_level"), "replica");
  EXPECT_EQ(read->at("ssl"), "on");
  EXPECT_EQ(rendered.refused.size(), 2U);
}

TEST(Rendering, ABaseAndNoPrimaryMeansNoReplication) {
  const auto read = parse_parameters(render_settings({}).text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("primary_conninfo"), "");
  EXPECT_EQ(read->at("synchronous_standby_names"), "");
  EXPECT_FALSE(read->contains("max_slot_wal_keep_size"));
}

TEST(AutoConf, OwnedParametersAreRemovedOthersStay) {
  EXPECT_EQ(without_owned_parameters(
                "# note\nwork_mem = '5MB'\nprimary_conninfo = 'host=evil'\nsynchronous_standby_names = ''\n"),
            "# note\nwork_mem = '5MB'\n");
  EXPECT_EQ(without_owned_parameters(""), "");
  EXPECT_EQ(without_owned_parameters("fsync = 'off'\nfull_page_writes = 'on'\nsynchronous_commit = "
                                     "'local'\nmax_connections = '20'\nwork_mem = '1MB'\n"),
            "full_page_writes = 'on'\nwork_mem = '1MB'\n");
  EXPECT_EQ(overrides_in("default_transaction_read_only = 'on'\nwork_mem = '1MB'\n"),
            std::vector<std::string>{"default_transaction_read_only"});
  EXPECT_EQ(names_in("# by hand\nWORK_MEM = '1MB'\n\nnonsense\nport = 1\n"),
            (std::vector<std::string>{"work_mem", "port"}));
  EXPECT_EQ(overrides_in("fsync = 'off'\nfull_page_writes = 'on'\nMAX_CONNECTIONS = '20'\nwork_mem = "
                         "'1MB'\nnonsense\nport = 1\nport = 2\n"),
            (std::vector<std::string>{"fsync", "max_connections", "port"}));
}

TEST(AutoConf, WhatEndangersCommitsIsSaid) {
  EXPECT_EQ(unprotected_by({{"fsync", "on"},
                            {"full_page_writes", "on"},
                            {"synchronous_commit", "remote_apply"},
                            {"zero_damaged_pages", "off"}}),
            "");
  EXPECT_EQ(
      unprotected_by({{"fsync", "off"}, {"zero_damaged_pages", "on"}}),
      "fsync is off: a crash would destroy the database; zero_damaged_pages is on: it deletes damaged data silently");
  EXPECT_TRUE(unprotected_by({{"synchronous_commit", "local"}})
                  .starts_with("synchronous_commit is local: acknowledged commits could be lost"));
}

TEST(SlotKeep, IsTwoFifthsOfTheVolume) {
  EXPECT_EQ(slot_wal_keep_mebibytes(20LL << 30), 8192);
  EXPECT_EQ(slot_wal_keep_mebibytes(0), 0);
}

TEST(Settings, TheComplaintOfAServerIsFound) {
  const std::string skipped =
      "2026-01-02 03:04:05.678 UTC [7] LOG:  skipping missing configuration file "
      "\"/run/postgresql/postgresql.auto.conf\"\n";
  EXPECT_EQ(
      complaint_in(skipped +
                   "2026-01-02 03:04:05.678 UTC [7] LOG:  unrecognized configuration parameter \"x\" in file "
                   "\"/run/c.conf\" line 12\n"
                   "2026-01-02 03:04:05.678 UTC [7] FATAL:  configuration file \"/run/c.conf\" contains errors\n"),
      "unrecognized configuration parameter \"x\"");
  EXPECT_EQ(complaint_in("x LOG:  42501: could not change directory to \"/root\": Permission denied\nx LOG:  22023: "
                         "invalid value for parameter \"a\"\n"),
            "22023: invalid value for parameter \"a\"");
  EXPECT_EQ(complaint_in("x LOG:  invalid value for parameter \"work_mem\": \"plenty\"\n"),
            "invalid value for parameter \"work_mem\": \"plenty\"");
  EXPECT_EQ(
      complaint_in(skipped + "2026-01-02 03:04:05.678 UTC [7] FATAL:  could not access file \"nosuch\": No such\n"),
      "could not access file \"nosuch\": No such");
  EXPECT_EQ(complaint_in("postgres: died\n"), "postgres: died");
}

}  // namespace
}  // namespace cadence::postgres
