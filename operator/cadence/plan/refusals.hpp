// What a user can do about a write that the API server refused: quotas, limits, policies and admission webhooks speak of pods and
// volumes, this of the field of the spec or the object that changes it. Pure; knows the API server's words of Kubernetes 1.25 to 1.34.
#pragma once

#include <string>
#include <string_view>

namespace cadence::plan {

// Where the spec speaks of a component, by its label: "spec.postgres".
std::string field_of(const std::string& component);

// Whole sentences; empty where the words are not known. `field`: of the component; empty: of none.
std::string advice_on_refusal(std::string_view said, const std::string& field);

}  // namespace cadence::plan
