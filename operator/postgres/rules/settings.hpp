// postgresql.conf: reading users' parameters, who owns which parameter and why, rendering the file. Pure.
// Promises: a parameter that the agent owns never comes from a user; whatever text a value holds, it stays one quoted
// line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::postgres {

using Parameters = std::map<std::string, std::string>;  // by lower-case name

// Lines "name = value", "name value", comments, quotes with '' and backslashes, as PostgreSQL reads them. Invalid names
// the line.
base::Result<Parameters> parse_parameters(std::string_view text);

enum class Ownership {
  User,     // anything goes
  Owned,    // the agent sets it
  Blocked,  // this value would break durability, replication or the agent
};
struct Classification {
  Ownership ownership = Ownership::User;
  std::string reason;  // empty for User
};
Classification classify_parameter(std::string_view name, std::string_view value);
const std::map<std::string, std::string>& owned_parameters();  // name to reason

struct ServerSettings {
  std::string instance;
  std::uint16_t port = 5432;
  std::string run_directory;  // socket, keys, hba and ident files
  std::string listen_addresses = "*";
  Parameters user;  // owned and blocked ones are left out
  // max_slot_wal_keep_size unless the user sets it; 0: PostgreSQL's own default
  std::int64_t slot_wal_keep_mebibytes = 0;
  std::map<std::string, std::int64_t> at_least;  // on a standby: values of the primary that it must not go below
  std::string synchronous_standby_names;
  std::string primary_conninfo;  // empty on a primary, or while nobody is primary
  std::string primary_slot_name;
};

struct RenderedSettings {
  std::string text;
  std::vector<std::string> refused;  // "fsync: …", one for each parameter that was left out
};
RenderedSettings render_settings(const ServerSettings& settings);

// Why this may not be said by ALTER SYSTEM, ALTER DATABASE or ALTER ROLE, which would overrule the file above; empty:
// it may.
std::string objection_to_override(std::string_view name, std::string_view value);
std::vector<std::string> names_in(std::string_view auto_conf);  // of all that ALTER SYSTEM set
// Names in postgresql.auto.conf to which there is an objection, and its text without them.
std::vector<std::string> overrides_in(std::string_view auto_conf);
std::string without_owned_parameters(std::string_view auto_conf);

// What keeps acknowledged commits from being as safe as they should be, from the values in force; empty: nothing.
std::string unprotected_by(const Parameters& in_force);

// 40 % of the volume: a standby that stays away loses its slot before the primary loses its disk.
std::int64_t slot_wal_keep_mebibytes(std::int64_t volume_bytes);

// The parameters that a hot standby must have at least as large as its primary, with PostgreSQL's own defaults.
const std::map<std::string, std::int64_t>& hot_standby_parameters();
// The value that one of those gets with the user's settings.
std::int64_t integer_parameter(const Parameters& user, const std::string& name);

// What a server that refused to start said against its settings file: "unrecognized configuration parameter \"x\"".
std::string complaint_in(std::string_view output);

std::string quote_setting(std::string_view value);  // 'it''s'

}  // namespace cadence::postgres
