// One life of the operator over the simulated world: everything of production but threads, sockets and the clock. What
// it remembers dies with it. Its writes, to the API server and to Redis, are numbered from 1.
#pragma once

#include <memory>

#include "cadence/reconcile/releaser.hpp"
#include "cadence/watches/watches.hpp"
#include "kube/testing/connection.hpp"
#include "kube/testing/stepped_informer.hpp"
#include "world.hpp"

namespace cadence::exploration {

using kube::testing::Fate;

struct Mishap {
  int write = 0;  // 0: none
  Fate fate{};
  int event = 0;  // the event with this number, as it reaches the operator, is held back for `turns`; 0: none
  int turns = 5;
};

class Program {
 public:
  Program(World& world, const Mishap& mishap = {}, const resources::Images& images = {});

  // Reads what has happened and reconciles once; false: there was nothing to do.
  bool turn();
  [[nodiscard]] std::optional<base::Monotonic> next_ready() const;
  [[nodiscard]] bool is_dead() const { return connection_.is_dead(); }
  [[nodiscard]] int writes() const { return writes_; }
  [[nodiscard]] int events() const { return static_cast<int>(events_seen_.size()); }

 private:
  Fate fate();
  bool may_show(const kube::testing::Delivery& delivery);
  observe::Probes probes();
  observe::LiveReaders live_readers();
  reconcile::Parts parts(const resources::Images& images);
  base::Result<void> run_redis(const redis::Command& command);

  World& world_;
  const Mishap mishap_;
  int writes_ = 0, turns_ = 0, held_since_ = -1;
  std::map<std::uint64_t, int> events_seen_;  // number by version

  kube::testing::Connection connection_;
  std::shared_ptr<kube::client::ConfigSource> config_;
  kube::client::Client client_;
  std::unique_ptr<net::StreamOpener> streams_;
  kube::control::Registry registry_;
  observe::Caches caches_;
  kube::cache::ConsistencyGate gate_;
  observe::Observer observer_;
  kube::control::EventRecorder recorder_;
  reconcile::Reconciler reconciler_;
  reconcile::Releaser releaser_;
  kube::control::Controller controller_, releases_;
  watches::Watches watches_;
  std::vector<kube::testing::SteppedInformer> informers_;
};

}  // namespace cadence::exploration
