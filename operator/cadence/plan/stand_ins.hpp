// Copies that pods mount in place of Secrets which kubelets follow no more. Pure; never sees a Secret's values but to
// compare them.
// A kubelet that has read a Secret with `immutable: true` reads none of that name again while one of its pods mounts it
// (KEP-1412): what is deleted and made again reaches neither those pods nor new ones beside them. So pods are replaced,
// as for any change of their template, by ones that mount a copy of another name, and the copy follows the Secret.
// Promises: a Secret that is edited and never seen immutable has none. One that has one keeps it, whatever becomes of
// the Secret, for as long as pods may mount it. Which Secrets pods were given is noted at the webhook Deployment, by
// UID. Where another has the name since, and not all was heard of the one before (no watch tells of the user's own, and
// none of ours while no operator runs), that one may have been immutable, and is taken for one that was.
#pragma once

#include <map>
#include <string>

#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// The copy's name by the Secret that it stands for.
std::map<std::string, std::string> stand_ins(const facts::Observation& observation);
// The Secrets that pods mount, copies in their place, and which they are given: UID by name.
std::map<std::string, std::string> mounted_uids(const facts::Observation& observation,
                                                const std::map<std::string, std::string>& stand_ins);
// A Secret that is made in the place of one of which all was heard says so: whoever notes it may be another process.
void mark_replacements(const facts::Observation& observation, Plan& secrets);
SecretRecipe stand_in_recipe(const api::CadenceCluster& cluster, const std::string& source, const std::string& name);

struct StandInsPlan {
  Plan part;
  bool is_complete = true;  // no pod needs one that is made only now
};
StandInsPlan plan_stand_ins(const facts::Observation& observation, const std::map<std::string, std::string>& wanted);

}  // namespace cadence::plan
