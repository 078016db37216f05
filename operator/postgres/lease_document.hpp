// The Lease as a JSON document: what we read of it, and what each of our writes changes. Pure.
// Promises: members that we do not know (owners, labels of others, strategy) survive every write; resourceVersion stays, so that a
// write on an old document is a Conflict. Wall times are for people.
#pragma once

#include <string>

#include "json/value.hpp"
#include "postgres/lease_rules.hpp"

namespace cadence::postgres {

struct Holder {
  std::string instance, pod_uid;
};

LeaseView view_of(const json::Value& lease);

// A Lease that nobody holds; `cluster` becomes its labels.
json::Value new_lease(const std::string& namespace_, const std::string& name, const std::string& cluster);

// `now` in RFC 3339 with microseconds.
json::Value claimed(json::Value lease, const Holder& holder, const LeaseTiming& timing, const std::string& now);
json::Value renewed(json::Value lease, const LeaseTiming& timing, const std::string& now);
json::Value released(json::Value lease, const std::string& now);
// What the holder knows of its database; empty or 0: left as it is.
json::Value described(json::Value lease, const std::string& system_identifier, std::int64_t timeline);

}  // namespace cadence::postgres
