// The newest change of primary, as the new primary's agent wrote it into the Lease: for status and for one event. Pure.
#pragma once

#include <optional>
#include <string>

#include "cadence/api/status.hpp"

namespace cadence::status {

struct FailoverStory {
  std::string at, from, to, reason;
  std::int64_t term = 0, duration_ms = 0;
  json::Value phases = json::Value::object();  // milliseconds by name: disarm_ms, collect_ms, claim_ms, promote_ms, total_ms
  std::vector<std::string> waited_for;
  static json::Object json_fields();
};

// Nothing when the annotation is empty or holds no change from one instance to another.
std::optional<FailoverStory> read_failover(const std::string& annotation);

api::LastFailover last_failover_of(const FailoverStory& story);
bool is_planned(const FailoverStory& story);
// "c-postgres-2 is primary after c-postgres-1: …. No write was possible for 1.284 s (disarm 52 ms, …). Waited for c-postgres-3."
std::string to_sentence(const FailoverStory& story);

}  // namespace cadence::status
