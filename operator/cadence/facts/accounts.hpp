// Pods whose ServiceAccount was deleted and made again since they began: their tokens name the one before, so the API
// server refuses their agents (401) until the kubelet renews them, which may be most of an hour. Pure.
#pragma once

#include <string>
#include <vector>

#include "cadence/facts/postgres.hpp"

namespace cadence::facts {

bool is_older_than_its_account(const Observation& observation, const kube::types::Pod& pod);

// Of the wanted instances that are not on their way out.
std::vector<const PostgresInstance*> instances_without_account(const Observation& observation,
                                                               const PostgresView& view);

// When the load balancers' account was made (RFC 3339), once it is one that pods of theirs did not begin with; stays
// what their Deployment says when those pods are gone. Empty: they have always had this one.
std::string load_balancers_next_account(const Observation& observation);

}  // namespace cadence::facts
