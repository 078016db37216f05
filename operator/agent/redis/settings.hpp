// Keeps the running server as its files made it. Whoever holds the operator's password can turn the append-only log
// off, allow writes that nobody copies, or let users in, and nothing of that is in the spec. Promises: what the server
// was started with, and its users, are set back within seconds, each with a line in the log; no password is in it. Slow
// log, latency monitor and log level may be changed by hand, for diagnosis, unless redis.conf names them. Does not know
// where the passwords come from.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/redis/configuration.hpp"
#include "base/clock.hpp"

namespace cadence::agent::redis {

struct ServerState {
  std::map<std::string, std::string> settings;            // as CONFIG GET says them
  std::map<std::string, std::vector<std::string>> users;  // the words of ACL LIST after the name; passwords as #hash
  bool operator==(const ServerState&) const = default;
};

// The settings that a redis.conf names.
std::set<std::string> settings_named_in(const std::string& text);
// All but what is turned for diagnosis and not among `named`, what every failover changes, and what is kept as a user.
bool is_kept(const std::string& setting, const std::set<std::string>& named);
ServerState read_state(const cadence::redis::Reply& settings, const cadence::redis::Reply& users,
                       const std::set<std::string>& named);

// What the server should say once these passwords are the good ones.
ServerState with_passwords(ServerState wanted, const std::vector<Secrets>& good);

struct Repair {
  cadence::redis::Request request;
  std::string what;  // for the log
};
std::vector<Repair> repairs(const ServerState& wanted, const ServerState& found);

class SettingsKeeper {
 public:
  explicit SettingsKeeper(Places places);
  // At most every two seconds; the first that is answered takes what it finds for what is wanted.
  // `good`: the passwords that the server was told.
  void look(const std::vector<Secrets>& good);

 private:
  Places places_;
  std::set<std::string> named_;
  std::optional<ServerState> wanted_;
  base::Monotonic next_look_{};
};

}  // namespace cadence::agent::redis
