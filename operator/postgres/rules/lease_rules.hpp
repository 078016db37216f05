// The rules of the Lease that says who is primary: timing, the fence, when a silent record may be claimed. Pure:
// intervals are handed in, wall time is written for people and never compared. Promises: with clock rates that differ
// by less than 10 % the old primary is dead before anybody may claim. Knows no API server.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "postgres/rules/synchronous_set.hpp"

namespace cadence::postgres {

using Milliseconds = std::chrono::milliseconds;

inline constexpr const char* kSystemIdentifierAnnotation = "cadence.noslop.tech/system-identifier";
inline constexpr const char* kTimelineAnnotation = "cadence.noslop.tech/timeline";
inline constexpr const char* kHolderUidAnnotation = "cadence.noslop.tech/holder-uid";
inline constexpr const char* kHolderAddressAnnotation = "cadence.noslop.tech/holder-address";
inline constexpr const char* kSynchronousAnnotation = "cadence.noslop.tech/synchronous";
inline constexpr const char* kLastHolderAnnotation = "cadence.noslop.tech/last-holder";
inline constexpr const char* kShutdownAnnotation = "cadence.noslop.tech/shutdown";
inline constexpr const char* kHandoverToAnnotation = "cadence.noslop.tech/handover-to";
inline constexpr const char* kReleasedBecauseAnnotation = "cadence.noslop.tech/released-because";
inline constexpr const char* kFailoverAnnotation = "cadence.noslop.tech/failover";
// The number that the newest promotion was given: no other promotion takes it, or a lower one, again.
inline constexpr const char* kReservedTimelineAnnotation = "cadence.noslop.tech/reserved-timeline";
// The end of the log that the newest election was won with: "LSN TIMELINE".
inline constexpr const char* kElectedAtAnnotation = "cadence.noslop.tech/elected-at";
// What the record said before its holder was elected, and who that was, until that one has been promoted.
inline constexpr const char* kBeforePromotionAnnotation = "cadence.noslop.tech/before-promotion";
// What the holder measures of its commits; absent while all is well.
inline constexpr const char* kUnacknowledgedAnnotation = "cadence.noslop.tech/unacknowledged";
inline constexpr const char* kSettingsAnnotation = "cadence.noslop.tech/settings";
// What the operator asks of the agents.
inline constexpr const char* kSwitchoverToAnnotation = "cadence.noslop.tech/switchover-to";
inline constexpr const char* kFencedAnnotation = "cadence.noslop.tech/fenced";
inline constexpr const char* kRestartAnnotation = "cadence.noslop.tech/restart";
// No Lease tells of the database, and volumes of an earlier life are there: who brings it back, or that this is not
// known yet.
inline constexpr const char* kRecoverFromAnnotation = "cadence.noslop.tech/recover-from";
inline constexpr const char* kUndecided = "undecided";

// Promotions that nobody heard of, at most: a reserved number farther away than that is no promotion's.
inline constexpr std::int64_t kMostPassedOver = 1000;

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

// A place in the log of one timeline.
struct LogPoint {
  Lsn lsn = 0;
  std::int64_t timeline = 0;
  bool operator==(const LogPoint&) const = default;
};

// What an instance reads of the Lease.
struct LeaseView {
  bool is_present = false;
  std::string holder;          // instance name; empty: released or never claimed
  std::string holder_uid;      // the holder's pod
  std::string holder_address;  // its IP: replication needs no name service
  std::string system_identifier;
  std::int64_t timeline = 0;  // newest timeline that a rewind can see (its first checkpoint is done); 0: not said
  // newest number that a promotion was given, also one that nobody has heard of since
  std::int64_t reserved_timeline = 0;
  std::int64_t transitions = 0;         // how often the holder changed: the term
  SynchronousSet synchronous;           // as published; an election goes by it
  bool is_synchronous_readable = true;  // false: it is not known who has every commit
  std::string unreadable;               // what is wrong with annotations that nobody can read; parts of a sentence
  std::string last_holder;              // before the release
  // Who was elected and has not been promoted yet: a holder that finds another name here, or none, was made the holder
  // by somebody else's hand.
  std::string promoting;
  // The shutdown checkpoint's record, of a clean stop: whoever has replayed beyond it has everything.
  std::optional<LogPoint> shutdown;
  // Where the log of the one that was elected last ended then, before its promotion.
  std::optional<LogPoint> elected_at;
  std::string handover_to, released_because;
  std::string switchover_to;
  std::vector<std::string> fenced;
  std::string restart_instance, restart_token;
  std::string unacknowledged, settings;  // as the holder measures them
  std::string recover_from;              // an instance, or kUndecided; only while system_identifier is empty
  std::string resource_version;
  bool operator==(const LeaseView&) const = default;
  [[nodiscard]] bool is_fenced(const std::string& instance) const;
  // Whoever has the newest data must be found first: until then nobody creates, copies or opens a database.
  [[nodiscard]] bool is_recovering() const { return system_identifier.empty() && !recover_from.empty(); }
  // All volumes were asked, and this one brings the database back; or it has begun to.
  [[nodiscard]] bool recovers_from(const std::string& instance) const {
    return is_recovering() && (holder.empty() ? recover_from : holder) == instance;
  }
};

// Notices that a record stays the same: the only proof of a holder's silence (no remote clock is trusted).
class SilenceWatch {
 public:
  // `now` from any monotonic clock, when the view was known to be current. Gives how long the same record (or none) was
  // seen.
  Milliseconds see(const LeaseView& view, Milliseconds now);

 private:
  bool has_seen_ = false, was_present_ = false;
  std::string resource_version_;
  Milliseconds since_{0};
};

}  // namespace cadence::postgres
