// Who becomes primary: when an election is due, whether a standby may let go of its primary, and who may claim the
// Lease. Pure; the same functions run in every agent, and the operator explains a blocked election by them. Promises:
// with a synchronous set of N names and number w > 0 a claim needs N - w + 1 disarmed members, so the newest
// acknowledged commit is among them and no old primary can have another one acknowledged, whatever its clock does. A
// disarmed standby stays so for the record it was asked under, and a claim succeeds on that very record only.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "postgres/rules/lease_rules.hpp"

namespace cadence::postgres {

// Whether the holder's pod can be reached, by connecting to its agent.
enum class Reach {
  Unknown,  // not tried
  Open,
  Refused,  // the machine answered that nobody listens: the agent, and with it every process of its container, is gone
  Silent,   // no answer in time
};

enum class Suspicion {
  None,
  Released,  // nobody holds the Lease
  Silent,    // the record stayed unchanged for its whole duration
  Gone,      // synchronous sets only: replication broke, and the holder's agent is not there
};
std::string_view to_string(Suspicion suspicion);

struct SuspicionFacts {
  std::string self;
  LeaseView lease;
  Milliseconds silence{0};    // of the record, at the last successful look
  bool is_streaming = false;  // from the holder
  bool has_promised = false;  // to the holder, and the time is not over
  Reach reach = Reach::Unknown;
};
Suspicion suspect(const SuspicionFacts& facts, const LeaseTiming& timing);

// Empty when a peer that asks under record `resource_version` gets what it wants; else why not.
std::string objection_to_disarm(const SuspicionFacts& facts, const std::string& resource_version,
                                const LeaseTiming& timing);

struct MemberReport {
  std::string name;
  bool is_disarmed = false;
  std::string refusal;  // why it is not
  std::int64_t timeline = 0;
  Lsn received = 0, replayed = 0;
  [[nodiscard]] Lsn end() const { return std::max(received, replayed); }
};

// Whether all of a standby's log, read to its end, is known to be a part of the log of whoever was elected last. Where
// it is not, the standby must not even connect: where the two part within a segment PostgreSQL lets it, and takes the
// end that it tells for an acknowledgement of what it never had.
bool is_part_of_elected(const LeaseView& lease, const MemberReport& own);

// The same of a standby whose server has read all the log that lies here and answers nobody, because its data files
// reach further (`least`): PostgreSQL reads the newest timeline's segment alone, and a crash may have left that one cut
// short. Until it has more log it tells of no end at all, so that whoever was elected may be asked for it once the
// timeline of the promotion is known. `left`: where that timeline's history says that those before it were left.
bool is_part_of_elected(const LeaseView& lease, const LogPoint& least, const std::vector<LogPoint>& left);

struct ElectionView {
  std::string self;
  LeaseView lease;
  std::vector<MemberReport> reports;  // ours and of those that answered
  bool is_round_over = false;         // everybody has answered, or had the time to
  Milliseconds since_release{0};      // since we saw the present record first
};

struct ElectionDecision {
  enum class Kind { Claim, Wait, Yield, Blocked };
  Kind kind = Kind::Wait;
  std::string why;                   // for people; Yield: names the better one
  std::vector<std::string> missing;  // Blocked: instances that would have to answer
  bool operator==(const ElectionDecision&) const = default;
};
// How long somebody named in a hand-over, or with more of the log, is waited for.
inline constexpr Milliseconds kHandoverPatience{5000};

ElectionDecision elect(const ElectionView& view);

}  // namespace cadence::postgres
