#include "agent/postgres/fence/lease_keeper.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "base/clock.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using namespace std::chrono_literals;

// An API server with one Lease, compare-and-swap, and faults.
class FakeLeases final : public LeaseClient {
 public:
  base::Result<json::Value> read(std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    if (stored_.is_null()) return Error{ErrorKind::NotFound, "none"};
    return stored_;
  }
  base::Result<json::Value> create(const json::Value& lease, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    if (!stored_.is_null()) return Error{ErrorKind::Conflict, "exists"};
    return put(lease);
  }
  base::Result<json::Value> replace(const json::Value& lease, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    if (stored_.is_null()) return Error{ErrorKind::NotFound, "none"};
    if (json::string_at(lease, {"metadata", "resourceVersion"}) !=
        json::string_at(stored_, {"metadata", "resourceVersion"}))
      return Error{ErrorKind::Conflict, "old"};
    auto done = put(lease);
    if (!last_.empty() && json::dump(lease).find(last_) != std::string::npos) {
      is_down = true;
      return Error{ErrorKind::Transient, "the answer was lost"};
    }
    if (lost_answers > 0) {
      --lost_answers;
      return Error{ErrorKind::Transient, "the answer was lost"};
    }
    return done;
  }
  base::Result<void> watch(const std::function<void(json::Value)>&, std::stop_token stop) override {
    base::wait_for(stop, 1h);  // polling alone must do
    return {};
  }
  base::Result<void> point_endpoints(const std::string& address, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    pointed_to = address;
    return {};
  }
  // The write that holds this text happens, is not answered, and is the last one.
  void goes_down_with(const std::string& text) {
    const std::lock_guard lock(mutex_);
    last_ = text;
  }
  std::string pointed() {
    const std::lock_guard lock(mutex_);
    return pointed_to;
  }
  void edit(const std::function<void(json::Value&)>& change) {
    const std::lock_guard lock(mutex_);
    change(stored_);
    if (!stored_.is_null()) put(stored_);
  }
  [[nodiscard]] json::Value copy() {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  std::atomic<bool> is_down{false};
  std::atomic<int> lost_answers{0};
  std::atomic<int> writes{0};

 private:
  json::Value put(json::Value lease) {
    lease["metadata"]["resourceVersion"] = std::to_string(++version_);
    stored_ = std::move(lease);
    ++writes;
    return stored_;
  }
  std::mutex mutex_;
  std::string pointed_to, last_;
  json::Value stored_;
  int version_ = 0;
};

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class LeaseKeeperTest : public testing::Test {
 protected:
  static Options make_options() {
    Options out;
    out.cluster = "demo";
    out.instance = "db-1";
    out.pod_uid = "pod-1";
    out.lease = "db";
    out.endpoints = "db-rw";
    out.pod_ip = "10.0.0.7";
    out.timing.renew = 20ms;
    out.timing.request_timeout = 15ms;
    out.timing.duration = 300ms;
    return out;
  }
  Options options = make_options();
  FakeLeases leases;
  Watchdog watchdog{options.timing};
  std::atomic<bool> is_promised{false};
  struct {
    std::mutex mutex;
    std::set<std::string> names;
    std::size_t count(const std::string& name) {
      const std::lock_guard lock(mutex);
      return names.count(name);
    }
  } asked;
  LeaseKeeper keeper{leases,
                     options,
                     watchdog,
                     {[] {},
                      [this](const rules::LeaseView& view) {
                        const std::lock_guard lock(asked.mutex);
                        asked.names.insert(view.synchronous.names.begin(), view.synchronous.names.end());
                        return is_promised.load();
                      }}};
  base::Result<void> describe(const std::string& identifier, std::int64_t timeline) {
    return keeper.amend([&](json::Value lease) { return rules::described(std::move(lease), identifier, timeline); });
  }
};

TEST_F(LeaseKeeperTest, ClaimsRenewsAndReleases) {
  ASSERT_TRUE(eventually([&] { return keeper.view().has_value(); }));
  EXPECT_FALSE(keeper.view()->is_present);
  EXPECT_FALSE(watchdog.may_write());
  ASSERT_TRUE(keeper.claim({}));
  EXPECT_TRUE(watchdog.may_write());
  EXPECT_TRUE(eventually([&] { return leases.writes > 3; }));
  ASSERT_TRUE(describe("77", 1));
  EXPECT_EQ(keeper.view()->system_identifier, "77");
  ASSERT_TRUE(keeper.release({}));
  EXPECT_FALSE(keeper.is_holding());
  EXPECT_FALSE(keeper.is_lost());
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "");
  EXPECT_EQ(rules::view_of(leases.copy()).system_identifier, "77");
}

TEST_F(LeaseKeeperTest, AnUnknownOutcomeIsNoRenewalAndTheNextTryFindsOut) {
  ASSERT_TRUE(keeper.claim({}));
  leases.lost_answers = 1;
  ASSERT_TRUE(eventually([&] { return leases.lost_answers == 0; }));
  const int before = leases.writes;
  EXPECT_TRUE(eventually([&] { return leases.writes > before + 1; }));
  EXPECT_TRUE(keeper.is_holding());
}

TEST_F(LeaseKeeperTest, ADownApiServerStopsTheRenewals) {
  ASSERT_TRUE(keeper.claim({}));
  leases.is_down = true;
  ASSERT_TRUE(eventually([&] { return !keeper.last_problem().empty(); }));
  const auto left = watchdog.time_left();
  EXPECT_TRUE(eventually([&] { return watchdog.time_left() < left - 50ms; }));
  EXPECT_TRUE(keeper.is_holding());  // not lost: unknown
  is_promised = true;                // the peers let us go on
  EXPECT_TRUE(eventually([&] { return watchdog.time_left() > left - 50ms; }));
  leases.is_down = false;
  EXPECT_TRUE(eventually([&] { return keeper.last_problem().empty(); }));
}

TEST_F(LeaseKeeperTest, AClaimGoesByTheRecordItWasDecidedOn) {
  leases.edit([](json::Value& lease) {
    lease = rules::claimed(rules::new_lease("x", "db", "demo"), {"db-2", "pod-2"}, {}, "a");
  });
  ASSERT_TRUE(eventually([&] { return keeper.view() && keeper.view()->holder == "db-2"; }));
  const auto record = *keeper.view();
  leases.edit([](json::Value& lease) { lease["spec"]["renewTime"] = "b"; });  // it lives after all
  EXPECT_FALSE(keeper.claim(record));
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "db-2");
  ASSERT_TRUE(eventually([&] { return keeper.view()->resource_version != record.resource_version; }));
  EXPECT_TRUE(keeper.claim(*keeper.view(),
                           rules::Promotion{rules::SynchronousSet{rules::SynchronousMode::Required, 1, {"db-2"}}, 0}));
  EXPECT_EQ(rules::view_of(leases.copy()).synchronous.names, std::vector<std::string>{"db-2"});
}

// However long it stood still between the look and the claim, and whatever it has seen since.
TEST_F(LeaseKeeperTest, AClaimNeverOverwritesWhoWasElectedSinceTheLook) {
  ASSERT_TRUE(eventually([&] { return keeper.view().has_value(); }));
  const auto absent = *keeper.view();
  leases.edit([](json::Value& lease) {
    lease = rules::claimed(rules::new_lease("x", "db", "demo"), {"db-1", "pod-0"}, {}, "a");
  });
  ASSERT_TRUE(eventually([&] { return keeper.view()->holder == "db-1"; }));
  const auto silent = *keeper.view();
  leases.edit([](json::Value& lease) { lease = rules::released(std::move(lease), {"it crashed", {}, ""}, "b"); });
  ASSERT_TRUE(eventually([&] { return keeper.view()->holder.empty(); }));
  const auto free = *keeper.view();
  leases.edit([](json::Value& lease) { lease = rules::claimed(std::move(lease), {"db-2", "pod-2"}, {}, "c"); });
  ASSERT_TRUE(eventually([&] { return keeper.view()->holder == "db-2"; }));
  for (const auto& seen : {absent, silent, free})
    EXPECT_EQ(keeper.claim(seen).error().kind, ErrorKind::Conflict) << seen.resource_version;
  EXPECT_EQ(keeper.release({"it crashed", {}, ""}, silent).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "db-2");
  EXPECT_FALSE(watchdog.may_write());
}

TEST_F(LeaseKeeperTest, OurOwnRenewalsDoNotStandInTheWayOfAClaim) {
  ASSERT_TRUE(keeper.claim({}));
  const auto seen = *keeper.view();
  ASSERT_TRUE(eventually([&] { return keeper.view()->resource_version != seen.resource_version; }));
  EXPECT_TRUE(keeper.claim(seen));
  EXPECT_EQ(rules::view_of(leases.copy()).transitions, 1);
}

TEST_F(LeaseKeeperTest, TheReignOfAnotherPodOfOurNameIsNotEnded) {
  ASSERT_TRUE(keeper.claim({}));
  leases.edit([](json::Value& lease) { lease = rules::claimed(std::move(lease), {"db-1", "pod-2"}, {}, "b"); });
  static_cast<void>(keeper.release({"stopped", {}, ""}));
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "db-1");
  EXPECT_EQ(rules::view_of(leases.copy()).holder_uid, "pod-2");
}

// An election goes by the set that is stored, which may be the one whose answer was lost.
TEST_F(LeaseKeeperTest, PromisesAreAskedOfEverySetThatMayBeStored) {
  ASSERT_TRUE(keeper.claim({}, rules::Promotion{rules::SynchronousSet{rules::SynchronousMode::Off, 0, {"db-2"}}, 0}));
  is_promised = true;
  leases.goes_down_with("db-3");
  static_cast<void>(keeper.amend([](json::Value lease) {
    return rules::published(std::move(lease), {rules::SynchronousMode::Off, 0, {"db-2", "db-3"}});
  }));
  ASSERT_TRUE(eventually([&] { return asked.count("db-2") > 0 && asked.count("db-3") > 0; }));
}

TEST_F(LeaseKeeperTest, WhatHasRunOutIsNotRevived) {
  ASSERT_TRUE(keeper.claim({}));
  leases.is_down = true;
  Watchdog late{{.soft = 0ms, .hard = 1h}};
  late.note_renewal(base::boot_time() - 10s);
  const auto child = ::fork();
  if (child == 0)
    for (;;) ::pause();
  late.arm(child);
  late.note_renewal(base::boot_time());
  EXPECT_LT(late.time_left(), -9s);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(LeaseKeeperTest, LeadsClientsHereAndTriesAgain) {
  ASSERT_TRUE(keeper.claim({}));
  leases.is_down = true;
  keeper.point_endpoints_here();
  leases.is_down = false;
  EXPECT_TRUE(eventually([&] { return leases.pointed() == "10.0.0.7"; }));
}

TEST_F(LeaseKeeperTest, ALeaseWrittenInBetweenIsReleasedAllTheSame) {
  ASSERT_TRUE(keeper.claim({}));
  leases.edit([](json::Value& lease) { lease["metadata"]["annotations"]["x"] = "y"; });
  ASSERT_TRUE(keeper.release({"stopped", {}, ""}));
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "");
}

TEST_F(LeaseKeeperTest, AnotherHolderIsNeverOverwritten) {
  ASSERT_TRUE(keeper.claim({}));
  leases.edit([](json::Value& lease) { lease["spec"]["holderIdentity"] = "db-2"; });
  EXPECT_TRUE(eventually([&] { return keeper.is_lost(); }));
  EXPECT_FALSE(keeper.is_holding());
  EXPECT_FALSE(describe("77", 1));
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "db-2");
}

TEST_F(LeaseKeeperTest, ADeletedLeaseIsMadeAgainWithWhatItSaid) {
  ASSERT_TRUE(keeper.claim({}, rules::Promotion{{}, 3, {0x3000028, 3}}));
  ASSERT_TRUE(describe("77", 4));
  leases.edit([](json::Value& lease) { lease = nullptr; });
  EXPECT_TRUE(eventually([&] { return !leases.copy().is_null(); }));
  const auto view = rules::view_of(leases.copy());
  EXPECT_EQ(view.holder, "db-1");
  EXPECT_EQ(view.system_identifier, "77");
  EXPECT_EQ(view.timeline, 4);
  EXPECT_EQ(view.reserved_timeline, 4);
  EXPECT_EQ(view.elected_at, (rules::LogPoint{0x3000028, 3}));
  EXPECT_EQ(view.transitions, 1);
}

TEST_F(LeaseKeeperTest, SilenceIsSeenOnlyWhenNothingChanges) {
  leases.edit([](json::Value& lease) {
    lease = rules::claimed(rules::new_lease("x", "db", "demo"), {"db-2", "pod-2"}, {}, "a");
  });
  ASSERT_TRUE(eventually([&] { return keeper.view() && keeper.view()->holder == "db-2"; }));
  EXPECT_LT(keeper.silence(), options.timing.duration);
  EXPECT_TRUE(eventually([&] { return keeper.silence() >= options.timing.duration; }));
  leases.edit([](json::Value& lease) { lease["spec"]["renewTime"] = "b"; });
  EXPECT_TRUE(eventually([&] { return keeper.silence() < options.timing.duration; }));
}

}  // namespace
}  // namespace cadence::agent::postgres
