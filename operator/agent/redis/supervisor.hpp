// Runs one real server as its child, the way PID 1 must: passes stop signals on, reaps orphans, and ends with the child's exit code.
// Promises: a stop ends within its grace, by SIGKILL if need be; the child never outlives this process. Single-threaded; take the
// signals before anything else starts. Does not know which server it is.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::agent::redis {

class Supervisor {
 public:
  Supervisor();  // from here on stop signals wait to be asked for

  // True once a stop was asked for; looks without waiting.
  bool stop_was_asked();
  // Sleeps, but not past a stop; false when one was asked for.
  bool wait_for(std::chrono::milliseconds time);

  base::Result<void> start(const std::vector<std::string>& command);
  // Until the child has ended. `before_stop` runs once, before the child is told to stop.
  int run(const std::function<void()>& before_stop, std::chrono::milliseconds grace);

 private:
  int next_signal(std::chrono::milliseconds time) const;  // 0: none came
  bool reap();                                            // true: the child is among them

  pid_t child_ = -1;
  int child_status_ = 0;
  bool stop_was_asked_ = false;
};

}  // namespace cadence::agent::redis
