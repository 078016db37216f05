// All watches of the operator: one thread a kind and namespace, each filling its cache and waking the cluster it
// concerns. Promises: only objects that carry our label are asked for; a change of a child wakes the cluster that its
// label names; the gate knows every cache; a Lease that is no longer renewed wakes its cluster within a second. Owns
// the threads, not the caches.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cadence/observe/caches.hpp"
#include "kube/cache/consistency.hpp"
#include "kube/cache/informer.hpp"
#include "kube/control/queue.hpp"

namespace cadence {

// Who is woken: `clusters` by every change of a child, `releases` by those that may show a primary's death.
struct Woken {
  kube::control::Queue &clusters, &releases;
};

class Watches {
 public:
  // Everything given outlives this object.
  Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, Woken woken,
          kube::cache::Connections connections, const std::vector<std::string>& namespaces);

  void start();
  void stop();
  // Empty when every cache is whole; else the kinds that are not, with the namespace where each has its own watch.
  std::string missing() const;
  // Empty when every thread has moved lately; else the kind whose thread has not.
  std::string stuck() const;

 private:
  void sound_alarm();

  observe::Caches& caches_;
  Woken woken_;
  std::vector<std::unique_ptr<kube::cache::Informer>> informers_;
  std::set<kube::core::ObjectKey> silent_;  // belongs to the alarm's thread
  std::jthread alarm_;
};

}  // namespace cadence
