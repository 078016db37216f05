#include "kube/control/stop_signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace cadence::kube::control {
namespace {

sigset_t stop_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTERM);
  sigaddset(&out, SIGINT);
  return out;
}

}  // namespace

void block_stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::StopSignals() {
  const auto signals = stop_signals();
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC);
  wakes_ = eventfd(0, EFD_CLOEXEC);
}

StopSignals::~StopSignals() {
  close(signals_);
  close(wakes_);
}

int StopSignals::wait(std::chrono::milliseconds longest) {
  pollfd waited[] = {{signals_, POLLIN, 0}, {wakes_, POLLIN, 0}};
  if (poll(waited, 2, static_cast<int>(longest.count())) <= 0) return 0;
  std::uint64_t count = 0;
  if ((waited[1].revents & POLLIN) != 0 && read(wakes_, &count, sizeof count) < 0) return 0;
  signalfd_siginfo signal{};
  if ((waited[0].revents & POLLIN) == 0 || read(signals_, &signal, sizeof signal) != sizeof signal) return 0;
  return static_cast<int>(signal.ssi_signo);
}

void StopSignals::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wakes_, &one, sizeof one);
}

}  // namespace cadence::kube::control
