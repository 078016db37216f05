// What a sender is told about a commit, before it is put into a provider's words. Pure.
// Promises: says how many commits are suspicious and nothing of what the job's page shows: a status may be public where
// that page is not. Why an analysis failed stands on the page alone, for it may name hosts and branches.
#pragma once

#include <optional>
#include <string>

#include "queue/outbox.hpp"

namespace cadence::feedback {

inline constexpr const char* kContext = "cadence";  // the name of our statuses among those of others

enum class State {
  Pending,
  Clean,       // nothing is suspicious
  Suspicious,  // something is, and that is no reason to refuse the commit
  Refused,     // more is than the configuration puts up with
  Unknown,     // the analysis failed
};

struct Status {
  State state = State::Pending;
  std::string description;
  std::string url;  // of the job's page; empty: it has none that others could open
  std::string job_id, full_name, branch, commit;
};

Status status_of(const queue::OwedStatus& owed, const std::string& url, std::optional<double> fail_above);

}  // namespace cadence::feedback
