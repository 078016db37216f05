#include "agent/postgres/server/children.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/postgres/fence/watchdog.hpp"
#include "agent/postgres/server/recovery_process.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using Clock = std::chrono::steady_clock;

sigset_t handled_signals() {
  sigset_t out;
  sigemptyset(&out);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD, SIGHUP, SIGUSR1}) sigaddset(&out, signal);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_of(const Command& command) {
  // LC_ALL=C: we read what the tools print. HOME: libpq looks for certificates there, and must find none.
  std::map<std::string, std::string> all{
      {"LC_ALL", "C"}, {"HOME", "/nonexistent"}, {"PATH", "/usr/bin:/bin"}, {"TZ", "UTC"}};
  for (const auto& [name, value] : command.environment) all[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

struct SpawnSettings {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  SpawnSettings(int standard_output, bool are_errors_kept) {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    sigset_t none, all = handled_signals();
    sigemptyset(&none);
    sigaddset(&all, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, standard_output, 1);
    if (are_errors_kept) posix_spawn_file_actions_adddup2(&actions, standard_output, 2);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

std::string drain(int fd) {
  std::string out;
  char buffer[4096];
  for (ssize_t count; (count = ::read(fd, buffer, sizeof(buffer))) > 0;)
    out.append(buffer, static_cast<std::size_t>(count));
  return out;
}

}  // namespace

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

Children::Children() {
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // where we are not PID 1, orphans come to us all the same
}

Children::~Children() = default;

void Children::wait(std::chrono::milliseconds at_most) {
  const auto signals = handled_signals();
  const timespec time{at_most.count() / 1000, at_most.count() % 1000 * 1000000};
  const int signal = ::sigtimedwait(&signals, nullptr, &time);
  if (signal == SIGTERM || signal == SIGINT) is_stopping_ = true;
  reap();
}

void Children::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) ended_[pid] = status;
}

void Children::wake() { ::kill(::getpid(), SIGUSR1); }

base::Result<pid_t> Children::start(const Command& command) {
  auto arguments = command.arguments;
  auto environment = environment_of(command);
  int ends[2] = {-1, -1};
  if (command.is_output_kept && ::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return Error{ErrorKind::Transient, "Could not make a pipe"};
  SpawnSettings settings(command.is_output_kept ? ends[1] : 2, command.is_output_kept && command.are_errors_kept);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, arguments[0].c_str(), &settings.actions, &settings.attributes,
                                 pointers(arguments).data(), pointers(environment).data());
  if (ends[1] >= 0) ::close(ends[1]);
  if (code != 0 && ends[0] >= 0) ::close(ends[0]);
  if (code != 0)
    return Error{code == ENOENT ? ErrorKind::NotFound : ErrorKind::Transient,
                 "Could not start " + arguments[0] + ": " + std::strerror(code)};
  kept_output_ = ends[0];
  ended_.erase(pid);  // the number may have been used before
  return pid;
}

std::optional<int> Children::status_of(pid_t pid) {
  const auto found = ended_.find(pid);
  if (found == ended_.end()) return std::nullopt;
  const int status = found->second;
  ended_.erase(found);
  return status;
}

void Children::end(pid_t pid, int signal) {
  ::kill(pid, signal);
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (is_running(pid) && Clock::now() < deadline) wait(std::chrono::milliseconds(50));
  if (!is_running(pid)) return;
  ::kill(pid, SIGKILL);
  while (is_running(pid) && Clock::now() < deadline + std::chrono::seconds(2)) wait(std::chrono::milliseconds(50));
}

base::Result<Ended> Children::run(const Command& command, std::chrono::milliseconds at_most,
                                  const std::function<void()>& tick) {
  const auto pid = start(command);
  if (!pid) return pid.error();
  const int output = std::exchange(kept_output_, -1);
  const auto deadline = Clock::now() + at_most;
  const auto is_ended = [&] { return command.is_ended_by_stop && is_stopping_; };
  bool has_enough = false;
  while (is_running(*pid) && !is_ended() && !has_enough && Clock::now() < deadline) {
    wait(std::chrono::milliseconds(command.is_enough ? 20 : 200));
    if (tick) tick();
    has_enough = command.is_enough && command.is_enough();
  }
  const bool is_cut = is_running(*pid);
  if (is_cut) end(*pid, SIGTERM);
  Ended out{status_of(*pid).value_or(-1), {}};
  if (output >= 0) {
    out.output = drain(output);
    ::close(output);
  }
  if (has_enough) {
    out.status = 0;
    return out;
  }
  if (is_cut && is_ended())
    return Error{ErrorKind::Canceled, "Stopped " + command.arguments[0] + " because a stop was asked for"};
  if (is_cut) return Error{ErrorKind::Transient, command.arguments[0] + " did not end in time"};
  return out;
}

void Children::kill_rest(std::chrono::milliseconds at_most) {
  const auto deadline = Clock::now() + at_most;
  do {
    kill_descendants();
    reap();
    if (::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return;
    wait(std::chrono::milliseconds(10));
  } while (Clock::now() < deadline);
}

void Children::signal(pid_t pid, int number) { ::kill(pid, number); }

bool Children::is_recovery_at_work(pid_t postmaster) const { return postgres::is_recovery_at_work(postmaster); }

}  // namespace cadence::agent::postgres
