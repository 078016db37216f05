// Runs one real server as its child, the way PID 1 must: passes stop signals on, reaps orphans, and ends with the
// child's exit code. Promises: a stop ends within its grace, by SIGKILL if need be; the child never outlives this
// process. Single-threaded; take the signals before anything else starts. Does not know which server it is.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "redis/connection.hpp"

namespace cadence::agent::redis {

class Supervisor {
 public:
  Supervisor();  // from here on stop signals wait to be asked for

  // True once a stop was asked for; looks without waiting.
  bool stop_was_asked();
  // Sleeps, but not past a stop; false when one was asked for.
  bool wait_for(std::chrono::milliseconds time);

  base::Result<void> start(const std::vector<std::string>& command);
  // Until the child has ended. `before_stop` runs once, before the child is told to stop; `watch` again and again while
  // it runs.
  int run(const std::function<void()>& before_stop, std::chrono::milliseconds grace,
          const std::function<void()>& watch);
  // What the child printed last, a few kilobytes; all of it was passed on.
  [[nodiscard]] const std::string& last_words() const { return last_words_; }

 private:
  int next_signal(std::chrono::milliseconds time);  // 0: none came
  void pass_output_on();
  bool reap();  // true: the child is among them

  pid_t child_ = -1;
  cadence::redis::Descriptor signals_, output_;
  std::string last_words_;
  int child_status_ = 0;
  bool stop_was_asked_ = false;
};

}  // namespace cadence::agent::redis
