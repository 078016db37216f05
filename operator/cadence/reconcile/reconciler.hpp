// The page to read first: how one CadenceCluster is brought to what its user asked for.
//
//   gate → observe → plan → apply → status
//
// Promises: nothing is remembered between two calls but on the API server; one call works on one picture; a call for a
// cluster that is gone does nothing. Owns no thread: the controller calls it with a key at a time. Releasing a dead
// primary's Lease does not wait for all this: releaser.hpp.
#pragma once

#include <functional>

#include "cadence/apply/apply.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/observe/observer.hpp"
#include "cadence/resources/common/context.hpp"
#include "kube/cache/consistency.hpp"
#include "kube/control/controller.hpp"
#include "kube/control/events.hpp"

namespace cadence::reconcile {

struct Parts {
  const observe::Observer& observer;
  kube::cache::ConsistencyGate& gate;
  kube::client::Client& client;
  kube::control::EventRecorder& events;
  std::function<base::Result<void>(const kube::core::ObjectKey& cluster, const redis::Command&, std::stop_token)>
      run_redis;
  resources::Images images;
  const base::Clock& clock;
};

class Reconciler {
 public:
  explicit Reconciler(Parts parts) : parts_(std::move(parts)), applier_(parts_.client, parts_.clock) {}

  kube::control::ReconcileResult reconcile(const kube::core::ObjectKey& key, std::stop_token stop);

 private:
  apply::Outcome apply(const plan::Plan& plan, const api::CadenceCluster& cluster, std::stop_token stop);
  base::Result<void> report(const facts::Facts& facts, const plan::Plan& plan, const apply::Outcome& outcome,
                            std::stop_token stop);

  Parts parts_;
  apply::Applier applier_;
};

}  // namespace cadence::reconcile
