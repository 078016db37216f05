// Which changes concern a cluster, and which cluster they concern. Pure.
#pragma once

#include <vector>

#include "kube/core/meta.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"
#include "kube/types/node.hpp"

namespace cadence::watches {

// The cluster that an object's labels name; none where another root of ours manages it.
std::vector<kube::core::ObjectKey> clusters_of(const kube::core::ObjectMeta& object);

// Either may be null: made, gone.

// Nothing but the time of a Lease changed, which no plan looks at; it comes every two seconds.
bool is_renewal(const kube::types::Lease* before, const kube::types::Lease* now);

// A PostgreSQL pod: its end may call for the release of a Lease.
bool is_instance(const kube::core::ObjectMeta& pod);

// A node began to be drained, or is so no longer.
bool has_begun_or_ended_drain(const kube::types::Node* before, const kube::types::Node* now);

// Held, and not renewed for as long as it lasts.
bool is_silent(const kube::types::Lease& lease, std::chrono::milliseconds silence);

}  // namespace cadence::watches
