// The real things behind an agent's ports (ports.hpp), made in the order in which they need each other. Promises:
// whatever waits on a thread of its own ends with it.
#pragma once

#include "agent/postgres/fence/lease_keeper.hpp"
#include "agent/postgres/peers/peer_house.hpp"
#include "agent/postgres/server/children.hpp"
#include "agent/postgres/server/probe.hpp"
#include "agent/postgres/server/server_files.hpp"
#include "agent/postgres/server/settings_guard.hpp"
#include "agent/postgres/server/trial.hpp"
#include "agent/postgres/volume/volume.hpp"
#include "agent/postgres/volume/volume_mark.hpp"

namespace cadence::agent::postgres {

class RealWorld {
 public:
  RealWorld(const Options& options, Children& children, LeaseClient& lease_client, const Board& board);
  [[nodiscard]] const World& ports() const { return ports_; }

 private:
  bool is_promised(const rules::LeaseView& view);

  Addresses addresses_;
  Watchdog watchdog_;
  Commitment commitment_;
  Peers peers_;
  VolumeMark mark_;
  LeaseKeeper keeper_;
  PeerHouse house_;
  Volume volume_;
  ServerFiles files_;
  Probe probe_;
  SettingsGuard guard_;
  Trial storage_, door_;
  World ports_;
};

}  // namespace cadence::agent::postgres
