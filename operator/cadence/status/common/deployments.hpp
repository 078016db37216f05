// What components that are one Deployment have in common: whether it has rolled out, and whether a change of it waits.
// Pure.
#pragma once

#include <memory>

#include "cadence/plan/common/action.hpp"
#include "cadence/status/common/judgement.hpp"
#include "kube/types/apps.hpp"

namespace cadence::status {

// "2/3".
std::string counted(int ready, int wanted);
// Whether a Deployment has rolled out its newest template to all its pods. `noun`: what they are, as "load balancers".
Judgement judge_deployment(const std::shared_ptr<const kube::types::Deployment>& deployment, const std::string& name,
                           int wanted, const char* noun);
// A change that waits for the user is not carried out, however well the pods of before it do.
Judgement unless_held(const plan::Plan& plan, const char* component, Judgement judgement);

}  // namespace cadence::status
