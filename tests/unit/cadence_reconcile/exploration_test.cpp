// Whatever write is lost, refused or the operator's last, the cluster ends where the undisturbed one does, and nothing
// that must not happen happens on the way. Every run is named by story, mishap, turn and number of the write in it.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "stories.hpp"
#include "stride.hpp"

namespace cadence::exploration {

void PrintTo(const Story& story, std::ostream* out) { *out << story.name; }  // for GoogleTest

namespace {

struct Kind {
  const char* name;
  Fate fate;
  bool is_late_event = false;
};

const std::vector<Kind>& kinds() {
  using kube::testing::refusal;
  static const std::vector<Kind> out{
      {"crash", {Fate::Kind::CrashAfter}},
      {"lost_reply", {Fate::Kind::ReplyLost}},
      {"lost_request", {Fate::Kind::RequestLost}},
      {"conflict", {Fate::Kind::Refused, refusal(409, "Conflict", "the object has been modified")}},
      {"server_error", {Fate::Kind::Refused, refusal(500, "InternalError", "etcdserver: no leader")}},
      {"forbidden", {Fate::Kind::Refused, refusal(403, "Forbidden", "not today")}},
      {"late_event", {}, true}};
  return out;
}

Mishap mishap_of(const Kind& kind, int number) {
  if (kind.is_late_event) return {.event = number};
  return {.write = number, .fate = kind.fate};
}

const Moment& settled() {
  static const auto out = [] {
    Explorer explorer;
    auto run = explorer.tell(bring_up(), {});
    EXPECT_TRUE(run.is_over);
    return *run.end;
  }();
  return out;
}

class Exploration : public ::testing::TestWithParam<Story> {
 protected:
  // The runs with one kind of mishap.
  void explore(const Kind& kind) {
    const auto& story = GetParam();
    const int stride = wanted_stride();
    auto place = static_cast<int>(base::fnv1a(story.name + kind.name) % static_cast<unsigned>(stride));
    for (std::size_t turn = 0; turn < expected.turns.size(); ++turn) {
      const int last = kind.is_late_event ? std::max(1, expected.turns[turn].writes) : expected.turns[turn].writes;
      for (int number = 1; number <= last; ++number) {
        if (++place % stride != 0) continue;
        ++runs;
        const auto found = explorer.tell_from(story, expected.turns[turn].moment, mishap_of(kind, number));
        const auto problem = verdict(expected, found);
        if (problem.empty() || ++divergences > 3) continue;
        ADD_FAILURE() << story.name << ", " << kind.name << ", turn " << turn << ", number " << number << ":\n"
                      << problem;
      }
    }
  }

  Explorer explorer;
  exploration::Run expected;
  int runs = 0, divergences = 0;
};

TEST_P(Exploration, EndsWhereTheUndisturbedRunDoes) {
  const auto& story = GetParam();
  const auto start = story.name == bring_up().name ? std::nullopt : std::optional(settled());
  expected = explorer.tell(story, start);
  ASSERT_TRUE(expected.is_over);
  ASSERT_EQ(verdict(expected, expected), "") << "undisturbed";
  for (const auto& kind : kinds()) explore(kind);
  EXPECT_EQ(divergences, 0);
  std::printf("%s: %d runs, %d divergences, %d writes undisturbed\n", story.name.c_str(), runs, divergences,
              expected.writes);
}

INSTANTIATE_TEST_SUITE_P(, Exploration, ::testing::ValuesIn(stories()),
                         [](const auto& named) { return named.param.name; });

// A pass over a settled cluster writes nothing, by the process that settled it or by the next.
TEST(Settled, IsLeftAlone) {
  Explorer explorer;
  const auto start = explorer.tell(bring_up(), {});
  const auto again = explorer.tell({"nothing", [](World&) {}}, start.end);
  EXPECT_TRUE(again.is_over);
  EXPECT_EQ(again.writes, 0);
  EXPECT_EQ(difference(start.picture, again.picture), "");
  const auto& status = explorer.world().server.find(api::CadenceCluster::kind_info(), {kSpace, kCluster})->at("status");
  for (const auto& condition : status.at("conditions")) {
    const bool is_verdict = condition.at("type") == "Ready";
    EXPECT_TRUE(!is_verdict || condition.at("status") == "True") << condition.dump();
  }
}

}  // namespace
}  // namespace cadence::exploration
