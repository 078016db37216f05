// All watches of the operator: one thread a kind and namespace, each filling its cache and waking the cluster it concerns.
// Promises: only objects that carry our label are asked for; a change of a child wakes the cluster that its label names; the gate
// knows every cache. Owns the threads, not the caches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cadence/observe/caches.hpp"
#include "kube/cache/consistency.hpp"
#include "kube/cache/informer.hpp"
#include "kube/control/queue.hpp"

namespace cadence {

class Watches {
 public:
  // Everything given outlives this object.
  Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, kube::control::Queue& queue, kube::cache::Connections connections,
          const std::vector<std::string>& namespaces);

  void start();
  void stop();
  // Empty when every cache is whole; else the kind that is not.
  std::string missing() const;
  // Empty when every thread has moved lately; else the kind whose thread has not.
  std::string stuck() const;

 private:
  observe::Caches& caches_;
  std::vector<std::unique_ptr<kube::cache::Informer>> informers_;
};

}  // namespace cadence
