// Figures of a watcher as Prometheus text.
#include "recovery/metrics.hpp"

#include <gtest/gtest.h>

namespace cadence::recovery {
namespace {

using std::chrono::seconds;

TEST(ReconcileMetrics, SumTheHooksOfAProvider) {
  const base::Wall now(seconds(1'800'000'000));
  WatcherState state;
  state.by_provider["github"] = {.rounds = 9, .failed = 1, .missing = 4, .asked = 3, .came_back = 2, .given_up = 1};
  Notes open;
  open.gaps["a"] = {.seen_at = now - seconds(40)};
  open.gaps["b"] = {.seen_at = now - seconds(90), .is_given_up = true};
  Notes failing;
  failing.problem = "no";
  state.hooks = {{"github a/b", "github", open}, {"github a/c", "github", failing}, {"gitlab a/b", "gitlab", {}}};
  const auto text = metrics_text(state, now);
  for (const char* line :
       {"cadence_reconcile_rounds_total{provider=\"github\"} 9\n",
        "cadence_reconcile_failed_total{provider=\"github\"} 1\n",
        "cadence_reconcile_missing_total{provider=\"github\"} 4\n",
        "cadence_reconcile_redelivered_total{provider=\"github\"} 3\n",
        "cadence_reconcile_came_back_total{provider=\"github\"} 2\n",
        "cadence_reconcile_given_up_total{provider=\"github\"} 1\n", "cadence_reconcile_open{provider=\"github\"} 1\n",
        "cadence_reconcile_open{provider=\"gitlab\"} 0\n", "cadence_reconcile_failing_hooks{provider=\"github\"} 1\n",
        "cadence_reconcile_oldest_gap_seconds{provider=\"github\"} 90\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

}  // namespace
}  // namespace cadence::recovery
