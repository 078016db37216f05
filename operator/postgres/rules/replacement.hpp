// Whether a standby whose data cannot rejoin may replace it by a new copy now. Pure.
// Promises: one standby at a time replaces its copy; where the old one must go before the new one is complete, it is
// never the last one beside the primary's. This holds however long a process stands still: each says that it replaces
// its copy before it looks at the others, and two that look at each other see it. Does not know whether the primary can
// be copied: the agent proves that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/rules/instance_status.hpp"

namespace cadence::postgres {

// Another standby, neither this instance nor the primary.
struct OtherStandby {
  std::string name;
  std::optional<InstanceStatus> status;  // nothing: it does not answer
};

struct ReplacementJudgement {
  std::string objection;    // empty: it may
  bool keeps_turn = false;  // it goes on saying that it wants to: the others step back
};

// `must_remove_first`: a copy of use goes before the new one is complete.
ReplacementJudgement judge_replacement(const std::string& self, const std::vector<OtherStandby>& others,
                                       bool must_remove_first);

}  // namespace cadence::postgres
