// The thread that stands for election and then holds the Lease, around election.hpp.
// Promises: callbacks are called on that thread, acquired and lost by turns; after a loss it stands again, so an outage
// of the API server needs no restart. Whoever cannot stop writing at once (may_write) must end the process in `lost`.
#pragma once

#include <functional>
#include <thread>

#include "kube/control/election.hpp"

namespace cadence::kube::control {

class LeaderElector {
 public:
  struct Callbacks {
    std::function<void()> acquired;
    std::function<void()> lost;  // could not renew in time: another may be leading
  };
  LeaderElector(ElectionOptions options, LeaseClient& leases, Registry& registry,
                const base::Clock& clock = base::boot_clock());
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  void start(Callbacks callbacks);
  // Ends the renewals and gives the Lease back unless it was lost. After all work that needs it has ended.
  void stop();
  [[nodiscard]] const Election& election() const { return election_; }
  [[nodiscard]] bool may_write() const { return election_.may_write(); }

 private:
  void run(const Callbacks& callbacks, std::stop_token stop);

  ElectionOptions options_;
  Election election_;
  std::jthread thread_;
};

}  // namespace cadence::kube::control
