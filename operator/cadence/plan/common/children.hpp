// Every object a CadenceCluster consists of, and the writes that bring the live ones there. Pure.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// All that the spec alone decides.
std::vector<resources::Document> all_documents(const resources::Context& context);

// The object, when it is missing or has drifted from `intent`; also the sentence that says which.
void plan_child(const facts::Observation& observation, const kube::core::KindInfo& kind, const json::Value& intent,
                Plan& plan);

struct Restraints {
  bool may_start = true;                          // all Secrets of ours exist, so pods that mount them may be made
  std::map<std::string, Objection> waiting = {};  // components whose pods could not start, and why: references.hpp
};

void plan_children(const facts::Observation& observation, const resources::Context& context,
                   const Restraints& restraints, Plan& plan);

}  // namespace cadence::plan
