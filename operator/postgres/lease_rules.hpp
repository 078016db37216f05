// The rules of the Lease that says who is primary: timing, the fence, when a silent record may be claimed. Pure: intervals are
// handed in, wall time is written for people and never compared.
// Promises: with clock rates that differ by less than 10 % the old primary is dead before anybody may claim. Knows no API server.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace cadence::postgres {

using Milliseconds = std::chrono::milliseconds;

inline constexpr const char* kSystemIdentifierAnnotation = "cadence.noslop.tech/system-identifier";
inline constexpr const char* kTimelineAnnotation = "cadence.noslop.tech/timeline";
inline constexpr const char* kHolderUidAnnotation = "cadence.noslop.tech/holder-uid";

struct LeaseTiming {
  Milliseconds duration{9000};         // a record unchanged for this long may be claimed
  Milliseconds renew{2000};            // from one renewal to the next
  Milliseconds request_timeout{1500};  // of one request
  Milliseconds soft{5000};             // since the last renewal: PostgreSQL is stopped at once
  Milliseconds hard{7000};             // since the last renewal: every process is killed
};

// Derives the rest from the two numbers that users give. Invalid unless
//   renew + request_timeout < soft < hard   (one lost renewal does not stop PostgreSQL)
//   1.1 * hard + 1 s <= duration            (dead before a claim, at 10 % difference of clock rates)
base::Result<LeaseTiming> make_lease_timing(Milliseconds duration, Milliseconds renew);

enum class Fence { Run, StopPostgres, KillAll };
// `silence`: time since the last successful renewal was *sent*, by a clock that counts suspended time.
Fence judge_fence(Milliseconds silence, const LeaseTiming& timing);

// What an instance reads of the Lease.
struct LeaseView {
  bool is_present = false;
  std::string holder;      // instance name; empty: released or never claimed
  std::string holder_uid;  // the holder's pod
  std::string system_identifier;
  std::int64_t timeline = 0;     // 0: not said
  std::int64_t transitions = 0;  // how often the holder changed: the term
  std::string resource_version;
  bool operator==(const LeaseView&) const = default;
};

// Notices that a record stays the same: the only proof of a holder's silence (no remote clock is trusted).
class SilenceWatch {
 public:
  // `now` from any monotonic clock. True once the same resource version (or absence) was seen over a whole duration.
  bool see(const LeaseView& view, Milliseconds now, Milliseconds duration);

 private:
  bool has_seen_ = false, was_present_ = false;
  std::string resource_version_;
  Milliseconds since_{0};
};

}  // namespace cadence::postgres
