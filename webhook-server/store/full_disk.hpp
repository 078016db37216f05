// Whether the disk behind the store was full when receivers last wrote, for who asks how the store is: a lease finds
// room where a delivery finds none. Any thread.
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.hpp"

namespace cadence::store {

class FullDisk {
 public:
  void note_full() { until_ = (base::system_clock().monotonic() + kRemembered).time_since_epoch().count(); }
  void note_stored() { until_ = 0; }
  // Until something was stored, or nothing was tried for a while: then nobody knows.
  [[nodiscard]] bool is_full() const { return base::system_clock().monotonic().time_since_epoch().count() < until_; }

 private:
  static constexpr std::chrono::seconds kRemembered{60};
  std::atomic<base::Monotonic::rep> until_{0};
};

}  // namespace cadence::store
