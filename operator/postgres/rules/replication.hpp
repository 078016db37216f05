// How instances find and trust each other: primary_conninfo, pg_hba.conf, pg_ident.conf, slots. Pure.
// Promises: no password appears in any rendered text; nobody connects over the network without TLS and SCRAM.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::postgres {

inline constexpr const char* kReplicationUser = "replicator";
inline constexpr const char* kSuperuser = "postgres";
inline constexpr const char* kApplicationUser = "cadence";
inline constexpr const char* kApplicationDatabase = "cadence";

struct PrimaryAddress {
  std::string host;       // the name that the certificate must carry
  std::string host_addr;  // empty: found by DNS
  std::uint16_t port = 5432;
};
struct ConnectionFiles {
  std::string ca_file, password_file;  // password file in .pgpass form
};
// A libpq connection string to `primary`; `instance` becomes the application name, by which standbys are counted.
std::string render_conninfo(const PrimaryAddress& primary, std::string_view user, const std::string& instance,
                            const ConnectionFiles& files);
// A .pgpass line for `user` at any host; ':' and '\' of the password are escaped.
std::string render_password_file(std::string_view user, std::string_view password);

// Socket: only the agent's own operating system user, as superuser. Network: TLS and SCRAM; the replication user may
// only replicate.
std::string render_hba();
std::string render_ident(std::string_view system_user);

enum class SynchronousMode { Off, Preferred, Required };
struct Synchronous {
  SynchronousMode mode = SynchronousMode::Required;
  int number = 1;
  bool operator==(const Synchronous&) const = default;
};
std::string_view to_string(SynchronousMode mode);
std::optional<SynchronousMode> parse_synchronous_mode(std::string_view text);
base::Result<Synchronous> parse_synchronous(std::string_view text);  // "Required 1", "Off"

// one name a line; blank lines and comments are skipped
std::vector<std::string> parse_instances(std::string_view text);

// "demo-postgres-3" has slot "cadence_3". Invalid when the name does not end in a number.
base::Result<std::string> slot_of(std::string_view instance);

// A replication slot that no instance of ours has, and the log that it keeps from being removed.
struct StrangeSlot {
  std::string name;
  bool is_active = false;
  std::int64_t kept_bytes = 0;
};
// Those that keep more than a busy server leaves lying anyway; a part of a sentence, empty: none. `limit`: what the
// server lets a slot keep, as max_slot_wal_keep_size says it. The same text while the log doubles.
std::string tell_strange_slots(const std::vector<StrangeSlot>& slots, const std::string& limit);

}  // namespace cadence::postgres
