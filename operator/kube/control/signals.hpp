// SIGTERM and SIGINT as a stop token. Made first in main, before any other thread, so that every thread inherits the blocked mask.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace cadence::kube::control {

class StopOnSignal {
 public:
  StopOnSignal();  // also ignores SIGPIPE
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  void request_stop() { stop_.request_stop(); }

 private:
  sigset_t signals_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

}  // namespace cadence::kube::control
