// Roles, the application's database and their passwords, brought to what the Secrets say. Idempotent.
// Promises: passwords reach the server only as SCRAM verifiers (RFC 5802, RFC 7677), so no log can hold them; a
// password that is right already causes no write.
#pragma once

#include <string>
#include <string_view>

#include "agent/postgres/server/server_files.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::agent::postgres {

// "SCRAM-SHA-256$4096:salt$stored:server"; printable ASCII only, other passwords would need normalising first.
base::Result<std::string> scram_verifier(std::string_view password, std::string_view salt, int iterations = 4096);
bool is_verifier_of(std::string_view verifier, std::string_view password);

// Passwords, and whatever else keeps one of our roles from logging in: NOLOGIN, a connection limit, a date; the
// database alike. What was there once and is gone is not put in its place empty: then the value says what is gone, and
// how it comes back.
base::Result<std::string> ensure_roles(rules::Connection& connection, const Passwords& passwords);
// Changes whenever one of those is changed; one query.
base::Result<std::string> mark_of_roles(rules::Connection& connection, const rules::Logins& logins);

}  // namespace cadence::agent::postgres
