#include "store/postgres_trouble.hpp"

#include <gtest/gtest.h>

namespace cadence::store {
namespace {

const std::string kConnecting = "connection to server at \"c-postgres-rw.kiln.svc\" (10.1.2.3), port 5432 failed: ";

struct Case {
  const char* name;
  std::string sqlstate, text;
  queue::Trouble told;
};

// Texts as libpq 15 and libpqxx 6 give them.
const Case kCases[] = {
    {"rights", "42501", "ERROR:  permission denied for table job\n", {"42501", "permission denied for table job"}},
    {"table",
     "42P01",
     "ERROR:  relation \"job\" does not exist at character 13\n",
     {"42P01", "relation \"job\" does not exist"}},
    {"other_language",
     "42501",
     "FEHLER:  keine Berechtigung für Tabelle job\n",
     {"42501", "keine Berechtigung für Tabelle job"}},
    {"read_only",
     "25006",
     "ERROR:  cannot execute INSERT in a read-only transaction\n",
     {"25006", "cannot execute INSERT in a read-only transaction"}},
    {"full",
     "53100",
     "ERROR:  could not extend file \"base/16385/2619\": No space left on device\nHINT:  Check free disk space.\n",
     {"53100", "could not extend file \"base/16385/2619\": No space left on device"}},
    {"password",
     "",
     kConnecting + "FATAL:  password authentication failed for user \"cadence_a\"\n",
     {"28P01", "password authentication failed for user \"…\""}},
    {"hba",
     "",
     kConnecting +
         "FATAL:  no pg_hba.conf entry for host \"10.1.2.9\", user \"cadence\", database \"cadence\", no encryption\n",
     {"28000", "no pg_hba.conf entry for host \"…\", user \"…\", database \"…\", no encryption"}},
    {"no_role",
     "",
     kConnecting + "FATAL:  role \"cadence_a\" does not exist\n",
     {"28000", "role \"…\" does not exist"}},
    {"no_login",
     "",
     kConnecting + "FATAL:  role \"cadence_a\" is not permitted to log in\n",
     {"28000", "role \"…\" is not permitted to log in"}},
    {"no_database",
     "",
     kConnecting + "FATAL:  database \"cadence\" does not exist\n",
     {"3D000", "database \"…\" does not exist"}},
    {"no_connect",
     "",
     kConnecting +
         "FATAL:  permission denied for database \"cadence\"\nDETAIL:  User does not have CONNECT privilege.\n",
     {"42501", "permission denied for database \"…\""}},
    {"many",
     "",
     kConnecting + "FATAL:  sorry, too many clients already\n",
     {"53300", "sorry, too many clients already"}},
    {"starting",
     "",
     kConnecting + "FATAL:  the database system is starting up\n",
     {"57P03", "the database system is starting up"}},
    {"ended",
     "",
     "FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly\n",
     {"57P01", "terminating connection due to administrator command"}},
    {"refused",
     "",
     kConnecting + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
     {"08001", "the connection was refused"}},
    {"standby", "", kConnecting + "session is read-only\n", {"25006", "the server takes no writes"}},
    {"gone", "", "Could not obtain client encoding: not connected.", {"08006", "the connection broke"}},
    {"no_host",
     "",
     "could not translate host name \"c-postgres-rw\" to address: Name or service not known\n",
     {"08001", "the host name of the database is not known"}},
    {"slow", "", kConnecting + "timeout expired\n", {"08001", "no answer in time"}},
    {"tls", "", kConnecting + "SSL error: certificate verify failed\n", {"08001", "the certificate was not accepted"}},
    {"no_file",
     "",
     "Could not read a store address from /etc/cadence/store/uri",
     {"", "the file with the address of the database is empty or missing"}},
    {"unknown", "", "something new about postgresql://u:hush@h/x", {"08000", "no session could be opened"}},
    {"nothing", "", "", {"08000", "no session could be opened"}},
};

TEST(PostgresTrouble, HasACodeAndTheServersOwnWords) {
  for (const auto& one : kCases)
    EXPECT_EQ(trouble_of(one.sqlstate, one.text), one.told)
        << one.name << ": " << trouble_of(one.sqlstate, one.text).text;
}

// Whatever is put where a secret, an address or a value of a job may stand.
TEST(PostgresTrouble, NeverTellsASecretAnAddressOrAValue) {
  const std::string hush = "hush-0123456789";
  const std::string anywhere[] = {
      kConnecting + "FATAL:  password authentication failed for user \"" + hush + "\"\n",
      "FATAL:  database \"" + hush + "\" does not exist\n",
      "FATAL:  unrecognized thing \"" + hush,
      "invalid connection option \"" + hush + "\"\n",
      "invalid port number: \"" + hush + "\"\n",
      "could not translate host name \"" + hush + "\" to address: Name or service not known\n",
      "connection to server at \"" + hush + "\" (10.1.2.3), port 5432 failed: Connection refused\n",
      "missing \"=\" after \"postgresql://u:" + hush + "@h\" in connection info string\n"};
  for (const auto& text : anywhere) {
    const auto told = trouble_of("", text);
    EXPECT_EQ((told.code + told.text).find(hush), std::string::npos) << told.text;
    EXPECT_EQ(told.text.find("10.1.2.3"), std::string::npos) << told.text;
  }
  for (const char* state : {"22P02", "23505", "P0001", "21000", "0A000"}) {
    const auto told = trouble_of(state, "ERROR:  invalid input syntax for type uuid: \"" + hush +
                                            "\"\nDETAIL:  Key (key)=(" + hush + ") already exists.\n");
    EXPECT_EQ(told.code, state);
    EXPECT_EQ(told.text, "a statement failed");
  }
  EXPECT_EQ(trouble_of("42501", "ERROR:  permission denied\nDETAIL:  " + hush + "\nCONTEXT:  " + hush).text,
            "permission denied");
}

TEST(PostgresTrouble, IsOneShortLine) {
  for (const std::string state : {"", "42501"}) {
    const auto told = trouble_of(state, "FATAL:  a\tb\x1b[31m\x7f" + std::string(5000, 'x') + "\nsecond");
    EXPECT_LE(told.text.size(), queue::kLongestTrouble);
    EXPECT_TRUE(told.text.starts_with("a b [31m x")) << told.text;
  }
}

}  // namespace
}  // namespace cadence::store
