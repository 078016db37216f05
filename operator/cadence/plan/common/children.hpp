// Every object a CadenceCluster consists of, and the writes that bring the live ones there. Pure.
#pragma once

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// All that the spec alone decides. Built once a pass: they are most of the work of a plan.
std::vector<resources::Document> all_documents(const resources::Context& context);

// The write that makes the object, or makes it as `intent` says again; nothing while it is as it should be.
std::optional<Action> change_of(const facts::Observation& observation, const kube::core::KindInfo& kind,
                                const json::Value& intent);

struct Restraints {
  bool may_start = true;                          // all Secrets of ours exist, so pods that mount them may be made
  std::map<std::string, Objection> waiting = {};  // components whose pods could not start, and why: references.hpp
};

Plan plan_children(const facts::Observation& observation, const std::vector<resources::Document>& documents,
                   const Restraints& restraints);

}  // namespace cadence::plan
