// On which instance's volume a database comes back when no Lease tells of it: its cluster was deleted and created
// again, or the Lease was lost with its holder. Pure. Promises: nobody is chosen before every volume was asked, for any
// of them may hold the newest commit; no database is created while a volume may hold one; volumes of two databases are
// never mixed. A volume that is gone for good is left out by people only.
#pragma once

#include <string>
#include <vector>

#include "postgres/rules/lsn.hpp"

namespace cadence::postgres {

struct VolumeReport {
  enum class Content {
    Unknown,  // not asked yet, or its log is still being read
    Empty,
    Database,
    Stale,     // half of a repair: what it had, and more, is elsewhere
    Unusable,  // nobody can tell
  };
  std::string instance;
  Content content = Content::Unknown;
  std::string why;  // Unknown, Unusable: for people
  std::string system_identifier;
  std::int64_t timeline = 0;
  Lsn end = 0;  // of all the log that is there
};

struct RecoveryDecision {
  enum class Kind {
    Wait,        // for those in `why`
    Blocked,     // until somebody takes a volume out
    Recover,     // `instance` becomes primary
    Initialise,  // no volume holds anything: `instance` creates the database
  };
  Kind kind = Kind::Wait;
  std::string instance, why;
  bool operator==(const RecoveryDecision&) const = default;
};

// Of equal volumes the first in `reports` is chosen.
RecoveryDecision choose_volume(const std::vector<VolumeReport>& reports);

}  // namespace cadence::postgres
