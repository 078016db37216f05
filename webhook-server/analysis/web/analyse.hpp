// The way into the web analysis: from a page that was read to its result. Pure: the same page and options give the same
// result.
#pragma once

#include "analysis/web/options.hpp"
#include "analysis/web/page.hpp"
#include "analysis/web/result.hpp"

namespace cadence::analysis::web {

// Leaves `url` and the times to the caller.
WebResult analyse(const Page& page, const Options& options);

}  // namespace cadence::analysis::web
