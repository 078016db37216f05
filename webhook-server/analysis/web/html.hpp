// gumbo behind one call that is bounded: the tree lives in an arena and goes with it, so that no document, however
// deep, is taken apart by recursion. Only this folder includes gumbo.
#pragma once

#include <gumbo.h>

#include <string>
#include <string_view>

#include "analysis/web/arena.hpp"
#include "analysis/web/page.hpp"

namespace cadence::analysis::web {

// The document node. It lives as long as `arena` and points into `source`. Invalid when the tree breaks a bound.
base::Result<const GumboNode*> parse_html(std::string_view source, Arena& arena, const PageBounds& bounds);

}  // namespace cadence::analysis::web
