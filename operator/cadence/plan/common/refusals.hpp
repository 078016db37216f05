// What a user can do about a write that the API server refused: quotas, limits, policies and admission webhooks speak
// of pods and volumes, this of the field of the spec or the object that changes it. Pure; knows the API server's words
// of Kubernetes 1.25 to 1.34.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

struct Refusal {
  facts::ChildId object;
  std::string message;  // what was said and what to do about it, whole sentences
};

// How the sentence ends that tells of an object whose labels something took off while it was written.
inline constexpr const char* kLabelTaken = " as it was written";

// The API server would not have this one object. No answer, no credentials and somebody else's write are the matter of
// every write.
bool is_refusal(const base::Error& error);

Refusal refusal_of(const base::Error& error, const Action& action);

// Where the spec speaks of a component, by its label: "spec.postgres".
std::string field_of(const std::string& component);

// Whole sentences; empty where the words are not known. `field`: of the component; empty: of none.
std::string advice_on_refusal(std::string_view said, const std::string& field);

}  // namespace cadence::plan
