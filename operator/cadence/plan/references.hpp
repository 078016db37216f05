// The Secrets of the user's that the spec names, and what keeps each from being used. Pure; never sees a Secret's
// values. Promises: a part whose Secret or key is missing is not changed until it is there, because its new pods could
// not start; that is said with the field to mend. What nobody asked the API server about holds nothing up.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

struct SecretReference {
  std::string component;  // whose pods mount it
  std::string field, name;
  std::vector<std::string> keys;
  bool is_needed = true;  // pods cannot start without it
  bool is_pair = false;   // tls.crt and tls.key, which must fit each other; renewed by others at any time
};

// Only of those parts of the spec that have an effect.
std::vector<SecretReference> secret_references(const api::CadenceCluster& cluster);

struct ReferencesPlan {
  Plan part;                                 // what is said of them
  std::map<std::string, Objection> waiting;  // why a component must wait, by component
};
ReferencesPlan check_references(const facts::Observation& observation);

}  // namespace cadence::plan
