#include "jobs/website.hpp"

#include "analysis/source/web/page_analysis.hpp"
#include "analysis/source/guard/url.hpp"
#include "analysis/web/result_json.hpp"

namespace cadence::jobs {

namespace {

namespace web = analysis::web;
using base::Error;

class WebsiteAnalyzer final : public queue::Analyzer {
 public:
  explicit WebsiteAnalyzer(WebsiteAnalyzerOptions options) : options_(std::move(options)) {}

  base::Result<queue::Analysis> analyse(const queue::Claim& claim,
                                        const std::function<void(const std::string&)>& progress,
                                        std::stop_token stop) override {
    progress("fetching-content");
    const auto found = judge(claim.spec, std::move(stop));
    if (!found) {
      progress("analysis-failed");
      return Error{found.error().kind, "analysis failed: " + found.error().message};
    }
    progress("processing-results");
    auto result = web::to_json(*found);
    result["job_id"] = claim.job_id;
    queue::Analysis analysis;
    analysis.result = json::dump(result);
    analysis.summary = json::dump(web::summary_json(*found));
    analysis.detections = static_cast<int>(found->strategies_used);
    analysis.flagged = static_cast<int>(found->items_flagged);
    for (const auto* patterns : {&found->web_patterns, &found->passed_patterns}) {
      for (const auto& pattern : *patterns) analysis.strategies.push_back({pattern.type, pattern.passed ? 0 : 1});
    }
    return analysis;
  }

 private:
  base::Result<web::WebResult> judge(const queue::JobSpec& spec, std::stop_token stop) const {
    analysis::source::FetchOptions fetch;
    fetch.url = spec.url;
    fetch.user_agent = options_.user_agent;
    if (queue::is_trusted(spec)) {
      fetch.allowed_hosts = options_.allowed_hosts;
      fetch.allow_private_networks = options_.allow_private_networks;
    }
    auto result = analysis::source::analyse_page(std::move(fetch), options_.rules, std::move(stop));
    if (result) result->url = analysis::source::without_credentials(spec.url);
    return result;
  }

  const WebsiteAnalyzerOptions options_;
};

}  // namespace

std::unique_ptr<queue::Analyzer> make_website_analyzer(WebsiteAnalyzerOptions options) {
  return std::make_unique<WebsiteAnalyzer>(std::move(options));
}

}  // namespace cadence::jobs
