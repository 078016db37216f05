// What an instance does with its data directory when it starts, given the Lease. Pure.
// Promises: data that exists is never overwritten and never joined to another database; nobody is primary while the Lease names
// somebody else; one database is initialised once. Does not know elections: no standby becomes primary here.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "postgres/lease_rules.hpp"

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
  bool is_standby = false;        // standby.signal is there
  bool is_cleanly_stopped = false;
};

// From the text of pg_controldata (LC_ALL=C); Invalid when a needed line is missing.
base::Result<DataDirectory> parse_control_data(std::string_view text);

struct BootFacts {
  std::string instance, pod_uid;
  bool may_initialize = false;
  int program_version = 0;  // major version of the installed server
  DataDirectory data;
  LeaseView lease;
};

struct Initialize {
  bool operator==(const Initialize&) const = default;
};
struct Clone {
  std::string from;
  bool operator==(const Clone&) const = default;
};
struct Follow {
  std::string primary;  // empty: nobody is primary now; recover what is here and serve reads
  bool operator==(const Follow&) const = default;
};
struct ResumeAsPrimary {
  bool must_watch_first = false;  // the record must be seen unchanged for a whole duration before it is claimed
  bool operator==(const ResumeAsPrimary&) const = default;
};
struct WaitForPrimary {
  std::string why;
  bool operator==(const WaitForPrimary&) const = default;
};
struct Refuse {
  std::string why;
  bool operator==(const Refuse&) const = default;
};
using BootDecision = std::variant<Initialize, Clone, Follow, ResumeAsPrimary, WaitForPrimary, Refuse>;

BootDecision decide_boot(const BootFacts& facts);
std::string to_string(const BootDecision& decision);  // one line for the log

}  // namespace cadence::postgres
