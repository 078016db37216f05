// Which pod may run a server on this volume, written on the volume itself. On a network volume a pod that was cut off
// and the pod that replaces it may both have it mounted, a lock of one node means nothing on the other, and neither may
// see the other's Lease. Promises: of two pods the later one's mark stands; a pod whose mark is gone sees it at its
// next look; a process marks once, so that two never take it from each other in turn. Thread-safe. Knows no Lease.
#pragma once

#include <atomic>

#include "agent/postgres/options.hpp"

namespace cadence::agent::postgres {

class VolumeMark {
 public:
  explicit VolumeMark(const Options& options) : options_(options) {}

  // Marks it as our pod's, the first time or where there is no mark; an error when another pod's has replaced ours
  // since.
  base::Result<void> take();
  [[nodiscard]] bool is_ours() const;
  // Since we marked it; zero before.
  [[nodiscard]] rules::Milliseconds age() const;

 private:
  [[nodiscard]] std::string path() const { return options_.data_directory + ".pod"; }
  base::Result<void> write();
  const Options& options_;
  std::atomic<std::int64_t> taken_ms_{-1};
};

}  // namespace cadence::agent::postgres
