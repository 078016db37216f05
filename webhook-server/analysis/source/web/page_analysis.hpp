// From the URL of a page to what the web analysis finds in it: fetched, read, judged. Bounds and errors are those of
// page.hpp.
#pragma once

#include "analysis/source/web/page.hpp"
#include "analysis/web/options.hpp"
#include "analysis/web/result.hpp"

namespace cadence::analysis::source {

// How often a try is repeated follows the profile of `rules` (W-07). Leaves the result's `url` to the caller.
base::Result<web::WebResult> analyse_page(FetchOptions fetch, const web::Options& rules, std::stop_token stop);

}  // namespace cadence::analysis::source
