// The fence: a thread that ends PostgreSQL when the Lease was not renewed in time, whatever the rest of the agent does.
// Promises: once armed it needs no lock, no memory, no disk and no network; its clock counts suspended time
// (CLOCK_BOOTTIME). As PID 1 it kills every process of the pod, because backends outlive a killed postmaster by
// thousands of commits.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "agent/postgres/ports.hpp"

namespace cadence::agent::postgres {

// SIGKILL to the children of this process's first thread, and to theirs; orphans are among them. Not to the shell of
// somebody who looks after a server that does not start: the container's runtime is its parent.
void kill_descendants();

class Watchdog final : public FencePort {
 public:
  explicit Watchdog(cadence::postgres::LeaseTiming timing);
  ~Watchdog() override;

  // `sent`: base::boot_time() from before the successful request was sent. Too late, while armed, it changes nothing: a
  // server whose time has run out is stopped, whoever is first to run after all of us stood still.
  void note_renewal(cadence::postgres::Milliseconds sent);
  void arm(pid_t postmaster) override { postmaster_ = postmaster; }
  void disarm() override { postmaster_ = 0; }
  bool take_fired() override {
    return has_fired_.exchange(false);
  }  // has it stopped the server? Forgets it, for the next reign
  // Until PostgreSQL is stopped; negative when that time has passed.
  [[nodiscard]] cadence::postgres::Milliseconds time_left() const override;
  [[nodiscard]] bool may_write() const override { return time_left().count() > 0; }

 private:
  void run(const std::stop_token& stop);
  cadence::postgres::LeaseTiming timing_;
  std::atomic<std::int64_t> renewed_ms_{-1};  // -1: never
  std::atomic<pid_t> postmaster_{0};
  std::atomic<bool> has_fired_{false};
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
