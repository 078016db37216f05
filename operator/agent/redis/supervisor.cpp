#include "agent/redis/supervisor.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"

namespace cadence::agent::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{60000};
constexpr int kSignalBase = 128;  // as a shell reports a death by signal
constexpr int kCannotExecute = 127;

sigset_t watched_signals() {
  sigset_t out;
  sigemptyset(&out);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGCHLD}) sigaddset(&out, signal);
  return out;
}

[[noreturn]] void become(const std::vector<std::string>& command, pid_t parent) {
  const auto none = [] { sigset_t out; sigemptyset(&out); return out; }();
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kCannotExecute);
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  _exit(kCannotExecute);
}

}  // namespace

Supervisor::Supervisor() {
  const auto watched = watched_signals();
  sigprocmask(SIG_BLOCK, &watched, nullptr);
}

int Supervisor::next_signal(milliseconds time) const {
  const auto watched = watched_signals();
  const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1000000};
  return std::max(sigtimedwait(&watched, nullptr, &limit), 0);
}

bool Supervisor::stop_was_asked() { return !wait_for(milliseconds(0)); }

bool Supervisor::wait_for(milliseconds time) {
  const auto deadline = base::system_clock().monotonic() + time;
  while (!stop_was_asked_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - base::system_clock().monotonic());
    const int signal = next_signal(std::max(left, milliseconds(0)));
    if (signal == SIGCHLD) reap();
    stop_was_asked_ = signal != 0 && signal != SIGCHLD;
    if (signal == 0 && left <= milliseconds(0)) return true;
  }
  return false;
}

base::Result<void> Supervisor::start(const std::vector<std::string>& command) {
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ == 0) become(command, parent);
  if (child_ < 0) return base::Error{base::ErrorKind::Transient, "Could not start " + command.front() + ": " + std::strerror(errno)};
  base::log_info("Started the server", {{"command", command.front()}, {"pid", child_}});
  return base::ok();
}

bool Supervisor::reap() {
  bool ended = false;
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    if (pid != child_) continue;
    child_ = -1;
    child_status_ = WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
    ended = true;
  }
  return ended;
}

int Supervisor::run(const std::function<void()>& before_stop, milliseconds grace) {
  base::drop_startup_pages();
  std::optional<base::Monotonic> kill_at;
  while (child_ > 0) {
    if (stop_was_asked_ && !kill_at) {
      kill_at = base::system_clock().monotonic() + grace;
      before_stop();
      base::log_info("Told the server to stop", {{"pid", child_}});
      kill(child_, SIGTERM);
    }
    const auto now = base::system_clock().monotonic();
    if (kill_at && now >= *kill_at) {
      base::log_warning("Killed the server: it did not stop in time", {{"pid", child_}});
      kill(child_, SIGKILL);
    }
    const auto left = kill_at ? std::chrono::duration_cast<milliseconds>(*kill_at - now) : kIdle;
    const int signal = next_signal(std::clamp(left, milliseconds(10), kIdle));
    if (signal == SIGCHLD) reap();
    stop_was_asked_ |= signal != 0 && signal != SIGCHLD;
  }
  base::log_info("The server ended", {{"code", child_status_}});
  return child_status_;
}

}  // namespace cadence::agent::redis
