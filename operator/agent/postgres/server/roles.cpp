#include "agent/postgres/server/roles.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using rules::quote_identifier;
using rules::quote_literal;

constexpr std::size_t kSaltSize = 16;
constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

// Hi() of RFC 5802: PBKDF2 with HMAC-SHA-256 and one block.
std::string salted_password(std::string_view password, std::string_view salt, int iterations) {
  auto last = net::hmac_sha256(password, std::string(salt) + std::string("\0\0\0\1", 4));
  auto out = last;
  for (int i = 1; i < iterations; ++i) {
    last = net::hmac_sha256(password, last);
    for (std::size_t at = 0; at < out.size(); ++at) out[at] = static_cast<char>(out[at] ^ last[at]);
  }
  return out;
}

// What else keeps a role from logging in, or from what it is for: `right` is an attribute of pg_authid.
base::Result<void> ensure_role(rules::Connection& connection, const std::string& name, const std::string& password,
                               const std::string& options, const std::string& right) {
  const auto found = connection.query(
      "SELECT rolpassword, rolcanlogin AND rolconnlimit = -1 AND coalesce(rolvaliduntil, 'infinity') = 'infinity' "
      "AND " +
      right + " FROM pg_authid WHERE rolname = " + quote_literal(name));
  if (!found) return found.error();
  if (!found->empty() && (*found)[0][1].value_or("") == "t" && is_verifier_of((*found)[0][0].value_or(""), password))
    return {};
  const auto verifier = scram_verifier(password, base::random_bytes(kSaltSize));
  if (!verifier) return verifier.error().with_context("Could not set the password of role " + name);
  const auto verb = found->empty() ? "CREATE ROLE " : "ALTER ROLE ";
  const auto done =
      connection.query(verb + quote_identifier(name) + " " + options +
                       " CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD " + quote_literal(*verifier));
  if (!done) return done.error().with_context("Could not bring role " + name + " to its Secret");
  base::log_info("Brought a role to its Secret", {{"role", name}, {"made", found->empty() ? "yes" : "no"}});
  return {};
}

// Lies in the database itself, so that every instance and every copy has it: the comment of the one role that cannot be
// dropped.
constexpr std::string_view kCreated = "Database cadence was created";
constexpr std::string_view kFirstRole = "10";

base::Result<void> note_creation(rules::Connection& connection) {
  const auto noted =
      connection.query("COMMENT ON ROLE " + quote_identifier(rules::kSuperuser) + " IS " + quote_literal(kCreated));
  return noted ? base::ok()
               : base::Result<void>(noted.error().with_context("Could not note that the database was created"));
}

// Renamed or dropped by hand: with empty ones in their place nothing would say that what was stored is out of sight.
base::Result<std::string> find_gone(rules::Connection& connection) {
  const auto found =
      connection.query("SELECT (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = " +
                       quote_literal(rules::kApplicationDatabase) +
                       "), EXISTS (SELECT FROM pg_roles WHERE rolname = " + quote_literal(rules::kApplicationUser) +
                       "), coalesce(shobj_description(" + std::string(kFirstRole) + ", 'pg_authid'), '')");
  if (!found) return found.error();
  const auto& row = (*found)[0];
  const std::string database(rules::kApplicationDatabase), role(rules::kApplicationUser);
  const bool is_created = row[2] == kCreated;
  if (!row[0]) {
    if (!is_created) return std::string();
    return "database " + database +
           " is gone, and no empty one is put in its place: rename it back (ALTER DATABASE … RENAME TO " + database +
           "), restore it, or begin with an empty one (CREATE DATABASE " + database + " OWNER " + role + ")";
  }
  if (row[1] != "t") {
    return "role " + role + ", which owned what is in database " + database + ", is gone: rename it back (ALTER ROLE " +
           quote_identifier(*row[0]) + " RENAME TO " + role + "), or make it again (CREATE ROLE " + role +
           ") and give it what it owned (REASSIGN OWNED)";
  }
  if (is_created) return std::string();
  const auto noted = note_creation(connection);
  return noted ? base::Result<std::string>(std::string()) : base::Result<std::string>(noted.error());
}

base::Result<void> ensure_database(rules::Connection& connection, const std::string& name, const std::string& owner) {
  const auto found =
      connection.query("SELECT datallowconn AND datconnlimit = -1, has_database_privilege(" + quote_literal(owner) +
                       ", oid, 'CONNECT') FROM pg_database WHERE datname = " + quote_literal(name));
  if (!found) return found.error();
  if (found->empty()) {
    const auto done =
        connection.query("CREATE DATABASE " + quote_identifier(name) + " OWNER " + quote_identifier(owner));
    return done ? note_creation(connection)
                : base::Result<void>(done.error().with_context("Could not create database " + name));
  }
  std::vector<std::string> statements;
  if ((*found)[0][0].value_or("") != "t")
    statements.push_back("ALTER DATABASE " + quote_identifier(name) +
                         " WITH ALLOW_CONNECTIONS true CONNECTION LIMIT -1");
  if ((*found)[0][1].value_or("") != "t")
    statements.push_back("GRANT CONNECT ON DATABASE " + quote_identifier(name) + " TO " + quote_identifier(owner));
  for (const auto& statement : statements) {
    if (const auto done = connection.query(statement); !done)
      return done.error().with_context("Could not open database " + name);
    base::log_warning("Opened a database that nobody could connect to", {{"database", name}});
  }
  return {};
}

}  // namespace

base::Result<std::string> scram_verifier(std::string_view password, std::string_view salt, int iterations) {
  const bool is_plain = std::all_of(password.begin(), password.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!is_plain || password.empty()) return Error{ErrorKind::Invalid, "the password must be printable ASCII"};
  const auto salted = salted_password(password, salt, iterations);
  const auto stored = net::sha256(net::hmac_sha256(salted, "Client Key"));
  const auto server = net::hmac_sha256(salted, "Server Key");
  return std::string(kPrefix) + std::to_string(iterations) + ":" + base::to_base64(salt) + "$" +
         base::to_base64(stored) + ":" + base::to_base64(server);
}

bool is_verifier_of(std::string_view verifier, std::string_view password) {
  if (!verifier.starts_with(kPrefix)) return false;
  const auto rest = verifier.substr(kPrefix.size());
  const auto colon = rest.find(':'), dollar = rest.find('$');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || dollar < colon) return false;
  const auto iterations = base::parse_integer(rest.substr(0, colon));
  const auto salt = base::from_base64(rest.substr(colon + 1, dollar - colon - 1));
  if (!iterations || *iterations < 1 || *iterations > 1000000 || !salt) return false;
  const auto wanted = scram_verifier(password, *salt, static_cast<int>(*iterations));
  return wanted && base::equals_in_constant_time(*wanted, verifier);
}

namespace {

// Whoever logs in acts as the owner, so that what one role makes the other may change.
base::Result<void> ensure_login(rules::Connection& connection, const std::string& name, const std::string& password) {
  if (auto done = ensure_role(connection, name, password, "LOGIN", "true"); !done) return done;
  if (name == rules::kApplicationUser) return {};
  const auto found = connection.query(
      "SELECT 1 FROM pg_auth_members m WHERE m.roleid = '" + std::string(rules::kApplicationUser) +
      "'::regrole AND m.member = " + quote_literal(name) +
      "::regrole AND EXISTS (SELECT 1 FROM pg_db_role_setting s WHERE s.setrole = m.member AND s.setdatabase = 0)");
  if (!found) return found.error();
  if (!found->empty()) return {};
  const auto owner = quote_identifier(rules::kApplicationUser);
  for (const auto& statement :
       {"GRANT " + owner + " TO " + quote_identifier(name),
        "ALTER ROLE " + quote_identifier(name) + " SET role = " + quote_literal(rules::kApplicationUser)}) {
    if (const auto done = connection.query(statement); !done)
      return done.error().with_context("Could not let role " + name + " act as the owner");
  }
  return {};
}

// The owner may be no login any more, but it owns everything.
base::Result<void> ensure_owner(rules::Connection& connection) {
  const auto found =
      connection.query("SELECT 1 FROM pg_roles WHERE rolname = " + quote_literal(rules::kApplicationUser));
  if (!found) return found.error();
  if (!found->empty()) return {};
  const auto done = connection.query("CREATE ROLE " + quote_identifier(rules::kApplicationUser) + " NOLOGIN");
  return done ? base::ok() : base::Result<void>(done.error().with_context("Could not create the owner role"));
}

base::Result<void> retire_login(rules::Connection& connection, const std::string& name) {
  const auto found = connection.query("SELECT 1 FROM pg_roles WHERE rolcanlogin AND rolname = " + quote_literal(name));
  if (!found) return found.error();
  if (found->empty()) return {};
  const auto done = connection.query("ALTER ROLE " + quote_identifier(name) + " NOLOGIN");
  if (!done) return done.error().with_context("Could not take the right to log in from role " + name);
  base::log_info("Retired a role", {{"role", name}});
  return {};
}

base::Result<void> ensure_application(rules::Connection& connection, const Passwords& passwords) {
  const auto& logins = passwords.logins;
  if (auto done = ensure_owner(connection); !done) return done;
  if (auto done = ensure_login(connection, logins.user, passwords.application); !done) return done;
  if (!logins.next.empty() && !passwords.next_application.empty()) {
    if (auto done = ensure_login(connection, logins.next, passwords.next_application); !done) return done;
  }
  const bool is_in_use = logins.retired == logins.user || logins.retired == logins.next;
  return logins.retired.empty() || is_in_use ? base::ok() : retire_login(connection, logins.retired);
}

}  // namespace

base::Result<std::string> ensure_roles(rules::Connection& connection, const Passwords& passwords) {
  if (auto done = ensure_role(connection, rules::kSuperuser, passwords.superuser, "LOGIN SUPERUSER", "rolsuper"); !done)
    return done.error();
  if (auto done = ensure_role(connection, rules::kReplicationUser, passwords.replication, "LOGIN REPLICATION",
                              "rolreplication");
      !done)
    return done.error();
  auto gone = find_gone(connection);
  if (!gone || !gone->empty()) return gone;
  if (auto done = ensure_application(connection, passwords); !done) return done.error();
  if (auto done = ensure_database(connection, rules::kApplicationDatabase, rules::kApplicationUser); !done)
    return done.error();
  return std::string();
}

base::Result<std::string> mark_of_roles(rules::Connection& connection, const rules::Logins& logins) {
  std::string names;
  for (const auto& name : {std::string(rules::kSuperuser), std::string(rules::kReplicationUser),
                           std::string(rules::kApplicationUser), logins.user, logins.next}) {
    if (!name.empty()) names += (names.empty() ? "" : ", ") + quote_literal(name);
  }
  const auto found = connection.query(
      "SELECT md5(coalesce((SELECT string_agg(r::text, ';' ORDER BY rolname) FROM (SELECT rolname, rolsuper, "
      "rolreplication, rolcanlogin, rolconnlimit, rolvaliduntil, rolpassword "
      "FROM pg_authid WHERE rolname IN (" +
      names +
      ")) r), '') || coalesce((SELECT (d.datallowconn, d.datconnlimit, d.datacl)::text FROM pg_database d WHERE "
      "datname = " +
      quote_literal(rules::kApplicationDatabase) + "), ''))");
  if (!found) return found.error();
  return found->empty() ? std::string() : (*found)[0][0].value_or("");
}

}  // namespace cadence::agent::postgres
