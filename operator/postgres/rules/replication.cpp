#include "postgres/rules/replication.hpp"

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

}  // namespace

std::string render_conninfo(const PrimaryAddress& primary, std::string_view user, const std::string& instance,
                            const ConnectionFiles& files) {
  std::string out = "host=" + conninfo_value(primary.host);
  if (!primary.host_addr.empty()) out += " hostaddr=" + conninfo_value(primary.host_addr);
  out += " port=" + std::to_string(primary.port) + " user=" + std::string(user) +
         " application_name=" + conninfo_value(instance);
  out += " passfile=" + conninfo_value(files.password_file);
  out += " sslmode=verify-full sslrootcert=" + conninfo_value(files.ca_file);
  // gssencmode: no Kerberos attempt on each connection. The rest: a dead primary is noticed in seconds, not in minutes.
  out +=
      " gssencmode=disable connect_timeout=2 keepalives=1 keepalives_idle=5 keepalives_interval=2 keepalives_count=3 "
      "tcp_user_timeout=5000";
  return out;
}

std::string render_password_file(std::string_view user, std::string_view password) {
  std::string escaped;
  for (const char c : password) {
    if (c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return "*:*:*:" + std::string(user) + ":" + escaped + "\n";
}

std::string render_hba() {
  return "# Written by cadence-agent; edits are lost.\n"
         "local   all          postgres                peer map=agent\n"
         "hostssl replication  replicator  all         scram-sha-256\n"
         "host    all          replicator  all         reject\n"
         "hostssl all          all         all         scram-sha-256\n";
}

std::string render_ident(std::string_view system_user) {
  return "# Written by cadence-agent; edits are lost.\nagent  \"" + std::string(system_user) + "\"  postgres\n";
}

std::string_view to_string(SynchronousMode mode) {
  switch (mode) {
    case SynchronousMode::Off:
      return "Off";
    case SynchronousMode::Preferred:
      return "Preferred";
    case SynchronousMode::Required:
      return "Required";
  }
  return "Off";
}

std::optional<SynchronousMode> parse_synchronous_mode(std::string_view text) {
  for (const auto mode : {SynchronousMode::Off, SynchronousMode::Preferred, SynchronousMode::Required}) {
    if (to_string(mode) == text) return mode;
  }
  return std::nullopt;
}

base::Result<Synchronous> parse_synchronous(std::string_view text) {
  const auto bad = [&] {
    return Error{ErrorKind::Invalid, "synchronous must be 'Off', 'Preferred N' or 'Required N', not '" +
                                         std::string(base::trim(text)) + "'"};
  };
  std::vector<std::string> words;
  for (auto& word : base::split(base::trim(text), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.empty() || words.size() > 2) return bad();
  Synchronous out;
  const auto mode = parse_synchronous_mode(words[0]);
  if (!mode) return bad();
  out.mode = *mode;
  if (words.size() == 2) {
    const auto number = base::parse_integer(words[1]);
    if (!number || *number < 0 || *number > 100) return bad();
    out.number = static_cast<int>(*number);
  }
  if (out.number == 0) out.mode = SynchronousMode::Off;
  return out;
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
  if (!number || *number < 1)
    return Error{ErrorKind::Invalid, "instance name '" + std::string(instance) + "' does not end in a number from 1"};
  return "cadence_" + std::to_string(*number);
}

std::string tell_strange_slots(const std::vector<StrangeSlot>& slots, const std::string& limit) {
  constexpr std::int64_t kMebi = std::int64_t{1} << 20, kNamed = 64 * kMebi;
  constexpr std::size_t kMost = 5;
  std::vector<std::string> parts;
  std::size_t others = 0;
  for (const auto& slot : slots) {
    if (slot.kept_bytes < kNamed) continue;
    if (parts.size() == kMost) ++others;
    if (parts.size() == kMost) continue;
    auto told = kNamed;
    while (told <= slot.kept_bytes / 2) told *= 2;
    parts.push_back("slot " + slot.name + (slot.is_active ? ", whose reader is behind," : ", which nobody reads,") +
                    " keeps " + std::to_string(told / kMebi) + " MiB of log or more");
  }
  if (parts.empty()) return {};
  if (others > 0) parts.push_back(std::to_string(others) + " more slots do");
  return base::join(parts, ", ") +
         (limit == "-1" ? ", until the volume is full" : ", up to " + limit + " (max_slot_wal_keep_size)");
}

}  // namespace cadence::postgres
