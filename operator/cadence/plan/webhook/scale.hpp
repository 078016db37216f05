// How many webhook servers there are while the count changes hands between spec.webhook.replicas and the autoscaler.
// Pure. Promises: a field that nobody sets becomes one server, so the count is let go only once the autoscaler has set
// it. Does not know who owns a field on the API server; an annotation says what we last set.
#pragma once

#include <optional>

#include "cadence/facts/observation.hpp"

namespace cadence::plan {

// What the Deployment is to say of its replicas although there is an autoscaler; nothing once they are the
// autoscaler's.
std::optional<int> held_webhook_replicas(const facts::Observation& observation);

}  // namespace cadence::plan
