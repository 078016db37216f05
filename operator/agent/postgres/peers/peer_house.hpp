// All that has to do with the other agents, as one port: where they are, what we ask of them, and what they ask of us.
// Promises: thread-safe where the wire is; what a peer is heard from moves its address, and wakes the main loop.
// Decides nothing.
#pragma once

#include <atomic>
#include <thread>

#include "agent/postgres/peers/peers.hpp"
#include "agent/postgres/ports.hpp"

namespace cadence::agent::postgres {

class PeerHouse final : public PeerPort {
 public:
  // `view`: the Lease as this instance sees it now.
  PeerHouse(const Options& options, Addresses& addresses, Peers& peers, Commitment& commitment, const Board& board,
            std::function<std::optional<rules::LeaseView>()> view);

  base::Result<rules::InstanceStatus> status(const std::string& name) override { return peers_.status(name); }
  std::vector<rules::MemberReport> disarm(const std::vector<std::string>& names, const std::string& record,
                                          std::stop_token stop) override {
    return peers_.disarm(names, record, std::move(stop));
  }
  Touch touch(const std::string& name, std::chrono::milliseconds at_most) override;
  void want(const std::vector<std::string>& names) override { addresses_.want(names); }
  void learn(const std::string& name, const std::string& address) override { addresses_.learn(name, address); }
  bool take_moved() override { return has_moved_.exchange(false); }
  base::Result<void> refresh() override { return server_.refresh(); }
  std::optional<DisarmCall> next_call() override;
  // A new pod has a new address, and a name service may tell the old one for half a minute: the others hear it from us.
  void greet(const std::vector<std::string>& names) override;

 private:
  Addresses& addresses_;
  Peers& peers_;
  std::atomic<bool> has_moved_{false};
  DisarmCalls calls_;
  PeerServer server_;
  std::jthread greeter_;
};

}  // namespace cadence::agent::postgres
