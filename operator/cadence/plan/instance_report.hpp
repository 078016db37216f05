// What the operator reads of a PostgreSQL instance's GET /status. Absent members keep their default: an older agent says less.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "json/fields.hpp"

namespace cadence::plan {

struct InstanceReport {
  std::string role;     // primary | standby | starting | stopped
  std::string state;    // Starting, Standby, Disarmed, Promoting, Primary, Stopping, Fenced, Rewinding, Recloning
  std::string message;  // what is going on, for people
  std::string blocked;  // why no election succeeds
  std::int64_t timeline = 0;
  std::string lsn, receive_lsn, replay_lsn;
  bool is_writable = false, is_streaming = false;
  bool is_restart_pending = false;   // a parameter waits for a restart
  bool is_decrease_pending = false;  // …and one of those that must get smaller on the primary first
  std::string config_hash, roles_hash;
  std::int64_t disk_free_bytes = 0, disk_size_bytes = 0;
  static json::Object json_fields();
  bool operator==(const InstanceReport&) const = default;
};

// How far the standby's replay is behind, in bytes; nothing while either position is unknown.
std::optional<std::int64_t> lag_of(const InstanceReport& primary, const InstanceReport& standby);

// "16/B374D848" as a number; 0 when it is none.
std::uint64_t parse_lsn(const std::string& text);

}  // namespace cadence::plan
