#include "feedback/metrics.hpp"

namespace cadence::feedback {

std::string metrics_text(const SenderState& state) {
  std::string out;
  const auto head = [&](const std::string& name, const char* type, const char* help) {
    out += "# HELP cadence_feedback_" + name + " " + help + "\n# TYPE cadence_feedback_" + name + " " + type + "\n";
  };
  const auto counter = [&](const std::string& name, const char* help, std::uint64_t SenderCounts::*count) {
    head(name, "counter", help);
    for (const auto& [provider, counts] : state.by_provider)
      out += "cadence_feedback_" + name + "{provider=\"" + provider + "\"} " + std::to_string(counts.*count) + "\n";
  };
  counter("sent_total", "Statuses that a provider has taken from this replica.", &SenderCounts::sent);
  counter("retried_total", "Tries after which a status waits for another one.", &SenderCounts::retried);
  counter("given_up_total", "Statuses that are not told; the log says why.", &SenderCounts::given_up);
  head("waiting", "gauge", "Statuses of all replicas that are to be told.");
  out += "cadence_feedback_waiting " + std::to_string(state.outbox.waiting) + "\n";
  head("oldest_seconds", "gauge", "How long the oldest of them has been owed.");
  out += "cadence_feedback_oldest_seconds " + std::to_string(state.outbox.oldest.count()) + "\n";
  return out;
}

}  // namespace cadence::feedback
