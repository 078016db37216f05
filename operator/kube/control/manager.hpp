// Starts and stops the parts of an operator in the order that works.
// Promises: servers before caches, caches synced before anything that reads them, leader-only parts only while leading;
// stopped in reverse, the Lease given back last; SIGTERM and SIGINT stop within the grace; when the Lease is lost run()
// returns at once and the process must exit, because another may be leading. Parts start and stop on the thread of
// run().
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kube/control/leader_election.hpp"
#include "kube/control/stop_signals.hpp"

namespace cadence::kube::control {

enum class Phase { Servers, Caches, Others, LeaderOnly };

struct Part {
  std::string name;
  std::function<base::Result<void>()> start;
  std::function<void(std::chrono::milliseconds grace)> stop{};
  // What it still lacks; the next phase starts when that is nothing. Waited for without end, and said again and again:
  // what is missing, a kind that is not installed, say, may come at any time, and to end and begin again would bring it
  // no sooner.
  std::function<std::string()> missing{};
};

// How the manager sees leader election; without one it leads from the start.
struct Leadership {
  std::function<void(LeaderElector::Callbacks)> start;
  std::function<void()> stop;  // gives the Lease back
};
Leadership leadership_of(LeaderElector& elector);

class Manager {
 public:
  struct Options {
    std::chrono::milliseconds grace{30000};           // less than the pod's terminationGracePeriodSeconds
    std::chrono::milliseconds ready_reminder{60000};  // how often the log says for what a phase waits
    std::function<void()> tidy{};                     // called now and then while running, on the thread of run()
    std::chrono::milliseconds tidy_interval{60000};
  };
  explicit Manager(Options options) : options_(std::move(options)) {}

  void add(Phase phase, Part part) { parts_.push_back({phase, std::move(part)}); }
  void set_leadership(Leadership leadership) { leadership_ = std::move(leadership); }

  // Until a signal, stop(), a lost Lease or a part that cannot start. The process' exit code.
  int run();
  void stop();  // as a signal does; from any thread
  // Everything but the leader-only parts has started: for readiness.
  [[nodiscard]] bool is_up() const { return is_up_; }

 private:
  struct Entry {
    Phase phase;
    Part part;
    bool has_started = false;
  };
  bool start_phase(Phase phase);
  bool wait_until_ready(const Part& part);
  bool lead_until_stopped();
  void stop_all();
  bool is_stop_asked(std::chrono::milliseconds longest);  // waits for it

  Options options_;
  std::vector<Entry> parts_;
  Leadership leadership_;
  StopSignals signals_;
  std::atomic<bool> is_up_{false}, has_acquired_{false}, has_lost_{false}, is_asked_{false};
};

}  // namespace cadence::kube::control
