// What the agent shows to the world, handed from its main loop to the HTTP threads. Promises: thread-safe; reading
// never waits for the database. The rules by which a report is alive or ready are here, because probes and tests must
// agree on them.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "postgres/rules/instance_status.hpp"

namespace cadence::agent::postgres {

struct Report {
  cadence::postgres::InstanceStatus status;
  bool is_accepting = false;  // the server answered the last probe
  bool is_set_up = false;     // primary: roles and the application's database are there
  bool has_streamed = false;  // standby: it was connected to a primary since it started
  bool is_primary_known = false;
  bool is_uncompared =
      false;  // standby whose log may hold what nobody else has: of its own reign, or beyond what the elected one had
  bool is_lease_held = false;
  std::chrono::milliseconds lease_left{-1};    // until the fence
  std::chrono::steady_clock::time_point at{};  // of the main loop's last round
};

inline bool is_primary_ready(const Report& report) {
  return report.is_accepting && report.is_set_up && report.status.role == "primary" && report.status.is_writable &&
         report.is_lease_held && report.lease_left.count() > 0;
}
// A standby serves reads once it has caught the stream, and goes on while its primary is away.
inline bool is_standby_ready(const Report& report) {
  return report.is_accepting && report.status.role == "standby" && !report.is_uncompared &&
         (report.has_streamed || !report.is_primary_known);
}
// The main loop runs in steps of a second or so; its longest steps are bounded by time-outs far below this.
inline bool is_alive(const Report& report, std::chrono::steady_clock::time_point now) {
  return now - report.at < std::chrono::seconds(60);
}

class Board {
 public:
  void put(Report report) {
    const std::lock_guard lock(mutex_);
    report_ = std::move(report);
  }
  [[nodiscard]] Report get() const {
    const std::lock_guard lock(mutex_);
    return report_;
  }

 private:
  mutable std::mutex mutex_;
  Report report_;
};

}  // namespace cadence::agent::postgres
