#include "kube/control/signals.hpp"

namespace cadence::kube::control {

StopOnSignal::StopOnSignal() {
  std::signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  waiter_ = std::jthread([this](std::stop_token ended) {
    const timespec turn{0, 200'000'000};
    while (!ended.stop_requested() && sigtimedwait(&signals_, nullptr, &turn) < 0) {
    }
    stop_.request_stop();
  });
}

}  // namespace cadence::kube::control
