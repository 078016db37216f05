#include "postgres/replication.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

using base::Error;
using base::ErrorKind;

// A value of a libpq connection string: quoted, with ' and \ escaped by a backslash.
std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string quoted_name(const std::string& name) { return "\"" + base::replace_all(name, "\"", "\"\"") + "\""; }

}  // namespace

std::string render_conninfo(const PrimaryAddress& primary, const std::string& instance, const ConnectionFiles& files) {
  std::string out = "host=" + conninfo_value(primary.host);
  if (!primary.host_addr.empty()) out += " hostaddr=" + conninfo_value(primary.host_addr);
  out += " port=" + std::to_string(primary.port) + " user=" + kReplicationUser + " application_name=" + conninfo_value(instance);
  out += " passfile=" + conninfo_value(files.password_file);
  out += " sslmode=verify-full sslrootcert=" + conninfo_value(files.ca_file);
  // gssencmode: no Kerberos attempt on each connection. The rest: a dead primary is noticed in seconds, not in minutes.
  out += " gssencmode=disable connect_timeout=5 keepalives=1 keepalives_idle=5 keepalives_interval=2 keepalives_count=3 tcp_user_timeout=5000";
  return out;
}

std::string render_password_file(std::string_view password) {
  std::string escaped;
  for (const char c : password) {
    if (c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return std::string("*:*:*:") + kReplicationUser + ":" + escaped + "\n";
}

std::string render_hba() {
  return
      "# Written by cadence-agent; edits are lost.\n"
      "local   all          postgres                peer map=agent\n"
      "hostssl replication  replicator  all         scram-sha-256\n"
      "host    all          replicator  all         reject\n"
      "hostssl all          all         all         scram-sha-256\n";
}

std::string render_ident(std::string_view system_user) {
  return "# Written by cadence-agent; edits are lost.\nagent  \"" + std::string(system_user) + "\"  postgres\n";
}

base::Result<Synchronous> parse_synchronous(std::string_view text) {
  const auto bad = [&] { return Error{ErrorKind::Invalid, "synchronous must be 'Off', 'Preferred N' or 'Required N', not '" + std::string(base::trim(text)) + "'"}; };
  std::vector<std::string> words;
  for (auto& word : base::split(base::trim(text), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.empty() || words.size() > 2) return bad();
  Synchronous out;
  if (words[0] == "Off") out.mode = SynchronousMode::Off;
  else if (words[0] == "Preferred") out.mode = SynchronousMode::Preferred;
  else if (words[0] == "Required") out.mode = SynchronousMode::Required;
  else return bad();
  if (words.size() == 2) {
    const auto number = base::parse_integer(words[1]);
    if (!number || *number < 0 || *number > 100) return bad();
    out.number = static_cast<int>(*number);
  }
  if (out.number == 0) out.mode = SynchronousMode::Off;
  return out;
}

std::string render_synchronous_standby_names(const Synchronous& wanted, const std::vector<std::string>& others,
                                             const std::vector<std::string>& streaming) {
  std::vector<std::string> names;
  switch (wanted.mode) {
    case SynchronousMode::Off: return "";
    case SynchronousMode::Required: names = others; break;
    case SynchronousMode::Preferred:
      for (const auto& name : others) {
        if (std::find(streaming.begin(), streaming.end(), name) != streaming.end()) names.push_back(name);
      }
      break;
  }
  if (names.empty()) return "";
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // Required with more copies than there are standbys would wait for ever: all of them is the most that can be had.
  const auto number = std::min<std::size_t>(static_cast<std::size_t>(wanted.number), names.size());
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(quoted_name(name));
  return "ANY " + std::to_string(number) + " (" + base::join(quoted, ", ") + ")";
}

std::vector<std::string> parse_instances(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& line : base::split(text, '\n')) {
    const auto name = base::trim(line);
    if (!name.empty() && name.front() != '#') out.emplace_back(name);
  }
  return out;
}

base::Result<std::string> slot_of(std::string_view instance) {
  const auto dash = instance.rfind('-');
  const auto number = dash == std::string_view::npos ? std::nullopt : base::parse_integer(instance.substr(dash + 1));
  if (!number || *number < 1) return Error{ErrorKind::Invalid, "instance name '" + std::string(instance) + "' does not end in a number from 1"};
  return "cadence_" + std::to_string(*number);
}

}  // namespace cadence::postgres
