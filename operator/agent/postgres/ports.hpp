// All that the loops of an agent need of the world, as ports: the clock, processes, the server, its files, the volume,
// the Lease, the fence, the peers. world.cpp puts the real things behind them; tests put their own. Promises: a loop
// reaches nothing else that can wait, fail or change by itself, so that a test can hold it between any two calls. Each
// port promises what the class behind it does, and says so there. Decides nothing.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/postgres/options.hpp"
#include "agent/postgres/peers/commitment.hpp"
#include "agent/postgres/values.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "postgres/rules/boot.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::agent::postgres {

using Tick = std::function<void()>;  // called while something long runs: the world sees that we live

// Signals and processes of PID 1.
class ProcessPort {
 public:
  virtual ~ProcessPort() = default;
  virtual void wait(std::chrono::milliseconds at_most) = 0;  // for a signal, or for news
  virtual void wake_up() = 0;                                // from any thread: ends the present or the next wait()
  [[nodiscard]] virtual bool is_stop_requested() const = 0;
  virtual base::Result<pid_t> start(const Command& command) = 0;
  virtual std::optional<int> status_of(pid_t pid) = 0;  // once it has ended; forgets it
  [[nodiscard]] virtual bool is_running(pid_t pid) const = 0;
  virtual void signal(pid_t pid, int number) = 0;
  virtual void kill_rest(std::chrono::milliseconds at_most) = 0;
  // The process that replays the log of this server is busy, and asks nobody for a stream meanwhile.
  [[nodiscard]] virtual bool is_recovery_at_work(pid_t postmaster) const = 0;
};

// The server beside us, asked over its socket.
class ServerPort {
 public:
  virtual ~ServerPort() = default;
  virtual base::Result<Answer> ask() = 0;
  virtual void forget() = 0;  // its connection
  virtual base::Result<Reception> reception() = 0;
  virtual base::Result<void> resume_replay() = 0;
  virtual base::Result<pid_t> wal_receiver() = 0;
  virtual base::Result<rules::MemberReport> log_end() = 0;
  virtual base::Result<bool> is_log_read() = 0;
  virtual base::Result<std::string> oldest_lsn() = 0;
  virtual bool is_confirmed_by(const std::string& standby, std::chrono::milliseconds at_most) = 0;
  virtual base::Result<void> tend_slots(const std::vector<std::string>& others, bool is_primary,
                                        base::Monotonic now) = 0;
  // What slots of others keep of the log (tell_strange_slots).
  virtual base::Result<std::string> strange_slots() = 0;

  // `may` is asked when all is ready, with nothing between its answer and the promotion.
  virtual base::Result<void> promote(const std::function<bool()>& may) = 0;
  virtual base::Result<bool> is_promoted() = 0;
  virtual void end_sessions() = 0;  // of everybody but ourselves
  // When every backend has the settings of the last reload: nothing where the server cannot be reached, the end of all
  // logs where it does not answer.
  virtual std::optional<rules::Lsn> settled_position() = 0;
  virtual void checkpoint(std::chrono::milliseconds at_most) = 0;
  virtual void begin_checkpoint() = 0;  // beside everything else
  [[nodiscard]] virtual bool has_checkpoint() const = 0;

  // Brings roles and the application's database to their Secrets: what of them is gone.
  virtual base::Result<std::string> bring_roles(const Passwords& passwords, std::chrono::milliseconds bound) = 0;
  virtual base::Result<std::string> mark_of_roles(const rules::Logins& logins) = 0;
};

// Tries something again and again in a thread of its own (trial.hpp).
class TrialPort {
 public:
  virtual ~TrialPort() = default;
  virtual void start() = 0;  // counts from now
  virtual void stop() = 0;
  [[nodiscard]] virtual Finding finding() const = 0;
};

// What the server reads: settings, access rules, keys. Each setter takes effect with the next refresh().
class FilePort {
 public:
  virtual ~FilePort() = default;
  virtual base::Result<void> prepare() = 0;
  virtual base::Result<bool> refresh() = 0;  // true: the server must reload
  virtual void write_again() = 0;
  virtual void follow(const std::string& primary) = 0;
  virtual void apply_synchronous(const rules::SynchronousSet& set) = 0;
  virtual void act_as_primary(bool is_primary) = 0;
  virtual void keep_at_least(const std::map<std::string, std::int64_t>& floors) = 0;
  [[nodiscard]] virtual const Passwords& passwords() const = 0;
  [[nodiscard]] virtual const std::vector<std::string>& instances() const = 0;
  [[nodiscard]] virtual const rules::Synchronous& synchronous() const = 0;
  [[nodiscard]] virtual const rules::SynchronousSet& applied() const = 0;
  [[nodiscard]] virtual const std::string& config_hash() const = 0;
  [[nodiscard]] virtual const std::string& config_error() const = 0;
  [[nodiscard]] virtual bool has_decrease() const = 0;
  [[nodiscard]] virtual std::string settings_path() const = 0;
};

// Holds the server to the settings that are ours.
class GuardPort {
 public:
  using Time = base::Monotonic;
  virtual ~GuardPort() = default;
  virtual bool tend_system(Time now) = 0;
  virtual bool tend_logins(Time now) = 0;
  virtual bool lay_aside(const std::string& why, Time now) = 0;
  virtual void put_back() = 0;
  virtual void tend_roles(const rules::Logins& logins, Time now) = 0;
  virtual void tell_straying(Time now) = 0;
  [[nodiscard]] virtual std::string findings(Time now) const = 0;
};

// The data directory and what lies beside it.
class VolumePort {
 public:
  virtual ~VolumePort() = default;
  virtual base::Result<void> lock() = 0;
  virtual base::Result<void> take_mark() = 0;
  [[nodiscard]] virtual rules::Milliseconds mark_age() const = 0;
  virtual base::Result<void> place_wal(const Tick& tick) = 0;
  virtual base::Result<int> program_version() = 0;
  virtual base::Result<rules::DataDirectory> inspect() = 0;
  [[nodiscard]] virtual bool is_empty() const = 0;
  virtual base::Result<void> initialise(const Tick& tick) = 0;
  virtual base::Result<std::string> identify(const std::string& primary, const Tick& tick) = 0;
  virtual base::Result<void> reach_for_rewind(const std::string& primary, const Tick& tick) = 0;
  [[nodiscard]] virtual bool can_hold_both() const = 0;
  virtual base::Result<void> prove_copy(const std::string& primary, const Tick& tick) = 0;
  virtual base::Result<void> clone(const std::string& primary, const std::string& system_identifier, bool replaces_data,
                                   const Tick& tick) = 0;
  virtual base::Result<void> rewind(const std::string& primary, const Tick& tick) = 0;
  [[nodiscard]] virtual bool is_rewind_unfinished() const = 0;
  [[nodiscard]] virtual bool is_standby() const = 0;
  virtual base::Result<void> become_standby() = 0;
  virtual base::Result<void> cease_to_be_standby() = 0;
  virtual base::Result<void> note_reign(std::int64_t timeline) = 0;
  virtual base::Result<void> note_straying() = 0;
  virtual base::Result<void> tidy() = 0;
  [[nodiscard]] virtual std::int64_t newest_timeline() const = 0;
  // Where that timeline's history says that those before it were left; empty: it is not here.
  [[nodiscard]] virtual std::vector<rules::LogPoint> history_of(std::int64_t timeline) const = 0;
  virtual base::Result<void> pass_over_timelines(std::int64_t next) = 0;
  [[nodiscard]] virtual rules::DiskUse use_of(const std::string& folder) const = 0;
};

// The Lease, as it was last seen, and what is written into it.
class LeasePort {
 public:
  virtual ~LeasePort() = default;
  [[nodiscard]] virtual std::optional<rules::LeaseView> view() const = 0;
  [[nodiscard]] virtual std::string last_problem() const = 0;
  [[nodiscard]] virtual bool is_holding() const = 0;
  [[nodiscard]] virtual bool is_lost() const = 0;
  [[nodiscard]] virtual rules::Milliseconds silence() const = 0;
  [[nodiscard]] virtual rules::Milliseconds since_handover() const = 0;
  // Succeeds on the record `seen` only, which is the one that was judged.
  virtual base::Result<void> claim(const rules::LeaseView& seen,
                                   const std::optional<rules::Promotion>& promotion = {}) = 0;
  virtual base::Result<void> release(const rules::Release& release,
                                     const std::optional<rules::LeaseView>& seen = {}) = 0;
  // Only while we hold it.
  virtual base::Result<void> describe(const std::string& system_identifier, std::int64_t timeline,
                                      const std::optional<rules::Failover>& story) = 0;
  virtual base::Result<void> publish(const rules::SynchronousSet& set) = 0;
  virtual base::Result<void> measure(const std::string& unacknowledged, const std::string& settings) = 0;
  virtual void point_endpoints_here() = 0;
};

// Ends the server when the Lease was not renewed in time.
class FencePort {
 public:
  virtual ~FencePort() = default;
  virtual void arm(pid_t postmaster) = 0;
  virtual void disarm() = 0;
  virtual bool take_fired() = 0;
  [[nodiscard]] virtual rules::Milliseconds time_left() const = 0;
  [[nodiscard]] virtual bool may_write() const = 0;
};

// The other agents.
class PeerPort {
 public:
  virtual ~PeerPort() = default;
  virtual base::Result<rules::InstanceStatus> status(const std::string& name) = 0;
  virtual std::vector<rules::MemberReport> disarm(const std::vector<std::string>& names, const std::string& record,
                                                  std::stop_token stop) = 0;
  virtual Touch touch(const std::string& name, std::chrono::milliseconds at_most) = 0;
  virtual void want(const std::vector<std::string>& names) = 0;  // their addresses
  virtual void learn(const std::string& name, const std::string& address) = 0;
  virtual bool take_moved() = 0;             // one was heard from another address since this was asked last
  virtual base::Result<void> refresh() = 0;  // serves them, with the certificate of now
  virtual std::optional<DisarmCall> next_call() = 0;
  virtual void greet(const std::vector<std::string>& names) = 0;
};

// All of them, and what follows from them at once.
struct World {
  const Options& options;
  const base::Clock& clock;
  ProcessPort& processes;
  ServerPort& server;
  TrialPort &storage, &door;  // can the primary still write, can anybody still connect
  FilePort& files;
  GuardPort& guard;
  VolumePort& volume;
  LeasePort& lease;
  FencePort& fence;
  PeerPort& peers;
  Commitment& commitment;

  [[nodiscard]] base::Monotonic now() const { return clock.monotonic(); }
  [[nodiscard]] bool is_due(base::Monotonic& last, std::chrono::milliseconds every) const {
    const auto at = now();
    if (last != base::Monotonic{} && at - last < every) return false;
    last = at;
    return true;
  }
  [[nodiscard]] std::vector<std::string> others() const {
    std::vector<std::string> out;
    for (const auto& name : files.instances()) {
      if (name != options.instance) out.push_back(name);
    }
    return out;
  }
};

}  // namespace cadence::agent::postgres
