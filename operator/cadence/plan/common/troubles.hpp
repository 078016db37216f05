// Why a pod does not get to run, a volume is not bound, a workload gets no pods: in the words of the scheduler, the
// kubelet, the volume's provisioner and the API server, with the field of the spec that changes it. Pure. Promises:
// what passes by itself within seconds is not told; equal troubles of several pods are one sentence. Does not know:
// what the software in a pod says of itself; each component's condition does.
#pragma once

#include "cadence/facts/wishes.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// What waits for something that only its newest warning names.
std::vector<facts::Unexplained> unexplained(const facts::Observation& observation, base::Wall now);

// One objection for each kind of trouble.
Plan note_troubles(const facts::Observation& observation, base::Wall now);

// A Deployment replaces a pod that failed (evicted, say) and lets it lie: it is removed, and the event says why it
// failed.
Plan remove_failed_pods(const facts::Observation& observation);

}  // namespace cadence::plan
