// Tags as strategies look for them in markup: by text, not by a tree, since they also look where no tree is. Pure;
// linear in the text.
#pragma once

#include <cstddef>
#include <string_view>

namespace cadence::analysis::web {

// Calls `visit` with each `<name…>`, from its < to its next >. The name need not end there: "<input" finds <inputs> as
// well.
template <class Visit>
void each_tag(std::string_view markup, std::string_view opening, Visit visit) {
  for (std::size_t at = markup.find(opening); at != std::string_view::npos; at = markup.find(opening, at)) {
    const std::size_t end = markup.find('>', at + opening.size());
    if (end == std::string_view::npos) return;
    visit(markup.substr(at, end + 1 - at));
    at = end + 1;
  }
}

}  // namespace cadence::analysis::web
