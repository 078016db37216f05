// All watches of the operator: one a kind and namespace, each filling its cache and waking the cluster it concerns.
// Promises: of children only objects that carry our label are asked for; a change of a child wakes the clusters that
// its label named before and names now; the gate knows every cache; a Lease that is no longer renewed wakes its cluster
// within a second; a kind that may be missing keeps nobody waiting, and wakes all clusters when it comes. Owns the
// threads, not the caches.
#pragma once

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cadence/observe/caches.hpp"
#include "kube/cache/consistency.hpp"
#include "kube/control/queue.hpp"
#include "kube/control/watch_set.hpp"

namespace cadence::watches {

// Who is woken: `clusters` by every change of a child, `releases` by those that may show a primary's death.
struct Woken {
  kube::control::Queue &clusters, &releases;
};

class Watches {
 public:
  // Everything given outlives this object.
  Watches(observe::Caches& caches, kube::cache::ConsistencyGate& gate, Woken woken,
          kube::cache::Connections connections, kube::control::Registry& registry,
          const std::vector<std::string>& namespaces);

  void start();
  void stop();
  // Empty when every cache that is needed is whole; else what is missing, with the namespace where each has its own
  // watch, and what helps.
  [[nodiscard]] std::string missing() const { return set_.missing(); }
  // Empty when every thread has moved lately; else the kind whose thread has not.
  [[nodiscard]] std::string stuck() const { return set_.stuck(); }
  [[nodiscard]] std::vector<const kube::cache::Informer*> informers() const { return set_.informers(); }

  // What is found by looking and by no event: Leases that fall silent, kinds that come and go. Twice a second while
  // the watches run.
  void look();

 private:
  void sound_alarm();

  observe::Caches& caches_;
  Woken woken_;
  kube::control::WatchSet set_;
  std::set<kube::core::ObjectKey> silent_;  // belongs to the alarm's thread
  std::jthread alarm_;
};

}  // namespace cadence::watches
