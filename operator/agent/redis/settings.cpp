#include "agent/redis/settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/redis/files.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::redis {
namespace {

using namespace std::chrono_literals;
using cadence::redis::Connection;
using cadence::redis::Limits;
using cadence::redis::Reply;

constexpr auto kLook = 2s;
constexpr auto kBound = 1500ms;

constexpr const char* kMasterPassword = "masterauth";
// Who looks for a fault turns these, and nothing that is stored or served depends on them.
constexpr std::array<std::string_view, 4> kForDiagnosis = {"latency-monitor-threshold", "loglevel",
                                                           "slowlog-log-slower-than", "slowlog-max-len"};
// A password of the user `default`, which is kept as a user; and what every failover changes.
constexpr std::array<std::string_view, 3> kElsewhere = {"replicaof", "requirepass", "slaveof"};

bool is_password(const std::string& word) { return word.starts_with('#'); }

// The users are those that write_files makes; any other came from somewhere else.
std::vector<std::string> hashes(const std::string& user, const std::vector<Secrets>& good) {
  for (const auto& command : password_commands(good)) {
    if (command[0] != "ACL" || command[2] != user) continue;
    std::vector<std::string> out;
    std::copy_if(command.begin(), command.end(), std::back_inserter(out), is_password);
    return out;
  }
  return {};
}

// The order of a user's passwords says nothing, nor does the default that Redis names for some users and not for
// others.
std::vector<std::string> without_order(std::vector<std::string> words) {
  std::erase(words, "sanitize-payload");
  std::vector<std::string> passwords;
  std::copy_if(words.begin(), words.end(), std::back_inserter(passwords), is_password);
  std::sort(passwords.begin(), passwords.end());
  passwords.erase(std::unique(passwords.begin(), passwords.end()), passwords.end());
  std::erase_if(words, is_password);
  words.insert(words.end(), passwords.begin(), passwords.end());
  return words;
}

base::Result<Connection> open_as_someone(const Places& places, const std::vector<Secrets>& good, const Limits& limits) {
  auto server = Connection::open(local_endpoint(places), local_credentials(places), limits);
  // The agent's own user may be what somebody changed.
  for (const auto& secrets : good) {
    if (server || server.error().kind != base::ErrorKind::Forbidden) break;
    server = Connection::open(local_endpoint(places), {kOperatorUser, secrets.operator_password}, limits);
  }
  return server;
}

}  // namespace

std::set<std::string> settings_named_in(const std::string& text) {
  std::set<std::string> out;
  for (const auto& line : base::split(text, '\n')) {
    const auto trimmed = std::string(base::trim(line));
    if (!trimmed.empty() && trimmed.front() != '#') out.insert(trimmed.substr(0, trimmed.find(' ')));
  }
  return out;
}

bool is_kept(const std::string& setting, const std::set<std::string>& named) {
  const auto is_in = [&](const auto& list) { return std::find(list.begin(), list.end(), setting) != list.end(); };
  return !is_in(kElsewhere) && (named.contains(setting) || !is_in(kForDiagnosis));
}

ServerState read_state(const Reply& settings, const Reply& users, const std::set<std::string>& named) {
  ServerState out;
  for (std::size_t i = 0; i + 1 < settings.items.size(); i += 2) {
    const auto& name = settings.items[i].text;
    if (is_kept(name, named)) out.settings[name] = settings.items[i + 1].text;
  }
  for (const auto& line : users.items) {
    auto words = base::split(line.text, ' ');
    if (words.size() < 2) continue;
    out.users[std::string(words[1])] = without_order({words.begin() + 2, words.end()});
  }
  return out;
}

ServerState with_passwords(ServerState wanted, const std::vector<Secrets>& good) {
  for (auto& [user, words] : wanted.users) {
    const auto passwords = hashes(user, good);
    if (passwords.empty()) continue;
    std::erase_if(words, is_password);
    words.insert(words.end(), passwords.begin(), passwords.end());
    words = without_order(std::move(words));
  }
  if (!good.empty() && wanted.settings.contains(kMasterPassword))
    wanted.settings[kMasterPassword] = good.front().shown();
  return wanted;
}

std::vector<Repair> repairs(const ServerState& wanted, const ServerState& found) {
  std::vector<Repair> out;
  for (const auto& [user, words] : wanted.users) {
    const auto at = found.users.find(user);
    if (at != found.users.end() && at->second == words) continue;
    cadence::redis::Request request{"ACL", "SETUSER", user, "reset"};
    request.insert(request.end(), words.begin(), words.end());
    out.push_back({std::move(request), "user " + user});
  }
  for (const auto& [user, words] : found.users) {
    if (!wanted.users.contains(user))
      out.push_back({{"ACL", "DELUSER", user}, "user " + user + ", who is none of this cluster's"});
  }
  for (const auto& [name, value] : wanted.settings) {
    const auto at = found.settings.find(name);
    if (at == found.settings.end() || at->second == value) continue;
    const bool is_secret = name == kMasterPassword;
    out.push_back({{"CONFIG", "SET", name, value},
                   is_secret ? name : name + " from \"" + at->second + "\" to \"" + value + "\""});
  }
  return out;
}

SettingsKeeper::SettingsKeeper(Places places) : places_(std::move(places)) {
  named_ = settings_named_in(read_file(places_.config) + "\n" + read_file(places_.server_config()));
}

void SettingsKeeper::look(const std::vector<Secrets>& good) {
  const auto time = base::system_clock().monotonic();
  if (time < next_look_) return;
  next_look_ = time + (wanted_ ? kLook : 0s);
  const Limits limits{.deadline = time + kBound};
  auto server = open_as_someone(places_, good, limits);
  if (!server) return;  // the probes tell of it
  const auto answers = server->pipeline({{"CONFIG", "GET", "*"}, {"ACL", "LIST"}}, limits);
  if (!answers || answers->at(0).is_error() || answers->at(1).is_error()) return;
  const auto found = read_state(answers->at(0), answers->at(1), named_);
  if (!wanted_) wanted_ = found;
  for (const auto& [request, what] : repairs(with_passwords(*wanted_, good), found)) {
    const auto told = server->call(request, limits);
    if (told) base::log_warning("Set back what somebody changed on the running server", {{"what", what}});
    if (!told)
      base::log_warning("Could not set back what somebody changed on the running server",
                        {{"what", what}, {"error", told.error().message}});
    if (!told && told.error().kind == base::ErrorKind::Transient) return;
  }
}

}  // namespace cadence::agent::redis
