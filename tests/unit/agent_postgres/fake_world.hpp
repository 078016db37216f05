// A world behind an agent's ports, as it may be: a Lease with compare-and-swap, a fence, a server that starts, writes
// and ends, peers, a volume. Each call of a port is written down, and may be the one before which everything stands
// still for a minute while another instance claims the Lease.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "agent/postgres/ports.hpp"
#include "folder.hpp"

namespace cadence::agent::postgres {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;

// What is true, whoever knows it.
struct Scene : base::Clock {
  Scene() {
    options.instance = "a";
    options.cluster = "demo";
    options.pod_uid = "pod-a";
    options.lease = "demo-postgres";
    options.data_directory = folder.path() / "data";
    lease.is_present = true;
    lease.resource_version = "10";
    lease.system_identifier = "7";
    lease.timeline = lease.reserved_timeline = 1;
    lease.synchronous = {rules::SynchronousMode::Required, 1, {"b", "c"}};
    data.state = rules::DataDirectory::State::Database;
    data.system_identifier = "7";
    data.timeline = 1;
    data.major_version = 15;
    data.checkpoint = 0x100;
  }

  [[nodiscard]] base::Monotonic monotonic() const override { return now; }
  [[nodiscard]] base::Wall wall() const override { return {}; }

  void call(std::string name) {
    calls.push_back(std::move(name));
    renew();
    if (calls.size() == stall_at) {
      now += 1min;
      if (is_claimed_in_stall) {
        lease.holder = "b";
        ++lease.transitions;
        change();
      }
    }
    run_fence();
    if (after_call) after_call();
  }
  // As the Lease's keeper and the watchdog have it between them.
  void renew() {
    if (!is_holding || !is_api_up || (armed > 0 && now - renewed >= options.timing.soft)) return;
    if (lease.holder == options.instance) renewed = now;
    else is_lost = true, is_holding = false;
  }
  void run_fence() {
    if (armed == 0 || now - renewed < options.timing.soft) return;
    has_fired = true;
    if (armed == pid) end(SIGQUIT);
  }
  void end(int how) {
    if (can_write && how == SIGINT) data.is_cleanly_stopped = true;
    if (is_running) status = how == SIGINT ? 0 : how;
    is_running = can_write = false;
  }
  void change() { lease.resource_version = std::to_string(std::stoi(lease.resource_version) + 1); }
  [[nodiscard]] bool is_fresh() const { return now - renewed < options.timing.soft; }
  [[nodiscard]] std::size_t position_of(const std::string& name) const {
    return static_cast<std::size_t>(std::find(calls.begin(), calls.end(), name) - calls.begin());
  }
  [[nodiscard]] bool was_called(const std::string& name) const { return position_of(name) < calls.size(); }
  // Holds the Lease, freshly renewed.
  void hold() {
    lease.holder = options.instance;
    lease.holder_uid = options.pod_uid;
    is_holding = true;
    renewed = now;
  }
  void run_as(bool is_primary) {
    pid = 100;
    is_running = true;
    can_write = is_primary;
    data.is_standby = !is_primary;
    if (is_primary) data.is_cleanly_stopped = false;
    receiver = is_primary ? 0 : 7;
  }

  test::Folder folder;
  Options options;
  base::Monotonic now = base::Monotonic{} + 24h;
  std::vector<std::string> calls;
  std::size_t stall_at = 0;  // before the effect of this call; counted from 1
  bool is_claimed_in_stall = true;
  std::function<void()> after_call, on_wait;

  rules::LeaseView lease;
  bool is_holding = false, is_lost = false, is_api_up = true;
  rules::Milliseconds silence{0}, since_handover{0};
  base::Monotonic renewed = base::Monotonic{} + 1h;
  std::vector<rules::Release> releases;
  pid_t armed = 0;
  bool has_fired = false;

  pid_t pid = 0;
  std::optional<int> status;
  bool is_running = false, can_write = false, is_deaf = false;  // deaf: to all signals but SIGKILL
  bool never_promotes = false, is_stop_requested = false;
  pid_t receiver = 0;
  rules::MemberReport log_end{"a", false, "", 1, 0x200, 0x200};
  bool is_recovering = false;            // its process that replays the log is at work
  std::string refusal;                   // of a server that is asked about its stream and its log
  std::vector<rules::LogPoint> history;  // of the timelines on the volume
  rules::InstanceStatus answer;

  rules::DataDirectory data;
  bool can_hold_both = true, is_reachable = true, can_rewind = true, can_copy = true, is_copy_proven = true;
  std::map<std::string, rules::InstanceStatus> peers;
  Passwords passwords;
  std::vector<std::string> instances{"a", "b", "c"};
  rules::Synchronous wanted{};
  rules::SynchronousSet applied{rules::SynchronousMode::Required, 1, {"b", "c"}};
};

inline base::Result<void> outcome(bool is_done, const char* problem) {
  if (is_done) return {};
  return Error{ErrorKind::Transient, problem};
}

struct Part {
  explicit Part(Scene& scene) : s(scene) {}
  Scene& s;
};

struct FakeProcesses final : Part, ProcessPort {
  using Part::Part;
  void wait(std::chrono::milliseconds at_most) override {
    s.call("wait");
    s.now += at_most;
    if (s.on_wait) s.on_wait();
  }
  void wake_up() override {}
  bool is_stop_requested() const override { return s.is_stop_requested; }
  base::Result<pid_t> start(const Command&) override {
    s.call("start");
    s.run_as(!s.data.is_standby);
    return s.pid;
  }
  std::optional<int> status_of(pid_t) override {
    s.call("status");
    return std::exchange(s.status, std::nullopt);
  }
  bool is_running(pid_t) const override { return s.is_running; }
  void signal(pid_t pid, int number) override {
    s.call("signal " + std::to_string(number));
    if (pid != s.pid) s.receiver = 0;
    else if (number != SIGHUP && (!s.is_deaf || number == SIGKILL)) s.end(number);
  }
  void kill_rest(std::chrono::milliseconds) override {
    s.call("kill rest");
    s.is_running = s.can_write = false;
  }
  bool is_recovery_at_work(pid_t) const override { return s.is_recovering; }
};

struct FakeServer final : Part, ServerPort {
  using Part::Part;
  base::Result<Answer> ask() override {
    s.call("ask");
    if (!s.is_running) return Error{ErrorKind::Transient, "no server"};
    auto status = s.answer;
    status.role = s.can_write ? "primary" : "standby";
    status.is_writable = s.can_write;
    status.is_streaming = s.receiver != 0;
    status.system_identifier = s.data.system_identifier;
    status.timeline = s.data.timeline;
    return Answer{status, {}, 0x100};
  }
  void forget() override { s.call("forget"); }
  base::Result<Reception> reception() override {
    s.call("reception");
    if (!s.refusal.empty()) return Error{ErrorKind::Transient, s.refusal};
    return Reception{!s.can_write, false, s.receiver};
  }
  base::Result<void> resume_replay() override { return {}; }
  base::Result<pid_t> wal_receiver() override {
    s.call("receiver");
    if (!s.refusal.empty()) return Error{ErrorKind::Transient, s.refusal};
    return s.receiver;
  }
  base::Result<rules::MemberReport> log_end() override {
    s.call("log end");
    if (!s.refusal.empty()) return base::Error{base::ErrorKind::Transient, s.refusal};
    return s.log_end;
  }
  base::Result<bool> is_log_read() override { return true; }
  base::Result<std::string> oldest_lsn() override { return std::string("0/0"); }
  bool is_confirmed_by(const std::string&, std::chrono::milliseconds) override { return true; }
  base::Result<std::string> strange_slots() override { return std::string(); }
  base::Result<void> tend_slots(const std::vector<std::string>&, bool, base::Monotonic) override { return {}; }
  base::Result<void> promote(const std::function<bool()>& may) override {
    s.call("promote");
    if (!may()) return Error{ErrorKind::Conflict, "it may not"};
    if (!s.is_running) return Error{ErrorKind::Transient, "no server"};
    s.can_write = !s.never_promotes;
    if (s.can_write) s.data.is_standby = false;
    return {};
  }
  base::Result<bool> is_promoted() override {
    s.call("promoted?");
    return s.can_write;
  }
  void end_sessions() override { s.call("end sessions"); }
  std::optional<rules::Lsn> settled_position() override { return rules::Lsn{0x100}; }
  void checkpoint(std::chrono::milliseconds) override { s.call("checkpoint"); }
  void begin_checkpoint() override { s.call("begin checkpoint"); }
  bool has_checkpoint() const override { return true; }
  base::Result<std::string> bring_roles(const Passwords&, std::chrono::milliseconds) override {
    s.call("roles");
    return std::string();
  }
  base::Result<std::string> mark_of_roles(const rules::Logins&) override { return std::string("mark"); }
};

struct FakeTrial final : TrialPort {
  void start() override { is_on = true; }
  void stop() override { is_on = false; }
  Finding finding() const override { return is_on ? found : Finding{}; }
  bool is_on = false;
  Finding found;
};

struct FakeFiles final : Part, FilePort {
  using Part::Part;
  base::Result<void> prepare() override { return {}; }
  base::Result<bool> refresh() override {
    s.call("refresh");
    if (following.empty()) s.receiver = 0;
    return true;
  }
  void write_again() override { s.call("write again"); }
  void follow(const std::string& primary) override {
    s.call("follow " + primary);
    following = primary;
  }
  void apply_synchronous(const rules::SynchronousSet& set) override { s.applied = set; }
  void act_as_primary(bool) override {}
  void keep_at_least(const std::map<std::string, std::int64_t>&) override {}
  const Passwords& passwords() const override { return s.passwords; }
  const std::vector<std::string>& instances() const override { return s.instances; }
  const rules::Synchronous& synchronous() const override { return s.wanted; }
  const rules::SynchronousSet& applied() const override { return s.applied; }
  const std::string& config_hash() const override { return nothing; }
  const std::string& config_error() const override { return nothing; }
  bool has_decrease() const override { return false; }
  std::string settings_path() const override { return "/run/postgresql.conf"; }
  std::string following, nothing;
};

struct FakeGuard final : Part, GuardPort {
  using Part::Part;
  bool tend_system(Time) override { return false; }
  bool tend_logins(Time) override { return false; }
  bool lay_aside(const std::string&, Time) override {
    s.call("lay aside");
    return true;
  }
  void put_back() override { s.call("put back"); }
  void tend_roles(const rules::Logins&, Time) override {}
  void tell_straying(Time) override {}
  std::string findings(Time) const override { return {}; }
};

}  // namespace cadence::agent::postgres
