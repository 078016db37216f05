#include "agent/postgres/lease_keeper.hpp"

#include <gtest/gtest.h>

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
    if (stored.is_null()) return Error{ErrorKind::NotFound, "none"};
    return stored;
  }
  base::Result<json::Value> create(const json::Value& lease, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    if (!stored.is_null()) return Error{ErrorKind::Conflict, "exists"};
    return put(lease);
  }
  base::Result<json::Value> replace(const json::Value& lease, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (is_down) return Error{ErrorKind::Transient, "down"};
    if (stored.is_null()) return Error{ErrorKind::NotFound, "none"};
    if (json::string_at(lease, {"metadata", "resourceVersion"}) != json::string_at(stored, {"metadata", "resourceVersion"})) return Error{ErrorKind::Conflict, "old"};
    auto done = put(lease);
    if (lost_answers > 0) {
      --lost_answers;
      return Error{ErrorKind::Transient, "the answer was lost"};
    }
    return done;
  }
  void edit(const std::function<void(json::Value&)>& change) {
    const std::lock_guard lock(mutex_);
    change(stored);
    if (!stored.is_null()) put(stored);
  }
  [[nodiscard]] json::Value copy() {
    const std::lock_guard lock(mutex_);
    return stored;
  }
  std::atomic<bool> is_down{false};
  std::atomic<int> lost_answers{0};
  std::atomic<int> writes{0};

 private:
  json::Value put(json::Value lease) {
    lease["metadata"]["resourceVersion"] = std::to_string(++version_);
    stored = std::move(lease);
    ++writes;
    return stored;
  }
  std::mutex mutex_;
  json::Value stored;
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
    out.timing.renew = 20ms;
    out.timing.request_timeout = 15ms;
    out.timing.duration = 300ms;
    return out;
  }
  Options options = make_options();
  FakeLeases leases;
  Watchdog watchdog{options.timing};
  LeaseKeeper keeper{leases, options, watchdog};
};

TEST_F(LeaseKeeperTest, ClaimsRenewsAndReleases) {
  ASSERT_TRUE(eventually([&] { return keeper.view().has_value(); }));
  EXPECT_FALSE(keeper.view()->is_present);
  EXPECT_FALSE(watchdog.may_write());
  ASSERT_TRUE(keeper.claim());
  EXPECT_TRUE(watchdog.may_write());
  EXPECT_TRUE(eventually([&] { return leases.writes > 3; }));
  ASSERT_TRUE(keeper.describe("77", 1));
  EXPECT_EQ(keeper.view()->system_identifier, "77");
  ASSERT_TRUE(keeper.release());
  EXPECT_FALSE(keeper.is_holding());
  EXPECT_FALSE(keeper.is_lost());
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "");
  EXPECT_EQ(rules::view_of(leases.copy()).system_identifier, "77");
}

TEST_F(LeaseKeeperTest, AnUnknownOutcomeIsNoRenewalAndTheNextTryFindsOut) {
  ASSERT_TRUE(keeper.claim());
  leases.lost_answers = 1;
  ASSERT_TRUE(eventually([&] { return leases.lost_answers == 0; }));
  const int before = leases.writes;
  EXPECT_TRUE(eventually([&] { return leases.writes > before + 1; }));
  EXPECT_TRUE(keeper.is_holding());
}

TEST_F(LeaseKeeperTest, ADownApiServerStopsTheRenewals) {
  ASSERT_TRUE(keeper.claim());
  leases.is_down = true;
  ASSERT_TRUE(eventually([&] { return !keeper.last_problem().empty(); }));
  const auto left = watchdog.time_left();
  EXPECT_TRUE(eventually([&] { return watchdog.time_left() < left - 50ms; }));
  EXPECT_TRUE(keeper.is_holding());  // not lost: unknown
  leases.is_down = false;
  EXPECT_TRUE(eventually([&] { return keeper.last_problem().empty(); }));
}

TEST_F(LeaseKeeperTest, AnotherHolderIsNeverOverwritten) {
  ASSERT_TRUE(keeper.claim());
  leases.edit([](json::Value& lease) { lease["spec"]["holderIdentity"] = "db-2"; });
  EXPECT_TRUE(eventually([&] { return keeper.is_lost(); }));
  EXPECT_FALSE(keeper.is_holding());
  EXPECT_FALSE(keeper.describe("77", 1));
  EXPECT_EQ(rules::view_of(leases.copy()).holder, "db-2");
}

TEST_F(LeaseKeeperTest, ADeletedLeaseIsMadeAgainWithWhatItSaid) {
  ASSERT_TRUE(keeper.claim());
  ASSERT_TRUE(keeper.describe("77", 4));
  leases.edit([](json::Value& lease) { lease = nullptr; });
  EXPECT_TRUE(eventually([&] { return !leases.copy().is_null(); }));
  const auto view = rules::view_of(leases.copy());
  EXPECT_EQ(view.holder, "db-1");
  EXPECT_EQ(view.system_identifier, "77");
  EXPECT_EQ(view.timeline, 4);
  EXPECT_EQ(view.transitions, 1);
}

TEST_F(LeaseKeeperTest, SilenceIsSeenOnlyWhenNothingChanges) {
  leases.edit([](json::Value& lease) { lease = rules::claimed(rules::new_lease("x", "db", "demo"), {"db-2", "pod-2"}, {}, "a"); });
  ASSERT_TRUE(eventually([&] { return keeper.view() && keeper.view()->holder == "db-2"; }));
  EXPECT_FALSE(keeper.was_silent());
  EXPECT_TRUE(eventually([&] { return keeper.was_silent(); }));
  leases.edit([](json::Value& lease) { lease["spec"]["renewTime"] = "b"; });
  EXPECT_TRUE(eventually([&] { return !keeper.was_silent(); }));
}

}  // namespace
}  // namespace cadence::agent::postgres
