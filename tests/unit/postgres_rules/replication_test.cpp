#include "postgres/rules/replication.hpp"

#include <gtest/gtest.h>

namespace cadence::postgres {
namespace {

using Names = std::vector<std::string>;

TEST(Conninfo, NamesTheHostVerifiesItAndHoldsNoPassword) {
  const auto text =
      render_conninfo({"db-1.db.space.svc", "", 5432}, "replicator", "db-2", {"/run/ca.crt", "/run/pass"});
  EXPECT_EQ(
      text.find("host='db-1.db.space.svc' port=5432 user=replicator application_name='db-2' passfile='/run/pass'"), 0U)
      << text;
  EXPECT_NE(text.find("sslmode=verify-full sslrootcert='/run/ca.crt'"), std::string::npos);
  EXPECT_EQ(text.find("password="), std::string::npos);
  EXPECT_NE(render_conninfo({"a", "10.0.0.1", 1}, "replicator", "b", {}).find("hostaddr='10.0.0.1'"),
            std::string::npos);
  EXPECT_NE(render_conninfo({"it's", "", 1}, "replicator", "b", {}).find("host='it\\'s'"), std::string::npos);
}

TEST(PasswordFile, EscapesItsSeparators) {
  EXPECT_EQ(render_password_file("replicator", "a:b\\c"), "*:*:*:replicator:a\\:b\\\\c\n");
}

TEST(AccessRules, NobodyComesInWithoutTlsAndScram) {
  const auto hba = render_hba();
  EXPECT_EQ(hba.find("trust"), std::string::npos);
  EXPECT_EQ(hba.find("md5"), std::string::npos);
  EXPECT_EQ(hba.find("\nhost "), hba.rfind("\nhost "));  // one line without TLS, and it rejects
  EXPECT_NE(hba.find("host    all          replicator  all         reject"), std::string::npos);
  EXPECT_NE(render_ident("runner").find("\"runner\"  postgres"), std::string::npos);
}

TEST(Synchronous, IsReadFromOneLine) {
  EXPECT_EQ(*parse_synchronous("Required 1\n"), (Synchronous{SynchronousMode::Required, 1}));
  EXPECT_EQ(*parse_synchronous(" Preferred  2 "), (Synchronous{SynchronousMode::Preferred, 2}));
  EXPECT_EQ(parse_synchronous("Off 1")->mode, SynchronousMode::Off);
  EXPECT_EQ(parse_synchronous("Off")->mode, SynchronousMode::Off);
  EXPECT_EQ(parse_synchronous("Required 0")->mode, SynchronousMode::Off);
  for (const char* text : {"", "required 1", "Required x", "Required 1 2", "Required -1"})
    EXPECT_FALSE(parse_synchronous(text)) << text;
}

TEST(Instances, OneALine) { EXPECT_EQ(parse_instances("a-1\n\n # note\n a-2 \r\n#a-3"), (Names{"a-1", "a-2"})); }

TEST(Slots, FollowTheNumber) {
  EXPECT_EQ(*slot_of("demo-postgres-3"), "cadence_3");
  EXPECT_EQ(*slot_of("x-12"), "cadence_12");
  for (const char* name : {"demo", "demo-", "demo-x", "demo-0", ""}) EXPECT_FALSE(slot_of(name)) << name;
}

TEST(StrangeSlots, AreNamedOnceTheyKeepMuchAndWithTheSameWordsForAWhile) {
  constexpr std::int64_t kMebi = 1 << 20;
  EXPECT_EQ(tell_strange_slots({}, "410MB"), "");
  EXPECT_EQ(tell_strange_slots({{"a", true, 60 * kMebi}, {"b", false, 0}}, "410MB"), "");
  EXPECT_EQ(tell_strange_slots({{"a", false, 64 * kMebi}}, "410MB"),
            "slot a, which nobody reads, keeps 64 MiB of log or more, up to 410MB (max_slot_wal_keep_size)");
  EXPECT_EQ(tell_strange_slots({{"a", false, 127 * kMebi}}, "410MB"),
            tell_strange_slots({{"a", false, 64 * kMebi}}, "410MB"));
  EXPECT_EQ(tell_strange_slots({{"a", true, 300 * kMebi}, {"b", false, 128 * kMebi}}, "-1"),
            "slot a, whose reader is behind, keeps 256 MiB of log or more, slot b, which nobody reads, keeps 128 MiB "
            "of log or more, until the volume is full");
  const std::vector<StrangeSlot> many(9, {"x", false, 100 * kMebi});
  EXPECT_NE(tell_strange_slots(many, "1GB").find(", 4 more slots do, up to 1GB"), std::string::npos);
}

}  // namespace
}  // namespace cadence::postgres
