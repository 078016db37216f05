// A page as the strategies see it, read as browsers read HTML with scripting on: headings, the analysed text, the words
// of its main part. Pure. Promises: any bytes are a page; memory and time are bounded, and a page that would break the
// bounds is refused as Invalid. Knows no strategy and nothing of fetching.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::web {

struct Page {
  std::string title;
  std::vector<std::string> headings;  // h1 to h6 in document order, those of navigation and the like too
  // headings, paragraphs and list items of what is left without navigation and the like
  std::string text;
  std::size_t main_words = 0;  // of the main part, which a reader would call the article
  std::string source;          // the markup itself, in UTF-8
};

// Bounds on what hostile markup could blow up.
struct PageBounds {
  std::size_t tree_bytes = 192U << 20U;  // of the parsed tree; common pages take ten times their size
  std::size_t text_bytes = 32U << 20U;   // of the analysed text, and of the main part: lists in lists repeat theirs
  double parse_seconds = 5;              // of processor time: elements nested a hundred thousand deep take hours
  // bytes of plain text that the parser is spared; changes the time, never the page
  std::size_t least_stretch = 16;
};

// `source` is taken as UTF-8; bytes that are not become U+FFFD.
base::Result<Page> read_page(std::string source, const PageBounds& bounds = {});

}  // namespace cadence::analysis::web
