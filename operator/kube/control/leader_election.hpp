// Leader election on a Lease: at most one of several operators writes.
// Promises: time-stamps in the Lease are never trusted, only how long ago it was last seen to change, on our own monotonic clock;
// may_write() turns false before the Lease can be taken by another; a stop gives the Lease back. A Lease is not a fence: writes that
// destroy carry preconditions besides.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "kube/control/lease_client.hpp"
#include "kube/control/metrics.hpp"

namespace cadence::kube::control {

struct ElectionOptions {
  core::ObjectKey lease;
  std::string identity;  // make_identity()
  std::chrono::milliseconds duration{15000}, renew_deadline{10000}, retry{2000};
  std::chrono::milliseconds stop_margin{500};  // no write starts so shortly before the deadline
};

// duration > renew deadline > retry × 1.2; the name and the identity are there.
base::Result<void> validate(const ElectionOptions& options);
std::string make_identity();  // host name _ UUID

// One try at a time; no thread. Thread-safe for may_write() and is_leader() only.
class Election {
 public:
  Election(ElectionOptions options, LeaseClient& leases, Registry& registry, const base::Clock& clock);

  // Acquires or renews; true while we hold the Lease.
  bool try_once(std::stop_token stop);
  // Gives the Lease back so that another need not wait; after all work has ended.
  void release(std::stop_token stop);

  [[nodiscard]] bool is_leader() const { return deadline_.load() > 0; }   // believed, until the deadline says otherwise
  [[nodiscard]] bool may_write() const;                                   // for client::Client::Options
  [[nodiscard]] bool has_expired() const;                                 // led, and could not renew in time
  [[nodiscard]] const std::string& holder() const { return observed_holder_; }  // last seen

 private:
  bool renew_fast(base::Monotonic now, std::stop_token stop);
  bool acquire(base::Monotonic now, std::stop_token stop);
  bool write(types::Lease lease, base::Monotonic now, std::stop_token stop);
  void observe(const types::Lease& lease, base::Monotonic now);
  types::Lease record(base::Wall now) const;

  ElectionOptions options_;
  LeaseClient& leases_;
  const base::Clock& clock_;
  Gauge& status_;
  Counter& slow_paths_;
  types::Lease observed_;
  std::string observed_holder_;
  base::Monotonic changed_at_{};
  bool has_observed_ = false;
  std::atomic<std::int64_t> deadline_{0};  // monotonic nanoseconds; 0: not the leader
};

// The thread around it. `acquired` and `lost` are called on that thread, at most once each.
class LeaderElector {
 public:
  struct Callbacks {
    std::function<void()> acquired;
    std::function<void()> lost;  // could not renew in time: leave at once, another may be leading
  };
  LeaderElector(ElectionOptions options, LeaseClient& leases, Registry& registry, const base::Clock& clock = base::system_clock());
  ~LeaderElector();

  void start(Callbacks callbacks);
  // Ends the renewals and gives the Lease back unless it was lost. After all work that needs it has ended.
  void stop();
  [[nodiscard]] const Election& election() const { return election_; }
  [[nodiscard]] bool may_write() const { return election_.may_write(); }

 private:
  void run(const Callbacks& callbacks, std::stop_token stop);

  ElectionOptions options_;
  const base::Clock& clock_;
  Election election_;
  std::jthread thread_;
};

}  // namespace cadence::kube::control
