#include "jobs/repository.hpp"

#include "analysis/git/result_json.hpp"
#include "analysis/source/git/repository.hpp"
#include "analysis/source/git/repository_cache.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "json/value.hpp"

namespace cadence::jobs {

namespace {

namespace source = analysis::source;
using base::Error;

constexpr const char* kCloneFailed = "failed to clone repository: ";

std::string result_of(const queue::Claim& claim, const analysis::git::AnalysisResult& found) {
  json::Value job = {{"job_id", claim.job_id}, {"url", source::without_credentials(claim.spec.url)}};
  if (!claim.spec.repo.empty()) job["repo_name"] = claim.spec.repo;
  return analysis::git::to_text(found, job);
}

// A git server that restarts or is out of breath breaks a clone in its first seconds; the same delivery is not sent
// again for that.
template <class Fetch>
auto fetch_patiently(const std::stop_token& stop, const Fetch& fetch) {
  constexpr int kTries = 3;
  // a name that does not resolve takes up to 20 s to say so; what took longer takes as long again
  constexpr std::chrono::seconds kHiccup{30};
  base::Backoff pause({std::chrono::milliseconds(500), 2.0, std::chrono::milliseconds(4000), 0.5});
  for (int tries = 1;; ++tries) {
    const auto begun = base::system_clock().monotonic();
    auto fetched = fetch();
    const bool is_hiccup = !fetched && fetched.error().kind == base::ErrorKind::Transient &&
                           base::system_clock().monotonic() - begun < kHiccup;
    if (!is_hiccup || tries == kTries || !base::wait_for(stop, pause.next())) return fetched;
  }
}

using Progress = std::function<void(const std::string&)>;
using Found = base::Result<analysis::git::AnalysisResult>;

class GitAnalyzer final : public queue::Analyzer {
 public:
  explicit GitAnalyzer(AnalyzerOptions options) : options_(std::move(options)) {
    if (options_.cache_folder.empty()) return;
    auto cache = source::RepositoryCache::open(options_.cache_folder, options_.cache_bytes);
    if (cache) {
      cache_ = std::move(*cache);
    } else {
      base::log_warning("Repositories are cloned again each time", {{"error", cache.error().message}});
    }
  }

  base::Result<queue::Analysis> analyse(const queue::Claim& claim, const Progress& progress,
                                        std::stop_token stop) override {
    // What a stranger may not fetch must not come out of what was fetched for others.
    const auto found = cache_ && queue::is_trusted(claim.spec) ? analyse_cached(claim, progress, stop)
                                                               : analyse_clone(claim, progress, stop);
    if (!found) return found.error();
    progress("processing-results");
    queue::Analysis analysis;
    analysis.result = result_of(claim, *found);
    analysis.summary = json::dump(analysis::git::summary_json(*found));
    analysis.detections = analysis.flagged = static_cast<int>(found->items_flagged);
    for (const auto& one : found->strategies) analysis.strategies.push_back({std::string(one.name), one.commits});
    return analysis;
  }

 private:
  [[nodiscard]] source::CloneOptions fetch_options(const queue::Claim& claim) const {
    source::CloneOptions fetch;
    fetch.url = claim.spec.url;
    fetch.branch = claim.spec.branch;
    fetch.after = claim.spec.commit;
    fetch.folder = options_.folder;
    fetch.allow_local = options_.allow_local;
    if (queue::is_trusted(claim.spec)) {
      fetch.allow_private_networks = options_.allow_private_networks;
      fetch.allowed_hosts = options_.allowed_hosts;
      fetch.credentials = options_.credentials;
    }
    fetch.max_bytes = options_.max_bytes;
    fetch.max_memory = options_.max_memory;
    fetch.time_limit = options_.clone_limit;
    return fetch;
  }

  [[nodiscard]] source::AnalyseOptions analyse_options(const queue::Claim& claim) const {
    source::AnalyseOptions how;
    how.name = source::printable_url(claim.spec.url);
    how.rules = options_.rules;
    how.threads = options_.threads;
    // What was found out with rights that a stranger lacks is nothing to him, and what he has analysed to nobody.
    if (options_.shared != nullptr && queue::is_trusted(claim.spec))
      how.shared = {options_.shared, source::cache_key(claim.spec.url)};
    return how;
  }

  static Error clone_failed(const Error& error, const Progress& progress) {
    progress("clone-failed");
    return {error.kind, kCloneFailed + error.message};
  }

  static Found told(Found found, const Progress& progress) {
    if (found) return found;
    progress("analysis-failed");
    return Error{found.error().kind, "analysis failed: " + found.error().message};
  }

  Found analyse_clone(const queue::Claim& claim, const Progress& progress, const std::stop_token& stop) const {
    progress("cloning");
    const auto clone = fetch_patiently(stop, [&] { return source::clone(fetch_options(claim), stop); });
    if (!clone) return clone_failed(clone.error(), progress);
    progress("analyzing");
    return told(source::analyse(clone->path(), {claim.spec.branch, claim.spec.commit}, analyse_options(claim), stop),
                progress);
  }

  // What cannot be read may lie at our disk: then the repository is fetched once more, and what it says then counts.
  Found analyse_cached(const queue::Claim& claim, const Progress& progress, const std::stop_token& stop) const {
    for (bool is_second_try = false;; is_second_try = true) {
      progress("cloning");
      auto cached = fetch_patiently(stop, [&] { return cache_->fetch(fetch_options(claim), stop); });
      if (!cached) return clone_failed(cached.error(), progress);
      progress("analyzing");
      bool is_damaged = false;
      source::AnalyseOptions how = analyse_options(claim);
      how.memory = cached->memory();
      how.on_unreadable = [&](std::uint64_t) { is_damaged = true; };
      auto found = source::analyse(cached->path(), {claim.spec.branch, claim.spec.commit}, how, stop);
      if (!is_damaged || is_second_try || stop.stop_requested()) return told(std::move(found), progress);
      cached->condemn();
    }
  }

  AnalyzerOptions options_;
  std::unique_ptr<source::RepositoryCache> cache_;
};

}  // namespace

std::unique_ptr<queue::Analyzer> make_git_analyzer(AnalyzerOptions options) {
  return std::make_unique<GitAnalyzer>(std::move(options));
}

std::string failed_phase(const std::string& error) { return error.starts_with(kCloneFailed) ? "clone" : "analysis"; }

}  // namespace cadence::jobs
