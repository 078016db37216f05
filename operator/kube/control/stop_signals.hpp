// SIGTERM and SIGINT as something to wait for. Promises: no code of ours runs inside a signal handler.
#pragma once

#include <chrono>

namespace cadence::kube::control {

// First thing in main, before any thread: the signals are then delivered only to wait(). SIGPIPE is ignored too.
void block_stop_signals();

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The signal's number; 0 when wake() was called or the time is over.
  int wait(std::chrono::milliseconds longest);
  void wake();  // from any thread

 private:
  int signals_ = -1, wakes_ = -1;
};

}  // namespace cadence::kube::control
