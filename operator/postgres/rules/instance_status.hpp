// What a PostgreSQL instance says of itself on GET /status: one field table for the agent that writes and the operator
// that reads. Promises: holds no secrets; members that a reader does not know are ignored, absent ones keep their
// default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "json/fields.hpp"

namespace cadence::postgres {

// InstanceStatus::volume
inline constexpr std::string_view kVolumeEmpty = "empty";  // no database, and nothing else
inline constexpr std::string_view kVolumeDatabase = "database";
// a rewind was cut: another volume has all that this one had, and more
inline constexpr std::string_view kVolumeStale = "stale";
inline constexpr std::string_view kVolumeUnusable = "unusable";  // nobody can tell what it holds; the message says why

struct ReplicationRow {
  std::string name;        // instance name of the standby
  std::string state;       // streaming, catchup, backup, …
  std::string sync_state;  // quorum, sync, potential, async
  std::string flush_lsn;   // safe on the standby's disk
  std::int64_t replay_lag_bytes = 0;
  std::string confirmed_lsn = {};  // as far as a commit needs it, by the server's synchronous_commit
  static json::Object json_fields();
  bool operator==(const ReplicationRow&) const = default;
};

struct DiskUse {
  std::int64_t size_bytes = 0, free_bytes = 0;
  static json::Object json_fields();
};

struct InstanceStatus {
  std::string instance;
  std::string role = "starting";  // primary | standby | starting | stopped
  // Starting | Standby | Disarmed | Promoting | Primary | Stopping | Fenced | Rewinding | Recloning
  std::string state = "Starting";
  std::string message;  // what is going on, one sentence for people
  std::string blocked;  // why no election succeeds, naming instances; empty when none is wanted
  std::int64_t timeline = 0;
  std::string lsn;  // primary: present write position; standby: as replay_lsn
  std::string receive_lsn, replay_lsn;
  std::string system_identifier;
  std::vector<ReplicationRow> replication;  // on the primary
  bool is_writable = false;
  bool is_streaming = false;        // standby: its WAL receiver is connected
  bool is_restart_pending = false;  // a parameter waits for a restart
  // one that standbys must not have smaller than the primary: the primary restarts first
  bool is_decrease_pending = false;
  std::string oldest_lsn;         // on the primary: start of its oldest WAL segment
  std::string config_hash;        // of what was last loaded from the mounted configuration
  std::string config_error;       // why the newest parameters are not in force: what PostgreSQL says against them
  std::string application_login;  // the application's user name, as the mounted Secret says it
  // of the user names and passwords that roles were last brought to; no secret can be told from it
  std::string roles_hash;
  DiskUse disk, wal_disk;                 // of the data volume; of the log's own one, zero where it has none
  std::string synchronous_standby_names;  // in force
  // On the primary, each a part of a sentence:
  std::string unacknowledged;  // why a commit that is made now is not acknowledged; empty: it is
  std::string unprotected;     // which settings in force keep acknowledged commits from being safe; empty: none
  // which of our settings somebody changed, and whether they were set back; kept for a while
  std::string overridden;
  // which replication slots that are none of ours keep how much log from being removed; a part of a sentence
  std::string strange_slots;
  std::string volume;  // one of the words above; empty: not looked at yet
  // while the database is looked for on the volumes: where this one's log ends, once all of it was read
  std::string log_end;
  std::int64_t log_timeline = 0;  // on which timeline
  bool is_replacing = false;      // its copy goes for a new one (replacement.hpp)
  static json::Object json_fields();
};

base::Result<InstanceStatus> decode_instance_status(std::string_view body);

}  // namespace cadence::postgres
