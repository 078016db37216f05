#include "agent/postgres/fence/watchdog.hpp"
#include "base/clock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace cadence::agent::postgres {
namespace {

using cadence::postgres::Fence;
using cadence::postgres::Milliseconds;

constexpr int kFencedExitCode = 70;
constexpr int kDepth = 4;  // agent, postmaster, backend, archive command

// Numbers of /proc/PID/task/PID/children, read without allocating.
void kill_children_of(pid_t parent, int depth) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char text[16384];
  const auto size = ::read(fd, text, sizeof(text) - 1);
  ::close(fd);
  if (size <= 0) return;
  text[size] = '\0';
  for (char* at = text; *at != '\0';) {
    char* end = nullptr;
    const auto pid = static_cast<pid_t>(std::strtol(at, &end, 10));
    if (end == at || pid <= 1) break;
    ::kill(pid, SIGSTOP);  // a postmaster must not replace what we kill
    if (depth > 1) kill_children_of(pid, depth - 1);
    ::kill(pid, SIGKILL);
    at = *end == ' ' ? end + 1 : end;
  }
}

}  // namespace

void kill_descendants() { kill_children_of(::getpid(), kDepth); }

Watchdog::Watchdog(cadence::postgres::LeaseTiming timing)
    : timing_(timing), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watchdog::~Watchdog() = default;

void Watchdog::note_renewal(Milliseconds sent) {
  const Milliseconds last(renewed_ms_);
  if (postmaster_ > 0 && base::boot_time() - last >= timing_.soft) return;
  if (sent > last) renewed_ms_ = sent.count();
}

Milliseconds Watchdog::time_left() const {
  const auto renewed = renewed_ms_.load();
  if (renewed < 0) return Milliseconds(-1);
  return Milliseconds(renewed) + timing_.soft - base::boot_time();
}

void Watchdog::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto pause = Milliseconds(100);
    if (const pid_t postmaster = postmaster_; postmaster > 0) {
      const auto silence = base::boot_time() - Milliseconds(renewed_ms_);
      switch (cadence::postgres::judge_fence(silence, timing_)) {
        case Fence::Run:
          pause = std::clamp(timing_.soft - silence, Milliseconds(1), pause);
          break;
        case Fence::StopPostgres:
          has_fired_ = true;
          ::kill(postmaster, SIGQUIT);
          pause = std::clamp(timing_.hard - silence, Milliseconds(1), pause);
          break;
        case Fence::KillAll:
          has_fired_ = true;
          if (::getpid() == 1) ::kill(-1, SIGKILL);
          kill_descendants();
          // As PID 1 this ends the pid namespace, so also what a kill could miss.
          ::_exit(kFencedExitCode);
      }
    }
    const timespec time{0, static_cast<long>(pause.count()) * 1000000};
    ::nanosleep(&time, nullptr);
  }
}

}  // namespace cadence::agent::postgres
