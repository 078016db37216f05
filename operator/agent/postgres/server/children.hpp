// Signals and child processes of PID 1, for one thread: waiting for signals, starting programs, reaping everything that
// ends. Promises: no zombie stays; signals arrive only where wait() is called; children start with default signal
// handling. Never uses a shell.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/postgres/ports.hpp"

namespace cadence::agent::postgres {

struct Ended {
  int status = 0;  // of waitpid
  std::string output;
  [[nodiscard]] bool is_success() const { return status == 0; }
};
std::string describe_status(int status);  // "exit code 1", "signal 9"

class Children final : public ProcessPort {
 public:
  Children();  // blocks the signals in this thread and those it starts from now on; becomes reaper of orphans
  ~Children() override;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  // Waits for a signal, a wake() or `at_most`, then reaps.
  void wait(std::chrono::milliseconds at_most) override;
  static void wake();  // from any thread: ends the present or the next wait()
  void wake_up() override { wake(); }
  [[nodiscard]] bool is_stop_requested() const override { return is_stopping_; }

  base::Result<pid_t> start(const Command& command) override;
  std::optional<int> status_of(pid_t pid) override;  // once it has ended; forgets it
  [[nodiscard]] bool is_running(pid_t pid) const override { return pid > 0 && !ended_.contains(pid); }

  // Runs to its end; `tick` is called while waiting. A stop request ends the program (if it may) and gives Canceled.
  base::Result<Ended> run(const Command& command, std::chrono::milliseconds at_most, const std::function<void()>& tick);

  // Kills all that is left of our descendants and reaps them, so that nothing writes any more.
  void kill_rest(std::chrono::milliseconds at_most) override;
  void signal(pid_t pid, int number) override;
  [[nodiscard]] bool is_recovery_at_work(pid_t postmaster) const override;

 private:
  void reap();
  void end(pid_t pid, int signal);
  bool is_stopping_ = false;
  int kept_output_ = -1;
  std::map<pid_t, int> ended_;
};

}  // namespace cadence::agent::postgres
