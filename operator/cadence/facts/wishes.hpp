// What may be asked of the API server for a cluster beyond what the caches hold: things that planners expect and
// troubles that nothing explains yet. Values; who wants them, and who looks, is said elsewhere.
#pragma once

#include "cadence/facts/observation.hpp"

namespace cadence::facts {

// An object that the cluster may consist of now, there or not.
struct ExpectedObject {
  const kube::core::KindInfo* kind = nullptr;
  std::string name;
  std::map<std::string, std::string> labels;
  bool is_owned = false;  // by the cluster itself, and nothing else says so again when that is lost
};

// Those of its labels that a live object lacks or has otherwise.
std::map<std::string, std::string> lost_labels(const ExpectedObject& expected, const kube::core::ObjectMeta& live);

// Of the observed cluster by its owner, its labels or, a volume that is kept, its mark.
bool is_ours(const Observation& observation, const LiveChild& live);

// An object that waits, and whose own status does not say for what: its newest warning does (events.k8s.io/v1).
struct Unexplained {
  ChildId id;
  std::string uid;
  auto operator<=>(const Unexplained&) const = default;
};

}  // namespace cadence::facts
