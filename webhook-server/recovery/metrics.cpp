#include "recovery/metrics.hpp"

#include <algorithm>

namespace cadence::recovery {

namespace {

// Of all hooks of one provider.
struct Sums {
  std::size_t open = 0, failing = 0;
  std::chrono::seconds oldest{0};
};

std::map<std::string, Sums> sums_of(const WatcherState& state, base::Wall now) {
  std::map<std::string, Sums> all;
  for (const auto& hook : state.hooks) {
    auto& sums = all[hook.provider];
    sums.open += open_gaps(hook.notes);
    sums.failing += hook.notes.problem.empty() ? 0U : 1U;
    sums.oldest = std::max(sums.oldest, oldest_gap(hook.notes, now));
  }
  return all;
}

}  // namespace

std::string metrics_text(const WatcherState& state, base::Wall now) {
  std::string out;
  const auto head = [&](const std::string& name, const char* type, const char* help) {
    out += "# HELP cadence_reconcile_" + name + " " + help + "\n# TYPE cadence_reconcile_" + name + " " + type + "\n";
  };
  const auto row = [&](const std::string& name, const std::string& provider, auto value) {
    out += "cadence_reconcile_" + name + "{provider=\"" + provider + "\"} " + std::to_string(value) + "\n";
  };
  const auto counter = [&](const std::string& name, const char* help, std::uint64_t WatcherCounts::*count) {
    head(name, "counter", help);
    for (const auto& [provider, counts] : state.by_provider) row(name, provider, counts.*count);
  };
  counter("rounds_total", "Looks of this replica at what a provider has sent.", &WatcherCounts::rounds);
  counter("failed_total", "Those of them that came to no end; the log says why.", &WatcherCounts::failed);
  counter("missing_total", "Deliveries that a provider has and the ledger has not.", &WatcherCounts::missing);
  counter("redelivered_total", "Deliveries that were asked for again.", &WatcherCounts::asked);
  counter("came_back_total", "Deliveries that came after they were asked for.", &WatcherCounts::came_back);
  counter("given_up_total", "Deliveries that are not asked for any more; the log names them.",
          &WatcherCounts::given_up);
  const auto sums = sums_of(state, now);
  head("open", "gauge", "Missing deliveries that have not come yet, of all replicas.");
  for (const auto& [provider, sum] : sums) row("open", provider, sum.open);
  head("failing_hooks", "gauge", "Hooks that could not be looked at the last time.");
  for (const auto& [provider, sum] : sums) row("failing_hooks", provider, sum.failing);
  head("oldest_gap_seconds", "gauge", "How long the oldest missing delivery has been known.");
  for (const auto& [provider, sum] : sums) row("oldest_gap_seconds", provider, sum.oldest.count());
  return out;
}

}  // namespace cadence::recovery
