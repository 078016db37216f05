// Does a live object still carry what we want? Pure. The basis of "no writes in steady state".
// Promises: fields, labels and list entries of others are never counted as drift, but for entries in lists of what is
// allowed (rules of Roles and NetworkPolicies, subjects); our own, changed or gone, always are. additions.hpp has what
// an apply would not take away. Knows nothing of single kinds but two habits of the API server: it rewrites quantities,
// and it adds defaults.
#pragma once

#include <string>

#include "json/value.hpp"

namespace cadence::plan {

std::string fingerprint(const json::Value& intent);

// The intent with its fingerprint among its annotations: what is sent.
json::Value with_fingerprint(json::Value intent);

// Empty when `live` carries `intent`; else where they differ first, as "spec.replicas".
std::string first_drift(const json::Value& intent, const json::Value& live);

}  // namespace cadence::plan
