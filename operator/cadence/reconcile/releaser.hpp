// The fast path of PostgreSQL's failover: from the kubelet's word that the primary's server is dead to the Lease's
// release.
//
//   look → plan_release → confirm → apply
//
// Promises: reads caches and probes nothing, so that it takes milliseconds while the reconciler may wait for servers
// that do not answer; may run beside the reconciler, because its one write fails on any Lease but the one that was
// seen. Standbys elect without it too, only later. Owns no thread.
#pragma once

#include "cadence/reconcile/reconciler.hpp"

namespace cadence::reconcile {

class Releaser {
 public:
  explicit Releaser(Parts parts) : parts_(std::move(parts)), applier_(parts_.client, parts_.clock) {}

  kube::control::ReconcileResult release(const kube::core::ObjectKey& key, std::stop_token stop);

 private:
  bool is_confirmed(const facts::Observation& observation, std::stop_token stop);

  Parts parts_;
  apply::Applier applier_;
};

}  // namespace cadence::reconcile
