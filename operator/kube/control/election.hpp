// One candidate's half of a leader election on a Lease: decides, and calls the API server at most three times a try. No
// thread. Promises: time-stamps in the Lease are never trusted, only how long ago it was last seen to change, on our
// own clock, which must count the time that a machine sleeps (base::boot_clock); may_write() turns false before the
// Lease can be taken by another. A Lease is not a fence: writes that destroy carry preconditions.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "kube/control/lease_client.hpp"
#include "kube/control/metrics.hpp"

namespace cadence::kube::control {

struct ElectionOptions {
  core::ObjectKey lease;
  std::string identity;  // make_identity()
  std::chrono::milliseconds duration{15000}, renew_deadline{10000}, retry{2000};
  std::chrono::milliseconds stop_margin{500};  // a write begun so shortly before the deadline might end after it
};

// duration > renew deadline > retry × 1.2, the margin is shorter than the deadline, the names are there; else what is
// wrong.
base::Result<void> validate(const ElectionOptions& options);
std::string make_identity();  // host name _ UUID: like no other process, past or present

class Election {
 public:
  Election(ElectionOptions options, LeaseClient& leases, Registry& registry, const base::Clock& clock);

  // Acquires or renews once; whether we lead.
  bool try_once(std::stop_token stop);
  // Gives the Lease back so that another need not wait; after all work has ended.
  void release(std::stop_token stop);

  // From any thread, without a lock: for client::Client::Options.
  [[nodiscard]] bool may_write() const { return nanoseconds_left() > 0; }
  [[nodiscard]] std::chrono::nanoseconds time_left() const { return std::chrono::nanoseconds(nanoseconds_left()); }

 private:
  base::Result<void> renew_fast(std::stop_token stop);
  base::Result<void> acquire_slow(std::stop_token stop);
  base::Result<void> keep(base::Result<types::Lease> written);
  void remember(const types::Lease& lease);
  void lead_until(std::int64_t monotonic_nanoseconds);
  [[nodiscard]] types::Lease claim(const types::Lease& seen) const;
  [[nodiscard]] std::int64_t nanoseconds_left() const;

  ElectionOptions options_;
  LeaseClient& leases_;
  const base::Clock& clock_;
  Gauge& status_;
  Counter& slow_paths_;
  types::Lease seen_;
  std::string seen_record_;
  base::Monotonic seen_changed_at_{};
  std::atomic<std::int64_t> leads_until_{0};  // 0: not the leader
};

}  // namespace cadence::kube::control
