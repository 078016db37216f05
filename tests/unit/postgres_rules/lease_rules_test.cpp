#include "postgres/rules/lease_rules.hpp"

#include <gtest/gtest.h>

#include "postgres/rules/lease_document.hpp"

namespace cadence::postgres {
namespace {

using namespace std::chrono_literals;

TEST(LeaseTiming, DefaultsAreTheDecidedOnes) {
  const auto timing = make_lease_timing(9s, 2s);
  ASSERT_TRUE(timing);
  EXPECT_EQ(timing->request_timeout, 1500ms);
  EXPECT_EQ(timing->soft, 5000ms);
  EXPECT_EQ(timing->hard, 7000ms);
}

TEST(LeaseTiming, EveryAcceptedPairKeepsTheInequalities) {
  int accepted = 0;
  for (auto duration = 1000ms; duration <= 60s; duration += 100ms) {
    for (auto renew = 100ms; renew <= 20s; renew += 100ms) {
      const auto timing = make_lease_timing(duration, renew);
      if (!timing) continue;
      ++accepted;
      EXPECT_LT(timing->renew + timing->request_timeout, timing->soft);
      EXPECT_LT(timing->soft, timing->hard);
      EXPECT_LE(timing->hard * 11 / 10 + 1s, timing->duration);
    }
  }
  EXPECT_GT(accepted, 10000);
}

// What the message promises to users.
TEST(LeaseTiming, FourSecondsAndFourTimesRenewIsEnough) {
  for (auto duration = 4000ms; duration <= 120s; duration += 50ms) {
    EXPECT_TRUE(make_lease_timing(duration, duration / 4)) << duration.count();
  }
}

TEST(LeaseTiming, RefusalsSayWhatIsNeeded) {
  for (const auto& [duration, renew] :
       {std::pair{3000ms, 1000ms}, std::pair{9000ms, 4000ms}, std::pair{0ms, 0ms}, std::pair{9000ms, 50ms}}) {
    EXPECT_EQ(make_lease_timing(duration, renew).error().kind, base::ErrorKind::Invalid);
  }
  EXPECT_NE(make_lease_timing(9s, 3s).error().message.find("four times renew"), std::string::npos);
}

TEST(Fence, StepsUpWithSilence) {
  const LeaseTiming timing;
  EXPECT_EQ(judge_fence(0ms, timing), Fence::Run);
  EXPECT_EQ(judge_fence(4999ms, timing), Fence::Run);
  EXPECT_EQ(judge_fence(5000ms, timing), Fence::StopPostgres);
  EXPECT_EQ(judge_fence(6999ms, timing), Fence::StopPostgres);
  EXPECT_EQ(judge_fence(7000ms, timing), Fence::KillAll);
  EXPECT_EQ(judge_fence(1h, timing), Fence::KillAll);
}

TEST(SilenceWatch, OnlyAWholeDurationOfTheSameRecordCounts) {
  SilenceWatch watch;
  LeaseView view;
  view.is_present = true;
  view.resource_version = "1";
  EXPECT_LT(watch.see(view, 0ms), 9s);
  EXPECT_LT(watch.see(view, 8999ms), 9s);
  EXPECT_GE(watch.see(view, 9000ms), 9s);
  view.resource_version = "2";  // renewed after all
  EXPECT_LT(watch.see(view, 9500ms), 9s);
  EXPECT_GE(watch.see(view, 18500ms), 9s);
  EXPECT_LT(watch.see(LeaseView{}, 19s), 9s);  // deleted: counts again
  EXPECT_GE(watch.see(LeaseView{}, 28s), 9s);
}

const Holder kSelf{"db-1", "pod-1"};

TEST(LeaseDocument, AClaimOfAFreshLease) {
  const auto lease = claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "2026-01-02T03:04:05.000006Z");
  const auto view = view_of(lease);
  EXPECT_EQ(view.holder, "db-1");
  EXPECT_EQ(view.holder_uid, "pod-1");
  EXPECT_EQ(view.transitions, 1);
  EXPECT_EQ(lease["spec"]["leaseDurationSeconds"], 9);
  EXPECT_EQ(lease["spec"]["acquireTime"], "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(lease["metadata"]["labels"]["app.kubernetes.io/instance"], "demo");
}

TEST(LeaseDocument, TheTermGrowsWithTheHolderOnly) {
  auto lease = claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "a");
  lease = renewed(lease, LeaseTiming{}, "b");
  EXPECT_EQ(view_of(lease).transitions, 1);
  EXPECT_EQ(lease["spec"]["acquireTime"], "a");
  EXPECT_EQ(lease["spec"]["renewTime"], "b");
  lease = claimed(lease, {"db-1", "pod-2"}, LeaseTiming{}, "c");  // the same instance in a new pod
  EXPECT_EQ(view_of(lease).transitions, 1);
  EXPECT_EQ(view_of(lease).holder_uid, "pod-2");
  lease = claimed(lease, {"db-2", "pod-3"}, LeaseTiming{}, "d");
  EXPECT_EQ(view_of(lease).transitions, 2);
  EXPECT_EQ(lease["spec"]["acquireTime"], "d");
}

// Somebody set it by hand: the API server takes no int64, and nobody could be elected any more.
TEST(LeaseDocument, TheTermStaysANumberThatTheApiServerTakes) {
  auto lease = claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "a");
  for (const std::int64_t edited : {std::int64_t{2147483647}, std::int64_t{-1}}) {
    lease["spec"]["leaseTransitions"] = edited;
    lease = claimed(lease, {view_of(lease).holder == "db-1" ? "db-2" : "db-1", "pod"}, LeaseTiming{}, "b");
    EXPECT_EQ(view_of(lease).transitions, 1) << edited;
  }
}

TEST(LeaseDocument, ReleaseKeepsTheDatabasesIdentity) {
  auto lease = described(claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "a"), "77", 3);
  lease = released(published(lease, {SynchronousMode::Required, 1, {"db-2"}}),
                   {"its node died", LogPoint{0x3000028, 3}, "db-2"}, "b");
  const auto view = view_of(lease);
  EXPECT_EQ(view.holder, "");
  EXPECT_EQ(view.holder_uid, "");
  EXPECT_EQ(view.system_identifier, "77");
  EXPECT_EQ(view.timeline, 3);
  EXPECT_EQ(view.synchronous.names, std::vector<std::string>{"db-2"});
  EXPECT_EQ(view.last_holder, "db-1");
  EXPECT_EQ(view.shutdown, (LogPoint{0x3000028, 3}));
  EXPECT_EQ(view.handover_to, "db-2");
  EXPECT_EQ(view.released_because, "its node died");
  const auto next = view_of(claimed(lease, {"db-2", "pod-2"}, LeaseTiming{}, "c"));
  EXPECT_EQ(next.transitions, 2);
  EXPECT_FALSE(next.shutdown);
  EXPECT_EQ(next.last_holder + next.handover_to + next.released_because, "");
}

json::Value elect(const json::Value& lease, const Holder& holder, std::int64_t newest,
                  const std::string& other = "db-1") {
  return elected(claimed(lease, holder, LeaseTiming{}, "c"), lease,
                 {{SynchronousMode::Required, 1, {other, "db-3"}}, newest});
}

json::Value of_clean_stop() {
  auto lease = described(claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "a"), "77", 3);
  return released(published(lease, {SynchronousMode::Required, 1, {"db-2", "db-3"}}),
                  {"it was stopped", LogPoint{0x3000028, 3}, ""}, "b");
}

TEST(LeaseDocument, NoTwoPromotionsShareATimelinesNumber) {
  auto lease = elect(of_clean_stop(), {"db-2", "pod-2"}, 3);
  EXPECT_EQ(view_of(lease).reserved_timeline, 4);
  lease = elect(lease, {"db-2", "pod-2b"}, 3);  // its agent was restarted before it was promoted
  EXPECT_EQ(view_of(lease).reserved_timeline, 4);
  // It was promoted or not, nobody knows: the next one has never heard of its timeline.
  lease = elect(lease, {"db-3", "pod-3"}, 3);
  EXPECT_EQ(view_of(lease).reserved_timeline, 5);
  lease = elect(released(lease, {"it crashed", {}, ""}, "d"), {"db-1", "pod-1"}, 9);
  EXPECT_EQ(view_of(lease).reserved_timeline, 10);
  lease = claimed(described(lease, "77", 10), {"db-1", "pod-4"}, LeaseTiming{}, "e");
  EXPECT_EQ(view_of(lease).reserved_timeline, 10);  // who goes on keeps its timeline
  EXPECT_EQ(view_of(elect(of_clean_stop(), {"db-2", "pod-2"}, 7)).reserved_timeline, 8);
}

// Any other holder was written into it by somebody who held no election.
TEST(LeaseDocument, TellsWhoWasElectedUntilThatOneIsPromoted) {
  EXPECT_EQ(view_of(of_clean_stop()).promoting, "");
  auto lease = elect(of_clean_stop(), {"db-2", "pod-2"}, 3);
  EXPECT_EQ(view_of(lease).promoting, "db-2");
  EXPECT_EQ(view_of(elect(lease, {"db-2", "pod-2b"}, 3)).promoting, "db-2") << "its agent was restarted";
  auto edited = lease;
  edited["spec"]["holderIdentity"] = "db-3";
  EXPECT_EQ(view_of(edited).promoting, "db-2");
  EXPECT_EQ(view_of(elect(edited, {"db-3", "pod-3"}, 3)).promoting, "db-3") << "a claim on that record is an election";
  EXPECT_EQ(view_of(described(lease, "77", 4)).promoting, "");
  EXPECT_EQ(view_of(released(lease, {"could not be promoted", {}, "", true}, "d")).promoting, "");
  EXPECT_EQ(view_of(claimed(lease, kSelf, LeaseTiming{}, "d")).promoting, "");
}

TEST(LeaseDocument, AnElectionSaysWhereTheLogEnded) {
  const auto elect_at = [](const json::Value& lease, const Holder& holder, LogPoint end) {
    return elected(claimed(lease, holder, LeaseTiming{}, "c"), lease,
                   {{SynchronousMode::Required, 1, {"db-1", "db-3"}}, end.timeline, end});
  };
  EXPECT_FALSE(view_of(of_clean_stop()).elected_at);
  const LogPoint first{0x3000028, 3}, second{0x4000000, 4};
  const auto lease = elect_at(of_clean_stop(), {"db-2", "pod-2"}, first);
  EXPECT_EQ(view_of(lease).elected_at, first);
  EXPECT_EQ(view_of(elect_at(lease, {"db-2", "pod-2b"}, {0x3000000, 3})).elected_at, first) << "the same election";
  // Who goes on, or comes back without an election, leaves it.
  const auto resumed =
      claimed(released(described(lease, "77", 4), {"stopped", {}, ""}, "d"), {"db-2", "pod-4"}, LeaseTiming{}, "e");
  EXPECT_EQ(view_of(resumed).elected_at, first);
  const auto next = elect_at(resumed, {"db-3", "pod-3"}, second);
  EXPECT_EQ(view_of(next).elected_at, second);
  EXPECT_EQ(view_of(released(next, {"could not be promoted", {}, "", true}, "f")).elected_at, first);
}

TEST(LeaseDocument, AReignThatNeverBeganLeavesWhatWasTrue) {
  const auto before = view_of(of_clean_stop());
  auto claim = elect(of_clean_stop(), {"db-2", "pod-2"}, 3);
  claim = renewed(elect(claim, {"db-2", "pod-2b"}, 3), LeaseTiming{}, "d");
  const auto after = view_of(released(claim, {"db-2 could not be promoted", {}, "", true}, "e"));
  EXPECT_EQ(after.synchronous, before.synchronous) << "no commit was made under another one";
  EXPECT_EQ(after.shutdown, before.shutdown);
  EXPECT_EQ(after.last_holder, "db-1");
  EXPECT_EQ(after.reserved_timeline, 0);
  EXPECT_EQ(after.holder + after.handover_to, "");
  EXPECT_EQ(after.released_because, "db-2 could not be promoted");
  // A silent primary that was claimed from is the last one.
  const auto silent = claimed(new_lease("space", "db", "demo"), kSelf, LeaseTiming{}, "a");
  EXPECT_EQ(view_of(released(elect(silent, {"db-2", "pod-2"}, 1), {"no", {}, "", true}, "e")).last_holder, "db-1");
}

TEST(LeaseDocument, AReignThatBeganIsNeverUndone) {
  const auto claim = elect(of_clean_stop(), {"db-2", "pod-2"}, 3);
  const auto crashed = view_of(released(claim, {"it crashed", {}, ""}, "e"));
  EXPECT_EQ(crashed.synchronous.names, (std::vector<std::string>{"db-1", "db-3"}));
  EXPECT_FALSE(crashed.shutdown);
  EXPECT_EQ(crashed.last_holder, "db-2");
  const auto told = view_of(released(described(claim, "77", 4), {"it says so, and it writes", {}, "", true}, "e"));
  EXPECT_EQ(told.synchronous.names, (std::vector<std::string>{"db-1", "db-3"}));
  // What a later reign says is not undone by what an earlier one had kept.
  const auto later = claimed(claim, {"db-1", "pod-1"}, LeaseTiming{}, "f");
  EXPECT_EQ(view_of(released(later, {"no", {}, "", true}, "g")).last_holder, "db-1");
}

TEST(LeaseDocument, WhatTheOperatorAsksForIsRead) {
  auto lease = new_lease("space", "db", "demo");
  lease["metadata"]["annotations"] = {
      {kSwitchoverToAnnotation, "db-2"}, {kFencedAnnotation, "db-1  db-3"}, {kRestartAnnotation, "db-2 17"}};
  const auto view = view_of(lease);
  EXPECT_EQ(view.switchover_to, "db-2");
  EXPECT_TRUE(view.is_fenced("db-3"));
  EXPECT_FALSE(view.is_fenced("db-2"));
  EXPECT_EQ(view.restart_instance, "db-2");
  EXPECT_EQ(view.restart_token, "17");
}

TEST(LeaseDocument, TheStoryOfAFailoverIsToldWhole) {
  Failover story{"2026-01-02T03:04:05Z", "db-1", "db-2", "the Lease was not renewed", 3, 812, {{"promote", 104}},
                 {"db-3 (no answer)"}};
  const auto lease = told(new_lease("space", "db", "demo"), story);
  const auto text = json::string_at(lease, {"metadata", "annotations", kFailoverAnnotation});
  const auto back = json::decode<Failover>(*json::parse(text));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to, "db-2");
  EXPECT_EQ(back->duration_ms, 812);
  EXPECT_EQ(back->phases, story.phases);
  EXPECT_EQ(back->waited_for, story.waited_for);
}

TEST(LeaseDocument, WhatOthersWroteStays) {
  auto lease = new_lease("space", "db", "demo");
  lease["metadata"]["resourceVersion"] = "17";
  lease["metadata"]["ownerReferences"] = json::Value::array({{{"uid", "x"}}});
  lease["spec"]["strategy"] = "OldestEmulationVersion";
  lease = released(described(renewed(claimed(lease, kSelf, LeaseTiming{}, "a"), LeaseTiming{}, "b"), "", 0), {}, "c");
  EXPECT_EQ(lease["metadata"]["resourceVersion"], "17");
  EXPECT_EQ(lease["metadata"]["ownerReferences"][0]["uid"], "x");
  EXPECT_EQ(lease["spec"]["strategy"], "OldestEmulationVersion");
}

TEST(LeaseDocument, OddDocumentsAreReadAsEmpty) {
  EXPECT_EQ(view_of(json::Value::object()).holder, "");
  EXPECT_EQ(view_of({{"spec", nullptr}, {"metadata", {{"annotations", nullptr}}}}).timeline, 0);
  const auto lease = claimed({{"spec", nullptr}}, kSelf, LeaseTiming{}, "a");
  EXPECT_EQ(view_of(lease).holder, "db-1");
}

TEST(LeaseDocument, WhatCommitsMeetIsTheHoldersWord) {
  auto lease = measured(new_lease("n", "c-postgres", "c"), "none streams", "set back");
  EXPECT_EQ(view_of(lease).unacknowledged, "none streams");
  EXPECT_EQ(view_of(lease).settings, "set back");
  EXPECT_EQ(view_of(claimed(lease, {"c-postgres-2", "uid"}, {}, "2026-03-04T10:00:00.000000Z")).unacknowledged, "")
      << "the next holder measures for itself";
  EXPECT_EQ(view_of(measured(lease, "", "")).settings, "");
}

json::Value with(const char* name, const std::string& value) {
  auto lease = new_lease("n", "c-postgres", "c");
  auto& annotations = lease["metadata"]["annotations"];
  annotations = {{kSystemIdentifierAnnotation, "7"},
                 {kSynchronousAnnotation, "Required 1 c-postgres-2 c-postgres-3"},
                 {kTimelineAnnotation, "3"},
                 {kReservedTimelineAnnotation, "3"},
                 {kElectedAtAnnotation, "0/3000028 2"},
                 {kLastHolderAnnotation, "c-postgres-1"}};
  if (name != nullptr) annotations[name] = value;
  return lease;
}

// A person writes into each of them whatever comes to mind, while nobody is primary.
TEST(LeaseDocument, WhatCannotBeReadIsNamedAndReadAsIfItWereNotThere) {
  EXPECT_EQ(unreadable_in(with(nullptr, "")), "");
  EXPECT_EQ(unreadable_in(with(kElectedAtAnnotation, "xyz")),
            "annotation cadence.noslop.tech/elected-at says 'xyz', which is not a position and a timeline such as "
            "'0/3000028 1'");
  const char* const names[] = {kSynchronousAnnotation,      kSystemIdentifierAnnotation, kTimelineAnnotation,
                               kReservedTimelineAnnotation, kShutdownAnnotation,         kElectedAtAnnotation,
                               kLastHolderAnnotation,       kHandoverToAnnotation,       kRestartAnnotation,
                               kBeforePromotionAnnotation};
  const std::string values[] = {
      "",    "nonsense", "\n\t", "-1",        "{",   "null",         "9223372036854775808",
      "1e9", "ü",        "[]",   "0/0 0 0 0", "a-x", "Required 2 b", std::string(100000, 'x')};
  for (const auto* name : names) {
    for (const auto& value : values) {
      if (name == kSystemIdentifierAnnotation && value == "9223372036854775808") continue;  // may be one
      const auto lease = with(name, value);
      const auto said = unreadable_in(lease), start = std::string("annotation ") + name + " says '";
      EXPECT_TRUE(said.starts_with(start)) << name << " " << value.substr(0, 40) << ": " << said;
      EXPECT_LT(said.size(), 300U);
      const auto view = view_of(lease);
      EXPECT_EQ(view.unreadable, said);
      EXPECT_EQ(view.is_synchronous_readable, name != kSynchronousAnnotation || value.empty());
      EXPECT_EQ(view.timeline, name == kTimelineAnnotation ? 0 : 3);
      EXPECT_EQ(view.elected_at.has_value(), name != kElectedAtAnnotation);
      // the next claim, and the release of one that never began, write what can be read
      const auto after = elected(claimed(lease, kSelf, LeaseTiming{}, "a"), lease, {view.synchronous, 3, {7, 3}});
      EXPECT_EQ(view_of(after).reserved_timeline, 4) << name << " " << value.substr(0, 40);
      static_cast<void>(view_of(released(after, {"x", {}, "", true}, "b")));
    }
  }
}

TEST(LeaseDocument, ANumberThatNoPromotionCanHaveIsNotCountedOnFrom) {
  for (const auto* name : {kTimelineAnnotation, kReservedTimelineAnnotation}) {
    const auto next = [&](const char* number) {
      const auto lease = with(name, number);
      return view_of(elected(claimed(lease, kSelf, LeaseTiming{}, "a"), lease, {{}, 3, {7, 3}})).reserved_timeline;
    };
    EXPECT_EQ(next("17"), 18) << "promotions that nobody heard of";
    EXPECT_EQ(next("4000000000"), 4) << "the promotion would be refused, and every next one";
    EXPECT_EQ(next("1003"), 4);
    EXPECT_EQ(next("1002"), 1003);
  }
}

}  // namespace
}  // namespace cadence::postgres
