// One round of asking the peers to let go of a lost primary, beside the main loop: the peers ask us at the same time.
// Promises: reports() may be read at any time; the end wakes whoever waits.
#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/postgres/ports.hpp"

namespace cadence::agent::postgres {

class ElectionRound {
 public:
  ElectionRound(PeerPort& peers, std::vector<std::string> names, std::string record, std::function<void()> wake)
      : thread_([this, &peers, names = std::move(names), record = std::move(record),
                 wake = std::move(wake)](const std::stop_token& stop) {
          auto reports = peers.disarm(names, record, stop);
          {
            const std::lock_guard lock(mutex_);
            reports_ = std::move(reports);
            is_over_ = true;
          }
          wake();
        }) {}

  [[nodiscard]] bool is_over() const {
    const std::lock_guard lock(mutex_);
    return is_over_;
  }
  [[nodiscard]] std::vector<rules::MemberReport> reports() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

 private:
  mutable std::mutex mutex_;
  bool is_over_ = false;
  std::vector<rules::MemberReport> reports_;
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
