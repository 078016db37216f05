// The Lease as a JSON document: what we read of it, and what each of our writes changes. Pure.
// Promises: members that we do not know (owners, labels of others, strategy) survive every write; resourceVersion
// stays, so that a write on an old document is a Conflict. Wall times are for people.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "json/fields.hpp"
#include "postgres/rules/lease_rules.hpp"

namespace cadence::postgres {

struct Holder {
  std::string instance, pod_uid;
  std::string address = {};  // of the pod; may be empty
};

LeaseView view_of(const json::Value& lease);

// Which annotations of ours say what cannot be read, and what they should say: "annotation A says 'x', which is no …;
// annotation B …". Empty: none. They are read as if they were not there.
std::string unreadable_in(const json::Value& lease);

// A Lease that nobody holds; `cluster` becomes its labels.
json::Value new_lease(const std::string& namespace_, const std::string& name, const std::string& cluster);

// `now` in RFC 3339 with microseconds.
json::Value claimed(json::Value lease, const Holder& holder, const LeaseTiming& timing, const std::string& now);
// A standby's claim, on the record that it was elected by. Its promotion gets a number of its own: whoever was given
// one before may come back with a log under it.
struct Promotion {
  SynchronousSet synchronous;        // its own reign's
  std::int64_t newest_timeline = 0;  // that it knows of
  LogPoint end = {};                 // of its log
};
json::Value elected(json::Value claimed, const json::Value& before, const Promotion& promotion);

json::Value renewed(json::Value lease, const LeaseTiming& timing, const std::string& now);

// Why and how a reign ended; the operator releases for a holder that is proven dead.
struct Release {
  std::string because;               // one sentence; becomes the reason of the failover
  std::optional<LogPoint> shutdown;  // only after a clean stop
  std::string handover_to;           // planned switchover: who may claim first
  // Elected, and not promoted: no commit rests on its set, so what was true before the claim is true again.
  bool was_never_promoted = false;
};
json::Value released(json::Value lease, const Release& release, const std::string& now);

// What the holder knows of its database; empty or 0: left as it is.
// Of one that writes: a promotion is over then.
json::Value described(json::Value lease, const std::string& system_identifier, std::int64_t timeline);
json::Value reserved(json::Value lease, std::int64_t timeline);
json::Value elected_at(json::Value lease, const std::optional<LogPoint>& end);
json::Value published(json::Value lease, const SynchronousSet& set);
// Why commits are not acknowledged, and what is wrong with settings that are ours; empty: nothing.
json::Value measured(json::Value lease, const std::string& unacknowledged, const std::string& settings);

// The story of the newest change of primary, for status and events.
struct Failover {
  std::string at, from, to, reason;  // at: RFC 3339
  std::int64_t term = 0;
  std::int64_t duration_ms = 0;                // from the suspicion to the first moment that a write could succeed
  std::map<std::string, std::int64_t> phases;  // milliseconds, by name: disarm, claim, promote, total
  std::vector<std::string> waited_for;         // instances
  static json::Object json_fields();
};
json::Value told(json::Value lease, const Failover& failover);

}  // namespace cadence::postgres
