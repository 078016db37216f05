// One stage of a rotation, carried out on the Secret as it is now. Pure but for randomness and keys that are made.
// Promises: what was secret stays in the Secret; members that are none of ours stay; every result is one that pods can
// run with.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cadence/plan/common/action.hpp"
#include "kube/types/core.hpp"

namespace cadence::apply {

// `authority`: the cluster's own, for those changes that need it.
base::Result<kube::types::Secret> changed(kube::types::Secret secret, const plan::ChangeSecret& change,
                                          const kube::types::Secret& authority, base::Wall now);

}  // namespace cadence::apply
