#include "api/analyzer.hpp"

#include "analysis/git/result_json.hpp"
#include "analysis/source/repository.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"

namespace cadence::api {

namespace {

using base::Error;

constexpr const char* kCloneFailed = "failed to clone repository: ";

json::Value result_of(const queue::Claim& claim, const analysis::git::AnalysisResult& found) {
  auto result = analysis::git::to_json(found);
  result["job_id"] = claim.job_id;
  result["url"] = claim.spec.url;
  if (!claim.spec.repo.empty()) result["repo_name"] = claim.spec.repo;
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
    analysis.summary = json::dump(analysis::git::summary_json(*found));
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
