// What an instance does with its data directory, given the Lease, whenever no server runs on it. Pure.
// Promises: data that exists is never joined to another database, and replaced only by a copy that is complete; nobody
// is primary while the Lease names somebody else; one database is initialised once; a former primary never serves
// before it was compared with its successor. Does not know elections: a standby that may promote itself is
// election.hpp's business.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "postgres/rules/lease_rules.hpp"

namespace cadence::postgres {

struct DataDirectory {
  enum class State {
    Empty,    // missing, or nothing but lost+found
    Foreign,  // holds files, but no database that we can read
    Database,
  };
  State state = State::Empty;
  std::string problem;            // Foreign: what is wrong, for people
  int major_version = 0;          // of PG_VERSION
  std::string system_identifier;  // decimal, as pg_controldata prints it
  std::int64_t timeline = 0;
  Lsn checkpoint = 0;  // of the latest checkpoint's record
  // How far the data files may reach: a server that has not read so much of the log answers nobody.
  LogPoint least_recovery;
  bool is_standby = false;       // standby.signal is there
  bool was_in_recovery = false;  // its server was a standby's when it stopped, whatever files are there now
  // hot-standby parameters of the primary that wrote this log (settings.hpp)
  std::map<std::string, std::int64_t> limits;
  bool is_cleanly_stopped = false;  // as a primary, so that the checkpoint is the end of its log
  bool is_wal_lost = false;         // the log was on a volume of its own, which came back empty
  // the timeline on which this instance was primary, until its data was compared with a successor's; 0: none
  std::int64_t reign = 0;
  bool is_strayed = false;  // promoted, and nobody had elected it: what it holds since then is no part of the database
  [[nodiscard]] bool is_of_own_reign() const { return reign != 0 && reign == timeline; }
  // Only a comparison tells whether it can follow somebody else, whatever file makes it a standby.
  [[nodiscard]] bool is_former_primary() const { return !is_standby || is_of_own_reign(); }
};

// From the text of pg_controldata (LC_ALL=C); Invalid when a needed line is missing.
base::Result<DataDirectory> parse_control_data(std::string_view text);

// How much of a rejoin simple following could not do.
enum class Repair { None, Rewind, Clone };

struct BootFacts {
  std::string instance, pod_uid;
  bool may_initialize = false;
  int program_version = 0;  // major version of the installed server
  DataDirectory data;
  LeaseView lease;
  Milliseconds since_release{0};  // since this agent first saw the present record
  // an earlier one was cut: the data is neither the old nor the new; or a copy was, as it took its place
  bool is_rewind_unfinished = false;
  Repair repair = Repair::None;
  std::int64_t holder_timeline = 0;  // of a holder that accepts writes, as it says itself; 0: not known
  // whoever was primary last does not answer, or has been without the Lease for a while
  bool is_successor_lost = false;
};

struct Initialize {
  bool operator==(const Initialize&) const = default;
};
struct Clone {
  std::string from;
  bool replaces_data = false;  // what is there could not be rejoined
  bool operator==(const Clone&) const = default;
};
struct Follow {
  std::string primary;  // empty: nobody is primary now; recover what is here and serve reads
  bool operator==(const Follow&) const = default;
};
// The data was a primary's, or could not follow: compare it with the present primary, undo what only we have, then
// follow.
struct Rewind {
  std::string primary;
  bool operator==(const Rewind&) const = default;
};
struct ResumeAsPrimary {
  bool must_watch_first = false;  // the record must be seen unchanged for a whole duration before it is claimed
  bool operator==(const ResumeAsPrimary&) const = default;
};
// We hold the Lease, and somebody else can serve sooner or better.
struct GiveUpLease {
  std::string because;
  bool must_watch_first = false;
  bool operator==(const GiveUpLease&) const = default;
};
// Nobody knows who has the newest data: this much is read of our log as a standby of nobody, so that we can tell where
// it ends.
struct Recover {
  bool operator==(const Recover&) const = default;
};
// The successor is lost before we could be compared with it. Our log is read to its end as a standby of nobody, so that
// we vote, or are elected: what the successor acknowledged is on those that followed it, and we know that we did not.
struct StandForElection {
  bool operator==(const StandForElection&) const = default;
};
struct WaitForPrimary {
  std::string why;
  bool operator==(const WaitForPrimary&) const = default;
};
struct StayFenced {
  bool operator==(const StayFenced&) const = default;
};
struct Refuse {
  std::string why;
  bool operator==(const Refuse&) const = default;
};
using BootDecision = std::variant<Initialize, Clone, Follow, Rewind, ResumeAsPrimary, GiveUpLease, Recover,
                                  StandForElection, WaitForPrimary, StayFenced, Refuse>;

// A former primary whose Lease is free lets the standbys elect for so long before it takes the Lease again.
inline constexpr Milliseconds kElectionHeadStart{2000};
// A Lease that nobody holds is left for so long to those who were in touch with its last holder, and to that one
// itself.
inline constexpr Milliseconds kSuccessorPatience{5000};

BootDecision decide_boot(const BootFacts& facts);

// What the volume has to offer to a database that must be found again (recovery.hpp), as instances report it.
std::string_view volume_of(const BootFacts& facts);
std::string to_string(const BootDecision& decision);  // one line for the log

}  // namespace cadence::postgres
