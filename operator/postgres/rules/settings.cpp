#include "postgres/rules/settings.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

using base::Error;
using base::ErrorKind;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '$';
}
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

// The quoted text that starts at `at` (the opening quote); moves `at` behind the closing one. Nothing when it never
// ends.
std::optional<std::string> read_quoted(std::string_view line, std::size_t& at) {
  std::string out;
  for (++at; at < line.size(); ++at) {
    if (line[at] == '\'') {
      if (at + 1 >= line.size() || line[at + 1] != '\'') {
        ++at;
        return out;
      }
      out += '\'';
      ++at;
    } else if (line[at] == '\\' && at + 1 < line.size()) {
      out += unescaped(line[++at]);
    } else {
      out += line[at];
    }
  }
  return std::nullopt;
}

std::string read_plain(std::string_view line, std::size_t& at) {
  std::string out;
  while (at < line.size() && !is_space(line[at]) && line[at] != '#') out += line[at++];
  return out;
}

// False when the line is malformed; an empty or comment line adds nothing.
bool read_line(std::string_view line, Parameters& out) {
  std::size_t at = 0;
  const auto skip = [&] {
    while (at < line.size() && is_space(line[at])) ++at;
  };
  skip();
  if (at == line.size() || line[at] == '#') return true;
  std::string name;
  while (at < line.size() && is_name_character(line[at])) name += line[at++];
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  skip();
  if (at < line.size() && line[at] == '=') {
    ++at;
    skip();
  }
  if (at == line.size()) return false;
  std::string value;
  if (line[at] == '\'') {
    auto quoted = read_quoted(line, at);
    if (!quoted) return false;
    value = std::move(*quoted);
  } else {
    value = read_plain(line, at);
    if (value.empty()) return false;
  }
  skip();
  if (at < line.size() && line[at] != '#') return false;
  out[base::to_lower(name)] = std::move(value);
  return true;
}

bool is_off(std::string_view value) {
  const auto text = base::to_lower(value);
  return text == "off" || text == "false" || text == "no" || text == "0" || text == "f" || text == "n" || text == "of";
}

Parameters base_settings(std::int64_t keep_mebibytes) {
  Parameters out{
      {"log_line_prefix", "%m [%p] %q%u@%d "},
      {"log_timezone", "UTC"},
      {"timezone", "UTC"},
      {"max_replication_slots", "10"},
      {"max_wal_senders", "10"},
      {"tcp_user_timeout", "5s"},
      {"wal_keep_size", "512MB"},
      {"wal_level", "replica"},
      {"wal_receiver_status_interval", "1s"},
      {"wal_receiver_timeout", "5s"},
      {"wal_retrieve_retry_interval", "100ms"},  // the default of 5 s alone costs 5 s at each re-attachment
      {"wal_sender_timeout", "5s"},
  };
  // Said although they are PostgreSQL's own: so that going back to one is seen to be a decrease.
  for (const auto& [name, value] : hot_standby_parameters()) out[name] = std::to_string(value);
  if (keep_mebibytes > 0) out["max_slot_wal_keep_size"] = std::to_string(keep_mebibytes) + "MB";
  return out;
}

Parameters agent_settings(const ServerSettings& settings) {
  const auto& run = settings.run_directory;
  Parameters out{
      {"cluster_name", settings.instance},
      {"hba_file", run + "/pg_hba.conf"},
      {"hot_standby", "on"},
      {"ident_file", run + "/pg_ident.conf"},
      {"listen_addresses", settings.listen_addresses},
      {"log_destination", "stderr"},
      {"logging_collector", "off"},
      {"password_encryption", "scram-sha-256"},
      {"port", std::to_string(settings.port)},
      {"restart_after_crash", "off"},
      {"ssl", "on"},
      {"ssl_ca_file", run + "/ca.crt"},
      {"ssl_cert_file", run + "/tls.crt"},
      {"ssl_key_file", run + "/tls.key"},
      {"synchronous_standby_names", settings.synchronous_standby_names},
      {"unix_socket_directories", run},
      {"unix_socket_permissions", "0700"},
      {"wal_log_hints", "on"},
      {"primary_conninfo", settings.primary_conninfo},
      {"primary_slot_name", settings.primary_slot_name},
  };
  return out;
}

}  // namespace

base::Result<Parameters> parse_parameters(std::string_view text) {
  Parameters out;
  int number = 0;
  for (const auto& line : base::split(text, '\n')) {
    ++number;
    if (!read_line(line, out))
      return Error{ErrorKind::Invalid,
                   "Could not read the settings: line " + std::to_string(number) + " is not 'name = value'"};
  }
  return out;
}

const std::map<std::string, std::string>& owned_parameters() {
  static const std::map<std::string, std::string> owned{
      {"archive_command", "backups own it"},
      {"archive_library", "backups own it"},
      {"archive_mode", "backups own it"},
      {"cluster_name", "it is the instance's name"},
      {"config_file", "the agent writes it"},
      {"data_directory", "it is the volume's place"},
      {"external_pid_file", "the agent supervises the server"},
      {"hba_file", "the agent writes it"},
      {"hot_standby", "standbys serve reads"},
      {"ident_file", "the agent writes it"},
      {"include", "settings come from one place"},
      {"include_dir", "settings come from one place"},
      {"include_if_exists", "settings come from one place"},
      {"listen_addresses", "the pod's network owns it"},
      {"log_destination", "the container's log is the log"},
      {"logging_collector", "the container's log is the log"},
      {"password_encryption", "only SCRAM is allowed to connect"},
      {"port", "Services point to it"},
      {"primary_conninfo", "replication follows the Lease"},
      {"primary_slot_name", "each instance has its slot"},
      {"promote_trigger_file", "promotion follows the Lease"},
      {"recovery_target", "restores own it"},
      {"recovery_target_action", "restores own it"},
      {"recovery_target_inclusive", "restores own it"},
      {"recovery_target_lsn", "restores own it"},
      {"recovery_target_name", "restores own it"},
      {"recovery_target_time", "restores own it"},
      {"recovery_target_timeline", "standbys follow the latest timeline"},
      {"recovery_target_xid", "restores own it"},
      {"restart_after_crash", "a crash ends the container, so that it is seen"},
      {"restore_command", "backups own it"},
      {"ssl", "connections are always encrypted"},
      {"ssl_ca_file", "it is the operator's CA"},
      {"ssl_cert_file", "it is the operator's certificate"},
      {"ssl_key_file", "it is the operator's certificate"},
      {"synchronous_standby_names", "spec.postgres.synchronous says it"},
      {"unix_socket_directories", "the agent connects there"},
      {"unix_socket_permissions", "the agent connects there"},
      {"wal_log_hints", "rejoining by rewind needs it"},
  };
  return owned;
}

Classification classify_parameter(std::string_view name, std::string_view value) {
  const auto key = base::to_lower(name);
  const auto found = owned_parameters().find(key);
  if (found != owned_parameters().end()) return {Ownership::Owned, found->second};
  const auto blocked = [](std::string reason) { return Classification{Ownership::Blocked, std::move(reason)}; };
  if ((key == "fsync" || key == "full_page_writes") && is_off(value))
    return blocked("a crash would destroy the database");
  if (key == "zero_damaged_pages" && !is_off(value)) return blocked("it deletes damaged data silently");
  if (key == "recovery_min_apply_delay" && value.find_first_of("123456789") != std::string_view::npos)
    return blocked("a standby that reads its log late holds up every election");
  if (key == "wal_level" && base::equals_ignoring_case(value, "minimal"))
    return blocked("standbys need at least replica");
  if (key == "max_wal_senders" && base::parse_integer(value).value_or(10) < 3)
    return blocked("standbys and base backups need at least 3");
  if (key == "max_replication_slots" && base::parse_integer(value).value_or(10) < 1)
    return blocked("each standby needs a slot");
  if (key == "synchronous_commit" && (is_off(value) || base::equals_ignoring_case(value, "local"))) {
    return blocked(
        "acknowledged commits could be lost: set it for a session or a role of your own where that is wanted");
  }
  return {};
}

RenderedSettings render_settings(const ServerSettings& settings) {
  RenderedSettings out;
  auto all = base_settings(settings.slot_wal_keep_mebibytes);
  for (const auto& [name, value] : settings.user) {
    const auto judged = classify_parameter(name, value);
    if (judged.ownership == Ownership::User) all[base::to_lower(name)] = value;
    else out.refused.push_back(name + ": " + judged.reason);
  }
  for (auto& [name, value] : agent_settings(settings)) all[name] = std::move(value);
  for (const auto& [name, least] : settings.at_least) {
    if (integer_parameter(settings.user, name) < least) all[name] = std::to_string(least);
  }
  out.text = "# Written by cadence-agent; edits are lost.\n";
  for (const auto& [name, value] : all) out.text += name + " = " + quote_setting(value) + "\n";
  return out;
}

std::string objection_to_override(std::string_view name, std::string_view value) {
  // A standby with less of one than its primary does not start, and a primary with more keeps others from starting.
  if (hot_standby_parameters().contains(base::to_lower(name)))
    return "all instances need the same, which spec.postgres.parameters says";
  if (base::to_lower(name) == "default_transaction_read_only" && !is_off(value)) return "nothing could be stored";
  return classify_parameter(name, value).reason;
}

std::vector<std::string> names_in(std::string_view auto_conf) {
  std::vector<std::string> out;
  for (const auto& line : base::split(auto_conf, '\n')) {
    Parameters one;
    if (read_line(line, one) && !one.empty()) out.push_back(one.begin()->first);
  }
  return out;
}

std::vector<std::string> overrides_in(std::string_view auto_conf) {
  std::vector<std::string> out;
  for (const auto& line : base::split(auto_conf, '\n')) {
    Parameters one;
    if (!read_line(line, one) || one.empty()) continue;
    const auto& [name, value] = *one.begin();
    if (!objection_to_override(name, value).empty() && std::find(out.begin(), out.end(), name) == out.end())
      out.push_back(name);
  }
  return out;
}

std::string without_owned_parameters(std::string_view auto_conf) {
  std::string out;
  for (const auto& line : base::split(auto_conf, '\n')) {
    Parameters one;
    const bool is_refused =
        read_line(line, one) && !one.empty() && !objection_to_override(one.begin()->first, one.begin()->second).empty();
    if (!is_refused && !line.empty()) out += line + "\n";
  }
  return out;
}

std::string unprotected_by(const Parameters& in_force) {
  std::string out;
  for (const auto& [name, value] : in_force) {
    const auto judged = classify_parameter(name, value);
    if (judged.ownership == Ownership::Blocked)
      out += (out.empty() ? "" : "; ") + name + " is " + value + ": " + judged.reason;
  }
  return out;
}

std::int64_t slot_wal_keep_mebibytes(std::int64_t volume_bytes) { return volume_bytes * 2 / 5 / (1024 * 1024); }

const std::map<std::string, std::int64_t>& hot_standby_parameters() {
  static const std::map<std::string, std::int64_t> defaults{{"max_connections", 100},
                                                            {"max_locks_per_transaction", 64},
                                                            {"max_prepared_transactions", 0},
                                                            {"max_wal_senders", 10},
                                                            {"max_worker_processes", 8}};
  return defaults;
}

std::int64_t integer_parameter(const Parameters& user, const std::string& name) {
  const auto found = user.find(name);
  const auto given = found == user.end() ? std::nullopt : base::parse_integer(found->second);
  return given.value_or(hot_standby_parameters().at(name));
}

std::string complaint_in(std::string_view output) {
  // A file with an error ends in a FATAL that names the file only; before it a LOG says what is wrong there.
  for (const std::string_view mark : {"LOG:  ", "FATAL:  "}) {
    for (const auto& line : base::split(output, '\n')) {
      const auto at = line.find(mark);
      if (at == std::string::npos) continue;
      const auto text = line.substr(at + mark.size());
      // The first is said of postgresql.auto.conf beside every file that is only being checked, the second where the
      // agent was started in a folder that PostgreSQL's user may not enter.
      if (text.starts_with("skipping ") || text.find("could not change directory to ") != std::string::npos) continue;
      return text.substr(0, text.find(" in file "));
    }
  }
  return std::string(base::trim(output)).substr(0, 300);
}

std::string quote_setting(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'') out += "''";
    else if (c == '\\') out += "\\\\";
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c != '\0') out += c;
  }
  return out + "'";
}

}  // namespace cadence::postgres
