#include "agent/postgres/server/probe.hpp"

#include <gtest/gtest.h>

#include "unit/postgres_client/fake_server.hpp"

namespace cadence::agent::postgres {
namespace {

using cadence::postgres::FakeServer;
using cadence::postgres::message;

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

// To the SET that each connection begins with, and to one query.
std::string answers(const rules::Row& row) {
  const auto done = [](const std::string& tag) { return message('C', tag + '\0') + message('Z', "I"); };
  auto body = number(static_cast<std::uint32_t>(row.size()), 2);
  for (const auto& value : row)
    body += value ? number(static_cast<std::uint32_t>(value->size()), 4) + *value : number(0xffffffff, 4);
  return cadence::postgres::kAccepted + done("SET") + message('T', std::string("\0\0", 2)) + message('D', body) +
         done("SELECT 1");
}

base::Result<rules::MemberReport> log_end_of(const rules::Row& row) {
  FakeServer server(answers(row));
  Options options;
  options.run_directory = server.folder();
  return Probe(options).log_end();
}

TEST(Probe, TellsTheEndOfAStandbysLog) {
  const auto end = log_end_of({"2", std::nullopt, "0/5000028", "t"});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->timeline, 2);
  EXPECT_EQ(end->end(), 0x5000028U);
}

// Its timeline would be the newest of all: no vote, and no claim, may come of it.
TEST(Probe, AServerThatWasPromotedByHandHasNoEndToTell) {
  const auto end = log_end_of({"2", std::nullopt, "0/5000028", "f"});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, base::ErrorKind::Conflict);
}

}  // namespace
}  // namespace cadence::agent::postgres
