#include "store/postgres_address.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace cadence::store {

using base::Error;
using base::ErrorKind;

namespace {

// connect_timeout bounds one host; the keepalives and tcp_user_timeout notice a dead node within about ten seconds, the
// latter also while unacknowledged data is in flight.
const std::vector<std::pair<std::string, std::string>> kDefaults = {
    {"target_session_attrs", "read-write"},
    {"connect_timeout", "2"},
    {"keepalives", "1"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "2"},
    {"tcp_user_timeout", "3000"},
    {"client_encoding", "UTF8"},
    // What the database or the role has for everybody does not bind us: a connection that rests is in order.
    {"options",
     "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000 -c lock_timeout=10000 "
     "-c idle_session_timeout=0"},
};

}  // namespace

std::string PostgresAddress::conninfo() const {
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += (text.empty() ? "" : " ") + name + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "'";
  }
  return text;
}

base::Result<PostgresAddress> parse_postgres_address(const std::string& uri, const std::string& replica) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(uri.c_str(), &complaint),
                                                                             PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(complaint, PQfreemem);
  // libpq's complaint quotes the text, which may hold the password.
  if (!options)
    return Error{ErrorKind::Invalid, "The PostgreSQL address is malformed (postgresql://user@host:port/database?…)"};
  PostgresAddress address;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr && *option->val != '\0') address.parameters.emplace_back(option->keyword, option->val);
  const auto add = [&](const std::string& name, const std::string& value) {
    const auto is_given =
        std::any_of(address.parameters.begin(), address.parameters.end(), [&](auto& p) { return p.first == name; });
    if (!is_given && !value.empty()) address.parameters.emplace_back(name, value);
  };
  for (const auto& [name, value] : kDefaults) add(name, value);
  add("application_name", "cadence-webhook" + (replica.empty() ? "" : "/" + replica));
  return address;
}

bool is_transient_sqlstate(const std::string& sqlstate) {
  if (sqlstate.empty()) return true;     // the connection broke
  if (sqlstate == "25006") return true;  // read-only: no longer the primary
  const auto group = sqlstate.substr(0, 2);
  return group == "08" || group == "53" || group == "57" || group == "40" || group == "55" || group == "58" ||
         group == "XX" || group == "28" ||
         group == "42";  // rights and tables may still be on their way while a cluster is being set up
}

}  // namespace cadence::store
