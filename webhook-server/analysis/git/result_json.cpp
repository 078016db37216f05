#include "analysis/git/result_json.hpp"

namespace cadence::analysis::git {
namespace {

json::Value to_json(const Suspicion& one) {
  return {{"commit_hash", one.commit_hash}, {"commit_index", one.commit_index}, {"message", one.message},
          {"severity", to_string(one.severity)}, {"reasons", one.reasons}, {"triggered", one.strategies},
          {"score", one.score}, {"confidence", one.confidence}};
}

// Adds members, but not those that say nothing.
class Members {
 public:
  explicit Members(json::Value& target) : target_(target) {}
  void count(const char* name, std::int64_t value) {
    if (value != 0) target_[name] = value;
  }
  void ratio(const char* name, double value) {
    if (value != 0) target_[name] = value;
  }
  void text(const char* name, const std::string& value) {
    if (!value.empty()) target_[name] = value;
  }

 private:
  json::Value& target_;
};

}  // namespace

json::Value to_json(const AnalysisResult& result) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(result.completed_at - result.started_at);
  json::Value value = {{"analyzed_at", base::format_rfc3339_micro(result.started_at)},
                       {"started_at", base::format_rfc3339_micro(result.started_at)},
                       {"completed_at", base::format_rfc3339_micro(result.completed_at)},
                       {"duration_ms", took.count()}};
  Members members(value);
  members.count("total_commits", result.total_commits);
  members.count("suspicious_commits", result.suspicious_commits());
  for (const Suspicion& one : result.suspicions) value["suspicions"].push_back(to_json(one));
  members.text("velocity", result.velocity.value_or(""));
  members.text("time_span", result.time_span.value_or(""));
  members.count("unique_authors", result.unique_authors.value_or(0));
  members.count("average_commit_size", result.average_commit_size.value_or(0));
  members.ratio("overall_suspicion", result.overall_suspicion);
  members.ratio("overall_score", result.overall_suspicion / 100);
  members.count("items_analyzed", result.items_analyzed);
  members.count("items_flagged", result.items_flagged);
  // As upstream counts: the git analysis as a whole is one. What fired inside it is each suspicion's `triggered`.
  members.count("strategies_used", result.strategies_used);
  members.count("strategies_hit", result.strategies_hit);
  members.ratio("average_score", result.average_score);
  members.ratio("coverage_rate", result.coverage_rate);
  members.text("commit", result.tip);
  return value;
}

json::Value summary_json(const AnalysisResult& result) {
  return {{"suspicious_commits", result.suspicious_commits()}, {"overall_suspicion", result.overall_suspicion}};
}

}  // namespace cadence::analysis::git
