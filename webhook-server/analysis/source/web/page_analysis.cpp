#include "analysis/source/web/page_analysis.hpp"

#include "analysis/web/analyse.hpp"
#include "base/clock.hpp"

namespace cadence::analysis::source {

base::Result<web::WebResult> analyse_page(FetchOptions fetch, const web::Options& rules, std::stop_token stop) {
  const base::Wall started = base::system_clock().wall();
  fetch.retries_by_substring = rules.profile == web::Profile::Upstream;
  auto fetched = fetch_page(fetch, std::move(stop));
  if (!fetched) return fetched.error();
  const auto page = web::read_page(std::move(fetched->source));
  if (!page) return page.error();
  auto result = web::analyse(*page, rules);
  result.started_at = started;
  result.completed_at = base::system_clock().wall();
  return result;
}

}  // namespace cadence::analysis::source
