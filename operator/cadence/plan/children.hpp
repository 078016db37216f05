// Every object a CadenceCluster consists of, and the writes that bring the live ones there. Pure.
#pragma once

#include "cadence/plan/action.hpp"
#include "cadence/plan/observation.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// All that the spec alone decides.
std::vector<resources::Document> all_documents(const resources::Context& context);

// The object, when it is missing or has drifted from `intent`; also the sentence that says which.
void plan_child(const Observation& observation, const kube::core::KindInfo& kind, const json::Value& intent,
                Plan& plan);

struct Restraints {
  bool may_start = true;                          // all Secrets of ours exist, so pods that mount them may be made
  std::map<std::string, Objection> waiting = {};  // components whose pods could not start, and why: references.hpp
};

void plan_children(const Observation& observation, const resources::Context& context, const Restraints& restraints,
                   Plan& plan);

// The spec asks for a load balancer that this version lacks, and HAProxy stands: what works stays until its successor
// can be built.
bool keeps_haproxy(const Observation& observation);

// Deletes what the cluster owns but no longer consists of; never what a pod still mounts.
void plan_removals(const Observation& observation, const resources::Context& context, Plan& plan);

}  // namespace cadence::plan
