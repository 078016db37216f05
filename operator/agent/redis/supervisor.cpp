#include "agent/redis/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
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

constexpr milliseconds kIdle{200};  // between two looks of the watch
constexpr std::size_t kLastWords = 8192;
constexpr int kPipeBytes = 1 << 20;  // so that a server never waits for an agent that is busy handing over
constexpr int kSignalBase = 128;     // as a shell reports a death by signal
constexpr int kCannotExecute = 127;

sigset_t watched_signals() {
  sigset_t out;
  sigemptyset(&out);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGCHLD}) sigaddset(&out, signal);
  return out;
}

[[noreturn]] void become(const std::vector<std::string>& command, pid_t parent, int output) {
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const auto none = [] {
    sigset_t out;
    sigemptyset(&out);
    return out;
  }();
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
  signals_ = cadence::redis::Descriptor(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
}

void Supervisor::pass_output_on() {
  char buffer[16384];
  for (;;) {
    const auto count = read(output_.number(), buffer, sizeof buffer);
    if (count <= 0) {
      const bool is_over = count == 0 || (errno != EAGAIN && errno != EINTR);
      if (is_over) output_ = cadence::redis::Descriptor();
      return;
    }
    last_words_.append(buffer, static_cast<std::size_t>(count));
    if (last_words_.size() > kLastWords) last_words_.erase(0, last_words_.size() - kLastWords);
    for (ssize_t done = 0; done < count;) {
      const auto written = write(STDOUT_FILENO, buffer + done, static_cast<std::size_t>(count - done));
      if (written < 0 && errno != EINTR) break;
      done += std::max<ssize_t>(written, 0);
    }
  }
}

int Supervisor::next_signal(milliseconds time) {
  const auto deadline = base::system_clock().monotonic() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - base::system_clock().monotonic());
    pollfd waiting[] = {{.fd = signals_.number(), .events = POLLIN, .revents = 0},
                        {.fd = output_.number(), .events = POLLIN, .revents = 0}};
    const int count = poll(waiting, 2, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (waiting[1].revents != 0) pass_output_on();
    signalfd_siginfo info{};
    if (count > 0 && waiting[0].revents != 0 && read(signals_.number(), &info, sizeof info) == sizeof info)
      return static_cast<int>(info.ssi_signo);
    if (count <= 0 && left <= milliseconds(0)) return 0;
  }
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
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return base::Error{base::ErrorKind::Transient,
                       "Could not make a pipe for " + command.front() + ": " + std::strerror(errno)};
  output_ = cadence::redis::Descriptor(ends[0]);
  const cadence::redis::Descriptor childs_end(ends[1]);
  fcntl(output_.number(), F_SETFL, O_NONBLOCK);
  fcntl(output_.number(), F_SETPIPE_SZ, kPipeBytes);
  last_words_.clear();
  child_ = fork();
  if (child_ == 0) become(command, parent, childs_end.number());
  if (child_ < 0)
    return base::Error{base::ErrorKind::Transient, "Could not start " + command.front() + ": " + std::strerror(errno)};
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

int Supervisor::run(const std::function<void()>& before_stop, milliseconds grace, const std::function<void()>& watch) {
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
    if (child_ > 0) watch();
  }
  if (output_.is_open()) pass_output_on();
  base::log_info("The server ended", {{"code", child_status_}});
  return child_status_;
}

}  // namespace cadence::agent::redis
