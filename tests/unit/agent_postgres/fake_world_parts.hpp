// The rest of the fake world: volume, Lease, fence, peers, and all of it together.
#pragma once

#include "unit/agent_postgres/fake_world.hpp"

namespace cadence::agent::postgres {

struct FakeVolume final : Part, VolumePort {
  using Part::Part;
  base::Result<void> lock() override { return {}; }
  base::Result<void> take_mark() override { return {}; }
  rules::Milliseconds mark_age() const override { return 1min; }
  base::Result<void> place_wal(const Tick&) override { return {}; }
  base::Result<int> program_version() override { return 15; }
  base::Result<rules::DataDirectory> inspect() override {
    s.call("inspect");
    return s.data;
  }
  bool is_empty() const override { return s.data.state == rules::DataDirectory::State::Empty; }
  base::Result<void> initialise(const Tick&) override {
    s.call("initialise");
    s.data.state = rules::DataDirectory::State::Database;
    s.data.major_version = 15;
    return {};
  }
  base::Result<std::string> identify(const std::string&, const Tick&) override {
    s.call("identify");
    if (!s.is_reachable) return Error{ErrorKind::Transient, "password authentication failed"};
    return s.data.system_identifier;
  }
  base::Result<void> reach_for_rewind(const std::string&, const Tick&) override {
    s.call("reach");
    return outcome(s.is_reachable, "out of reach");
  }
  bool can_hold_both() const override { return s.can_hold_both; }
  base::Result<void> prove_copy(const std::string&, const Tick&) override {
    s.call("prove");
    return outcome(s.is_copy_proven, "no copy to be had");
  }
  base::Result<void> clone(const std::string&, const std::string&, bool, const Tick&) override {
    s.call("clone");
    return outcome(s.can_copy, "the copy broke");
  }
  base::Result<void> rewind(const std::string&, const Tick&) override {
    s.call("rewind");
    return outcome(s.can_rewind, "the rewind failed");
  }
  bool is_rewind_unfinished() const override { return false; }
  bool is_standby() const override { return s.data.is_standby; }
  base::Result<void> become_standby() override {
    s.call("become standby");
    s.data.is_standby = true;
    return {};
  }
  base::Result<void> cease_to_be_standby() override {
    s.call("cease to be standby");
    s.data.is_standby = false;
    return {};
  }
  base::Result<void> note_reign(std::int64_t) override { return {}; }
  base::Result<void> note_straying() override {
    s.call("note straying");
    return {};
  }
  base::Result<void> tidy() override { return {}; }
  std::int64_t newest_timeline() const override { return 1; }
  std::vector<rules::LogPoint> history_of(std::int64_t) const override { return s.history; }
  base::Result<void> pass_over_timelines(std::int64_t) override { return {}; }
  rules::DiskUse use_of(const std::string&) const override { return {}; }
};

struct FakeLease final : Part, LeasePort {
  using Part::Part;
  std::optional<rules::LeaseView> view() const override { return seen ? *seen : s.lease; }
  std::string last_problem() const override { return {}; }
  bool is_holding() const override { return s.is_holding; }
  bool is_lost() const override { return s.is_lost; }
  rules::Milliseconds silence() const override { return s.silence; }
  rules::Milliseconds since_handover() const override { return s.since_handover; }
  base::Result<void> claim(const rules::LeaseView& judged, const std::optional<rules::Promotion>& promotion) override {
    s.call("claim");
    if (!s.is_api_up) return Error{ErrorKind::Transient, "no API server"};
    const bool is_ours = s.is_holding && s.lease.holder == s.options.instance;
    if (!is_ours && judged.resource_version != s.lease.resource_version)
      return Error{ErrorKind::Conflict, "another record"};
    s.change();
    if (s.lease.holder != s.options.instance) ++s.lease.transitions;
    if (promotion) s.lease.elected_at = promotion->end, ++s.lease.reserved_timeline;
    s.lease.shutdown.reset();
    s.is_lost = false;
    s.hold();
    return {};
  }
  base::Result<void> release(const rules::Release& release, const std::optional<rules::LeaseView>&) override {
    s.call("release");
    if (!s.is_api_up) return Error{ErrorKind::Transient, "no API server"};
    if (s.lease.holder != s.options.instance) return Error{ErrorKind::Conflict, "another holder"};
    EXPECT_FALSE(s.is_running && s.can_write) << "the Lease is free while the server may write";
    s.releases.push_back(release);
    s.lease.last_holder = std::exchange(s.lease.holder, "");
    s.lease.shutdown = release.shutdown;
    s.is_holding = false;
    s.change();
    return {};
  }
  base::Result<void> write(const char* what) {
    s.call(what);
    return outcome(s.is_api_up && s.lease.holder == s.options.instance, "another holder");
  }
  base::Result<void> describe(const std::string&, std::int64_t, const std::optional<rules::Failover>& story) override {
    if (story) told = story;
    return write("describe");
  }
  base::Result<void> publish(const rules::SynchronousSet& set) override {
    auto done = write("publish");
    if (done) s.lease.synchronous = set;
    return done;
  }
  base::Result<void> measure(const std::string&, const std::string&) override { return write("measure"); }
  void point_endpoints_here() override { s.call("point endpoints"); }
  std::optional<rules::LeaseView> seen;  // an older record, while nothing newer was looked at
  std::optional<rules::Failover> told;
};

struct FakeFence final : Part, FencePort {
  using Part::Part;
  void arm(pid_t postmaster) override {
    s.call("arm");
    s.armed = postmaster;
    s.run_fence();
  }
  void disarm() override {
    s.call("disarm");
    s.armed = 0;
  }
  bool take_fired() override { return std::exchange(s.has_fired, false); }
  rules::Milliseconds time_left() const override {
    return std::chrono::duration_cast<rules::Milliseconds>(s.renewed + s.options.timing.soft - s.now);
  }
  bool may_write() const override { return s.is_fresh(); }
};

struct FakePeers final : Part, PeerPort {
  using Part::Part;
  base::Result<rules::InstanceStatus> status(const std::string& name) override {
    s.call("status of " + name);
    if (const auto found = s.peers.find(name); found != s.peers.end()) return found->second;
    return Error{ErrorKind::Transient, "no answer"};
  }
  // On the round's thread: touches nothing that moves.
  std::vector<rules::MemberReport> disarm(const std::vector<std::string>&, const std::string&,
                                          std::stop_token) override {
    return votes;
  }
  Touch touch(const std::string&, std::chrono::milliseconds) override { return {net::Reached::Silent, true}; }
  void want(const std::vector<std::string>&) override {}
  void learn(const std::string&, const std::string&) override {}
  bool take_moved() override { return false; }
  base::Result<void> refresh() override { return {}; }
  std::optional<DisarmCall> next_call() override { return std::exchange(asked, std::nullopt); }
  void greet(const std::vector<std::string>&) override { s.call("greet"); }
  std::vector<rules::MemberReport> votes;
  std::optional<DisarmCall> asked;
};

struct FakeWorld {
  Scene s;
  FakeProcesses processes{s};
  FakeServer server{s};
  FakeTrial storage, door;
  FakeFiles files{s};
  FakeGuard guard{s};
  FakeVolume volume{s};
  FakeLease lease{s};
  FakeFence fence{s};
  FakePeers peers{s};
  Commitment commitment{s.options};
  World ports{s.options, s, processes, server, storage, door, files, guard, volume, lease, fence, peers, commitment};
};

}  // namespace cadence::agent::postgres
