// What queue/ledger.hpp promises of known deliveries and of turns at hooks, on SQLite and on a real PostgreSQL.
#include "queue/ledger.hpp"

#include "store_support.hpp"

namespace cadence::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds kLease{60000}, kAnyTime{hours(24)}, kOver{0};
constexpr const char* kHook = "github repository potters/kiln";

class StoreLedger : public StoreTest {
 protected:
  std::optional<HookTurn> take(const std::string& hook = kHook, milliseconds lease = kLease,
                               milliseconds fresh = kAnyTime) {
    auto taken = store->ledger()->take(hook, lease, fresh);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken ? *taken : std::nullopt;
  }
  bool keep(const HookTurn& turn, milliseconds lease = kLease) {
    const auto kept = store->ledger()->keep(turn, lease);
    EXPECT_TRUE(kept) << kept.error().message;
    return kept && *kept;
  }
  bool finish(const HookTurn& turn, milliseconds wait) {
    const auto finished = store->ledger()->finish(turn, wait);
    EXPECT_TRUE(finished) << finished.error().message;
    return finished && *finished;
  }
};

TEST_P(StoreLedger, KnowsWhatWasTakenAndNothingElse) {
  const auto a = delivery("a"), b = delivery("b\"\\"), strange = delivery("c");
  (void)accept(a);
  (void)accept(b);
  const auto known = store->ledger()->known({a.key, strange.key, b.key, a.key});
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(*known, (std::set<std::string>{a.key, b.key}));
  EXPECT_EQ(store->ledger()->known({})->size(), 0u);
}

TEST_P(StoreLedger, KnowsWhatWasDoneLongSince) {
  const auto made = delivery("a");
  (void)accept(made);
  ASSERT_TRUE(*store->complete(one, claim_one(one), {"", "{}", "{}"}));
  EXPECT_EQ(store->ledger()->known({made.key})->size(), 1u);
}

TEST_P(StoreLedger, GivesOneTurnAtATime) {
  auto turn = take();
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->notes, "");
  EXPECT_FALSE(take());
  EXPECT_TRUE(take("gitlab project potters/kiln")) << "another hook is another turn";
  turn->notes = R"({"tr\"un\k":"é"})";
  EXPECT_TRUE(finish(*turn, kOver));
  const auto next = take();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->notes, turn->notes);
}

TEST_P(StoreLedger, IsDueAfterItsWaitAndNotBefore) {
  ASSERT_TRUE(finish(*take(), hours(1)));
  EXPECT_FALSE(take());
}

// Whoever was away asks for a turn that has begun since.
TEST_P(StoreLedger, IsDueWhereNoTurnIsFreshEnough) {
  ASSERT_TRUE(finish(*take(), hours(1)));
  EXPECT_TRUE(test::eventually([&] { return take(kHook, kLease, milliseconds(1)).has_value(); }));
}

TEST_P(StoreLedger, NothingIsFreshWhileSomebodyHasTheTurn) {
  ASSERT_TRUE(take());
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(take(kHook, kLease, milliseconds(0)));
}

TEST_P(StoreLedger, ATurnWhoseLeaseIsOverIsAnothersAndChangesNothing) {
  auto lost = take(kHook, kOver);
  ASSERT_TRUE(lost);
  auto turn = take();
  ASSERT_TRUE(turn) << "a new hook is due until its first turn is finished";
  lost->notes = "late";
  EXPECT_FALSE(keep(*lost));
  EXPECT_FALSE(finish(*lost, kOver));
  turn->notes = "mine";
  EXPECT_TRUE(finish(*turn, kOver));
  const auto records = store->ledger()->records();
  ASSERT_TRUE(records && records->size() == 1);
  EXPECT_EQ(records->front().hook, kHook);
  EXPECT_EQ(records->front().notes, "mine");
}

TEST_P(StoreLedger, KeepingATurnBeginsItsLeaseAnew) {
  auto turn = take(kHook, kOver);
  ASSERT_TRUE(turn);
  turn->notes = "so far";
  EXPECT_TRUE(keep(*turn));
  EXPECT_FALSE(take());
  EXPECT_EQ(store->ledger()->records()->front().notes, "so far");
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreLedger, testing::Values("sqlite", "postgres"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cadence::queue
