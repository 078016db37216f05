// Whether a commit that is made now would be acknowledged: told from what the primary has written and what its standbys
// confirm. Pure: callers bring positions and the time. Promises: nothing is written and nothing waits for an answer;
// "acknowledged" is said only while enough standbys that the server itself counts have confirmed what was written a
// moment ago.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/rules/lsn.hpp"

namespace cadence::postgres {

// synchronous_standby_names as a server has it in force.
struct StandbyNames {
  int number = 0;  // how many must confirm; 0: none
  std::vector<std::string> names;
};
StandbyNames parse_standby_names(std::string_view value);

struct StandbyPosition {
  std::string name;
  Lsn confirmed = 0;  // as far as a commit needs it: written, on disk or replayed
};
struct CommitFacts {
  std::string synchronous_standby_names;  // in force
  Lsn written = 0;                        // safe on the primary's own disk
  std::vector<StandbyPosition> counted;   // standbys that stream and count for a commit
};

inline constexpr std::string_view kWaitsForAny = "a commit waits for any ";  // how all that CommitWatch says begins

class CommitWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Why a commit that is made now is not acknowledged; empty: it is. Stays the same text while nothing changes.
  std::string look(const CommitFacts& facts, Time now);
  void forget() { oldest_.reset(); }

 private:
  struct Mark {
    Lsn position = 0;
    Time since{};
  };
  std::optional<Mark> oldest_;  // written, and not yet confirmed by enough
};

}  // namespace cadence::postgres
