// Every combination of the facts of a boot, against what must never happen.
#include <gtest/gtest.h>

#include "boot_facts.hpp"

namespace cadence::postgres {
namespace {

class EveryBoot : public testing::Test {
 protected:
  template <class Check>
  void each(Check check) {
    DataDirectory foreign;
    foreign.state = State::Foreign;
    for (const auto& data : {DataDirectory{}, foreign, database(false), database(true), database(false, "78"),
                             database(true, "78"), database(false, "77", 14), database(false, "77", 15, 2)}) {
      for (const std::string holder : {"", "db-1", "db-2"}) {
        for (const std::string identifier : {"", "77"}) {
          for (const std::string uid : {"pod-1", "pod-0"}) {
            for (const std::int64_t timeline : {0, 1, 2}) {
              for (const bool may_initialize : {true, false})
                check(facts(data, lease(holder, identifier, uid, timeline), may_initialize));
            }
          }
        }
      }
      for (const bool may_initialize : {true, false}) check(facts(data, {}, may_initialize));
    }
  }
};

TEST_F(EveryBoot, DataIsNeverWrittenOver) {
  each([](const BootFacts& facts) {
    const auto decision = decide_boot(facts);
    const auto* clone = std::get_if<Clone>(&decision);
    if (std::holds_alternative<Initialize>(decision) || (clone != nullptr && !clone->replaces_data)) {
      EXPECT_EQ(facts.data.state, State::Empty) << to_string(decision);
    }
  });
}

TEST_F(EveryBoot, ADatabaseIsInitialisedOnce) {
  each([](const BootFacts& facts) {
    if (!std::holds_alternative<Initialize>(decide_boot(facts))) return;
    EXPECT_TRUE(facts.may_initialize);
    EXPECT_EQ(facts.lease.system_identifier, "");
    EXPECT_NE(facts.lease.holder, "db-2");
  });
}

TEST_F(EveryBoot, NobodyIsPrimaryWhileAnotherHoldsTheLease) {
  each([](const BootFacts& facts) {
    const auto decision = decide_boot(facts);
    const auto* resume = std::get_if<ResumeAsPrimary>(&decision);
    if (resume == nullptr) return;
    EXPECT_NE(facts.lease.holder, "db-2");
    EXPECT_EQ(facts.data.state, State::Database);
    EXPECT_FALSE(facts.data.is_standby);
    if (facts.lease.holder == "db-1" && facts.lease.holder_uid != "pod-1") {
      EXPECT_TRUE(resume->must_watch_first);
    }
    if (!facts.lease.is_present) {
      EXPECT_TRUE(resume->must_watch_first);
    }
  });
}

TEST_F(EveryBoot, TwoDatabasesNeverMix) {
  each([](const BootFacts& facts) {
    const bool is_other = facts.data.state == State::Database && !facts.lease.system_identifier.empty() &&
                          facts.data.system_identifier != facts.lease.system_identifier;
    if (is_other || facts.data.major_version == 14) {
      EXPECT_TRUE(std::holds_alternative<Refuse>(decide_boot(facts)));
    }
  });
}

TEST_F(EveryBoot, NobodyFollowsOrClonesItself) {
  each([](const BootFacts& facts) {
    const auto decision = decide_boot(facts);
    if (const auto* clone = std::get_if<Clone>(&decision)) {
      EXPECT_EQ(clone->from, "db-2");
    }
    if (const auto* follow = std::get_if<Follow>(&decision)) {
      EXPECT_NE(follow->primary, "db-1");
    }
  });
}

}  // namespace
}  // namespace cadence::postgres
