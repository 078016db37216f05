#include "api/analyzer.hpp"

#include "analysis/source/repository.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "json/value.hpp"

namespace cadence::api {

namespace {

using base::Error;

constexpr const char* kCloneFailed = "failed to clone repository: ";

json::Value suspicions_of(const analysis::git::AnalysisResult& found) {
  auto list = json::Value::array();
  for (const auto& one : found.suspicions)
    list.push_back({{"commit_hash", one.commit_hash},
                    {"commit_index", one.commit_index},
                    {"message", one.message},
                    {"severity", analysis::git::to_string(one.severity)},
                    {"reasons", one.reasons},
                    {"score", one.score},
                    {"confidence", one.confidence}});
  return list;
}

// Fields that are zero or empty are left out: clients test for absence.
json::Value result_of(const queue::Claim& claim, const analysis::git::AnalysisResult& found) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(found.completed_at - found.started_at);
  json::Value result = {{"job_id", claim.job_id},
                 {"url", claim.spec.url},
                 {"analyzed_at", base::format_rfc3339_micro(found.started_at)},
                 {"started_at", base::format_rfc3339_micro(found.started_at)},
                 {"completed_at", base::format_rfc3339_micro(found.completed_at)},
                 {"duration_ms", took.count()}};
  const auto count = [&](const char* name, std::int64_t value) {
    if (value != 0) result[name] = value;
  };
  const auto ratio = [&](const char* name, double value) {
    if (value != 0) result[name] = value;
  };
  if (!claim.spec.repo.empty()) result["repo_name"] = claim.spec.repo;
  count("total_commits", found.total_commits);
  count("suspicious_commits", found.suspicious_commits());
  if (!found.suspicions.empty()) result["suspicions"] = suspicions_of(found);
  if (found.velocity) result["velocity"] = *found.velocity;
  if (found.time_span) result["time_span"] = *found.time_span;
  count("unique_authors", found.unique_authors.value_or(0));
  count("average_commit_size", found.average_commit_size.value_or(0));
  ratio("overall_suspicion", found.overall_suspicion);
  ratio("overall_score", found.overall_suspicion / 100);
  count("items_analyzed", found.items_analyzed);
  count("items_flagged", found.items_flagged);
  count("strategies_used", found.strategies_used);
  count("strategies_hit", found.strategies_hit);
  ratio("average_score", found.average_score);
  ratio("coverage_rate", found.coverage_rate);
  if (!found.tip.empty()) result["commit"] = found.tip;
  return result;
}

// A git server that restarts or is out of breath breaks a clone in its first seconds; the same delivery is not sent again for that.
base::Result<analysis::source::Clone> clone_patiently(const analysis::source::CloneOptions& fetch, const std::stop_token& stop) {
  constexpr int kTries = 3;
  constexpr std::chrono::seconds kHiccup{30};  // a name that does not resolve takes up to 20 s to say so; what took longer takes as long again
  base::Backoff pause({std::chrono::milliseconds(500), 2.0, std::chrono::milliseconds(4000), 0.5});
  for (int tries = 1;; ++tries) {
    const auto begun = base::system_clock().monotonic();
    auto clone = analysis::source::clone(fetch, stop);
    const bool is_hiccup = !clone && clone.error().kind == base::ErrorKind::Transient && base::system_clock().monotonic() - begun < kHiccup;
    if (!is_hiccup || tries == kTries || !base::wait_for(stop, pause.next())) return clone;
  }
}

class GitAnalyzer final : public queue::Analyzer {
 public:
  explicit GitAnalyzer(AnalyzerOptions options) : options_(std::move(options)) {}

  base::Result<queue::Analysis> analyse(const queue::Claim& claim, const std::function<void(const std::string&)>& progress,
                                        std::stop_token stop) override {
    namespace source = analysis::source;
    progress("cloning");
    source::CloneOptions fetch;
    fetch.url = claim.spec.url;
    fetch.branch = claim.spec.branch;
    fetch.after = claim.spec.commit;
    fetch.folder = options_.folder;
    fetch.allow_private_networks = options_.allow_private_networks;
    fetch.allowed_hosts = options_.allowed_hosts;
    fetch.max_bytes = options_.max_bytes;
    fetch.time_limit = options_.clone_limit;
    const auto clone = clone_patiently(fetch, stop);
    if (!clone) {
      progress("clone-failed");
      return Error{clone.error().kind, kCloneFailed + clone.error().message};
    }
    progress("analyzing");
    source::AnalyseOptions how;
    how.rules = options_.rules;
    const auto found = source::analyse(clone->path(), {claim.spec.branch, claim.spec.commit}, how, stop);
    if (!found) {
      progress("analysis-failed");
      return Error{found.error().kind, "analysis failed: " + found.error().message};
    }
    progress("processing-results");
    queue::Analysis analysis;
    analysis.result = json::dump(result_of(claim, *found));
    analysis.summary = json::dump({{"suspicious_commits", found->suspicious_commits()}, {"overall_suspicion", found->overall_suspicion}});
    analysis.detections = analysis.flagged = static_cast<int>(found->items_flagged);
    return analysis;
  }

 private:
  AnalyzerOptions options_;
};

}  // namespace

std::unique_ptr<queue::Analyzer> make_git_analyzer(AnalyzerOptions options) { return std::make_unique<GitAnalyzer>(std::move(options)); }

std::string failed_phase(const std::string& error) { return error.starts_with(kCloneFailed) ? "clone" : "analysis"; }

}  // namespace cadence::api
