#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "agent/postgres/server/roles.hpp"
#include "agent/postgres/status/endpoint.hpp"
#include "agent/postgres/volume/files.hpp"
#include "base/text.hpp"
#include "folder.hpp"

namespace cadence::agent::postgres {
namespace {

using namespace std::chrono_literals;

// The example of RFC 7677, section 3: user "user", password "pencil".
TEST(Scram, AgreesWithTheRfc) {
  const auto salt = *base::from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto verifier = scram_verifier("pencil", salt, 4096);
  ASSERT_TRUE(verifier);
  EXPECT_EQ(*verifier,
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
            "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, RecognisesItsPasswordOnly) {
  const auto verifier = *scram_verifier("secret", "0123456789abcdef");
  EXPECT_TRUE(is_verifier_of(verifier, "secret"));
  EXPECT_FALSE(is_verifier_of(verifier, "Secret"));
  for (const char* text : {"", "md5abc", "SCRAM-SHA-256$", "SCRAM-SHA-256$x:y$z", "SCRAM-SHA-256$99999999999:AA==$a:b"})
    EXPECT_FALSE(is_verifier_of(text, "secret")) << text;
  EXPECT_FALSE(scram_verifier("", "salt"));
  EXPECT_FALSE(scram_verifier("pässword", "salt"));
}

Report report(std::string role) {
  Report out;
  out.status.instance = "db-1";
  out.status.role = std::move(role);
  out.is_accepting = true;
  out.at = std::chrono::steady_clock::now();
  return out;
}

int code(const Report& shown, const std::string& path) {
  return answer(shown, std::chrono::steady_clock::now(), "GET", path).status;
}

TEST(Endpoint, APrimaryIsReadyOnlyWithItsLease) {
  auto primary = report("primary");
  primary.status.is_writable = true;
  primary.is_set_up = true;
  EXPECT_EQ(code(primary, "/readyz"), 503);
  primary.is_lease_held = true;
  primary.lease_left = 3s;
  EXPECT_EQ(code(primary, "/readyz"), 200);
  EXPECT_EQ(code(primary, "/primary"), 200);
  EXPECT_EQ(code(primary, "/replica"), 503);
  primary.is_set_up = false;
  EXPECT_EQ(code(primary, "/primary"), 503);
  primary.is_set_up = true;
  primary.lease_left = 0s;
  EXPECT_EQ(code(primary, "/primary"), 503);
  EXPECT_EQ(code(primary, "/livez"), 200);
}

TEST(Endpoint, AStandbyIsReadyOnceItStreamed) {
  auto standby = report("standby");
  standby.is_primary_known = true;
  EXPECT_EQ(code(standby, "/readyz"), 503);
  standby.has_streamed = true;
  EXPECT_EQ(code(standby, "/readyz"), 200);
  EXPECT_EQ(code(standby, "/replica"), 200);
  EXPECT_EQ(code(standby, "/primary"), 503);
  standby.has_streamed = standby.is_primary_known = false;
  EXPECT_EQ(code(standby, "/readyz"), 200);
  standby.is_uncompared = true;  // what only it has committed must not be read
  EXPECT_EQ(code(standby, "/readyz"), 503);
  standby.is_uncompared = false;
  standby.is_accepting = false;
  EXPECT_EQ(code(standby, "/readyz"), 503);
}

TEST(Endpoint, AMainLoopThatHangsIsNotAlive) {
  auto hung = report("primary");
  hung.at -= 61s;
  EXPECT_EQ(code(hung, "/livez"), 503);
}

TEST(Endpoint, OddRequests) {
  EXPECT_EQ(code(report("standby"), "/"), 404);
  EXPECT_EQ(code(report("standby"), "/status?x=1"), 200);
  EXPECT_EQ(answer(report("standby"), {}, "POST", "/status").status, 405);
}

TEST(Endpoint, MetricsNameEveryStandby) {
  auto primary = report("primary");
  primary.status.replication = {{"db-\"2", "streaming", "quorum", "0/10", 42}};
  primary.is_lease_held = true;
  primary.lease_left = 2500ms;
  const auto text = render_metrics(primary);
  EXPECT_NE(text.find("cadence_postgres_role{role=\"primary\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("cadence_postgres_lag_bytes{standby=\"db-\\\"2\",sync_state=\"quorum\"} 42\n"),
            std::string::npos);
  EXPECT_NE(text.find("cadence_postgres_lease_seconds_left 2.5"), std::string::npos);
}

TEST(Endpoint, WritableIsWhatACommitMeets) {
  auto primary = report("primary");
  primary.status.is_writable = primary.is_set_up = primary.is_lease_held = true;
  primary.lease_left = 2500ms;
  EXPECT_NE(render_metrics(primary).find("cadence_postgres_writable 1\n"), std::string::npos);
  primary.status.unacknowledged = "a commit waits";
  EXPECT_NE(render_metrics(primary).find("cadence_postgres_writable 0\n"), std::string::npos);
  EXPECT_EQ(code(primary, "/readyz"), 200) << "it serves reads, and standbys need it to come back";
  primary.status.unprotected = "fsync is off";
  EXPECT_NE(render_metrics(primary).find("cadence_postgres_protected 0\n"), std::string::npos);
}

TEST(Files, AreReplacedWholeWithTheirMode) {
  const test::Folder folder;
  const std::string root = folder.path();
  ASSERT_TRUE(write_file(root + "/key", "one", 0600));
  ASSERT_TRUE(write_file(root + "/key", "two", 0600));
  EXPECT_EQ(*read_file(root + "/key"), "two");
  EXPECT_EQ(std::filesystem::status(root + "/key").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(read_file(root + "/none").error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(is_empty_directory(root));
  EXPECT_TRUE(is_empty_directory(root + "/none"));
  std::filesystem::create_directories(root + "/volume/lost+found");
  EXPECT_TRUE(is_empty_directory(root + "/volume"));
  ASSERT_TRUE(remove_tree(root));
  ASSERT_TRUE(remove_tree(root));
}

}  // namespace
}  // namespace cadence::agent::postgres
