#include "postgres/rules/synchronous_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace cadence::postgres {
namespace {

using Names = std::vector<std::string>;
using enum SynchronousMode;

TEST(SynchronousNames, FollowTheMode) {
  struct Case {
    Synchronous wanted;
    Names others, streaming;
    const char* expected;
  };
  for (const auto& [wanted, others, streaming, expected] : std::initializer_list<Case>{
           {{Off, 1}, {"a-2", "a-3"}, {"a-2"}, ""},
           {{Required, 1}, {"a-3", "a-2"}, {}, "ANY 1 (\"a-2\", \"a-3\")"},  // commits wait for the first standby
           {{Required, 1}, {"a-3", "a-2"}, {"a-2"}, "ANY 1 (\"a-2\", \"a-3\")"},
           {{Required, 5}, {"a-3", "a-2"}, {}, "ANY 2 (\"a-2\", \"a-3\")"},
           {{Required, 1}, {}, {}, ""},  // a single instance
           {{Preferred, 1}, {"a-3", "a-2"}, {}, ""},
           {{Preferred, 2}, {"a-3", "a-2"}, {"a-3"}, "ANY 1 (\"a-3\")"},
           {{Preferred, 1}, {"a-3", "a-2"}, {"a-2", "a-3", "pg_basebackup"}, "ANY 1 (\"a-2\", \"a-3\")"},
           {{Required, 1}, {"a-2", "a-2"}, {}, "ANY 1 (\"a-2\")"},
       }) {
    EXPECT_EQ(render_synchronous_standby_names(wanted_set(wanted, others, streaming)), expected);
  }
}

TEST(SynchronousNames, RequiredNeverDependsOnWhoStreams) {
  const Names others{"a-2", "a-3", "a-4"};
  for (int number = 1; number <= 4; ++number) {
    const auto all = wanted_set({Required, number}, others, others);
    for (const Names& streaming : {Names{}, Names{"a-2"}, Names{"a-4", "a-3"}})
      EXPECT_EQ(wanted_set({Required, number}, others, streaming), all);
  }
}

TEST(SynchronousSet, IsReadAsItIsWritten) {
  for (const SynchronousSet& set :
       {SynchronousSet{Required, 1, {"a", "b"}}, SynchronousSet{Preferred, 0, {}}, SynchronousSet{Off, 0, {"a"}}}) {
    EXPECT_EQ(*parse_synchronous_set(to_text(set)), set);
  }
  EXPECT_EQ(parse_synchronous_set("Required 1\n a-2\n a-1\n").value(), (SynchronousSet{Required, 1, {"a-1", "a-2"}}));
  for (const char* text : {"", "Required", "Required x a", "Maybe 1 a", "Required 2 a", "Required -1 a",
                           "Required 2 a a", "Required 4294967297 a"})
    EXPECT_FALSE(parse_synchronous_set(text)) << text;
}

TEST(SynchronousStep, GrowingIsPublishedFirstAndShrinkingLast) {
  const SynchronousSet one{Required, 1, {"b"}}, two{Required, 1, {"b", "c"}};
  EXPECT_EQ(next_step({one, one, 0, {}}, two), (SynchronousStep{two, {}}));
  EXPECT_EQ(next_step({one, two, 0, {}}, two), (SynchronousStep{{}, two}));
  EXPECT_EQ(next_step({two, two, 0, {}}, one), (SynchronousStep{{}, one}));
  // b could lack what only c has
  EXPECT_EQ(next_step({one, two, 100, {{"b", 99}, {"c", 500}}}, one), SynchronousStep{});
  EXPECT_EQ(next_step({one, two, 100, {{"b", 100}}}, one), (SynchronousStep{one, {}}));
  EXPECT_EQ(next_step({one, one, 0, {}}, one), SynchronousStep{});
}

TEST(SynchronousStep, GivingUpDurabilityIsPublishedFirstAndRegainedLast) {
  const SynchronousSet none{Preferred, 0, {}}, one{Preferred, 1, {"b"}};
  const SynchronousSet warned{Preferred, 0, {"b"}};
  EXPECT_EQ(next_step({one, one, 0, {}}, none), (SynchronousStep{warned, {}}));
  EXPECT_EQ(next_step({one, warned, 0, {}}, none), (SynchronousStep{{}, none}));
  EXPECT_EQ(next_step({none, none, 0, {}}, one), (SynchronousStep{warned, {}}));
  EXPECT_EQ(next_step({one, warned, 7, {{"b", 6}}}, one), SynchronousStep{});
  EXPECT_EQ(next_step({one, warned, 7, {{"b", 7}}}, one), (SynchronousStep{one, {}}));
}

// A primary that commits while its set changes at random, against every quorum that could hold an election at that
// moment.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      switch (pick(4)) {
        case 0:
          write();
          break;
        case 1:
          replicate();
          break;
        case 2:
          want();
          break;
        default:
          step();
          break;
      }
      check();
    }
  }

 private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  void write() { ++lsn_; }
  void replicate() {
    auto& flushed = flushed_[kNames[static_cast<std::size_t>(pick(4))]];
    if (flushed < lsn_) flushed += static_cast<Lsn>(1 + pick(static_cast<int>(lsn_ - flushed)));
    Lsn best = acknowledged_;
    for (Lsn lsn = acknowledged_ + 1; lsn <= lsn_; ++lsn) {
      const auto count = std::count_if(applied_.names.begin(), applied_.names.end(),
                                       [&](const auto& n) { return flushed_[n] >= lsn; });
      if (count >= applied_.number) best = lsn;
    }
    acknowledged_ = best;
  }
  void want() {
    Names streaming, others;
    for (const auto& name : kNames) {
      if (pick(3) > 0) others.push_back(name);
      if (pick(2) > 0) streaming.push_back(name);
    }
    const SynchronousMode modes[] = {Off, Preferred, Required};
    wanted_ = wanted_set({modes[pick(3)], 1 + pick(3)}, others, streaming);
  }
  void step() {
    const auto next = next_step({applied_, published_, applied_at_, flushed_}, wanted_);
    if (next.publish) published_ = *next.publish;
    if (next.apply) {
      applied_ = *next.apply;
      applied_at_ = lsn_;
    }
  }
  void check() {
    if (published_.number == 0) return;
    const auto size = published_.names.size();
    for (unsigned members = 0; members < 1u << size; ++members) {
      if (static_cast<std::size_t>(__builtin_popcount(members)) != published_.election_quorum()) continue;
      Lsn best = 0;
      for (std::size_t i = 0; i < size; ++i) {
        if ((members >> i & 1) != 0) best = std::max(best, flushed_[published_.names[i]]);
      }
      ASSERT_GE(best, acknowledged_) << "published " << to_text(published_) << ", applied " << to_text(applied_)
                                     << ", wanted " << to_text(wanted_);
    }
  }

  const Names kNames{"b", "c", "d", "e"};
  std::mt19937 random_;
  SynchronousSet applied_{Required, 0, {}}, published_{Required, 0, {}}, wanted_{Required, 0, {}};
  Lsn lsn_ = 0, acknowledged_ = 0, applied_at_ = 0;
  std::map<std::string, Lsn> flushed_;
};

TEST(SynchronousStep, NoElectionMissesAnAcknowledgedCommit) {
  for (unsigned seed = 0; seed < 300 && !HasFailure(); ++seed) World(seed).run(400);
}

TEST(SynchronousStep, EveryTransitionEnds) {
  const SynchronousSet sets[] = {{Off, 0, {"b"}},
                                 {Preferred, 0, {}},
                                 {Preferred, 1, {"b"}},
                                 {Required, 1, {"b", "c"}},
                                 {Required, 2, {"b", "c", "d"}},
                                 {Required, 0, {}}};
  for (const auto& from : sets) {
    for (const auto& to : sets) {
      SynchronousFacts facts{from, from, 5, {{"b", 5}, {"c", 5}, {"d", 5}}};
      for (int i = 0; i < 5; ++i) {
        const auto next = next_step(facts, to);
        if (next.publish) facts.published = *next.publish;
        if (next.apply) facts.applied = *next.apply;
      }
      EXPECT_EQ(facts.applied, to);
      EXPECT_EQ(facts.published, to);
    }
  }
}

}  // namespace
}  // namespace cadence::postgres
