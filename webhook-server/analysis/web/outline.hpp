// A parsed page laid out flat: one text, and for each element of interest the stretch of it that it spans. Pure; linear
// in the tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/web/html.hpp"
#include "analysis/web/prepared.hpp"

namespace cadence::analysis::web {

enum class Part : std::uint8_t { Heading1to3, Heading4to6, Paragraph, Item, Quote };

struct Outline {
  struct Element {
    Part part;
    bool is_in_main = false;  // below an element that holds the page's main content
    std::size_t begin = 0, end = 0;
  };

  std::string title;
  std::vector<std::string> headings;  // of the whole page, trimmed, not empty
  // Of what is left without scripts, navigation, comments and the like. An element's text is all text below it.
  std::string text;
  std::vector<Element> elements;  // in document order

  [[nodiscard]] std::string_view text_of(const Element& element) const {
    return std::string_view(text).substr(element.begin, element.end - element.begin);
  }
};

// `document` was parsed from `prepared`. Nothing when a stretch that was taken out was no text: then the page is to be
// parsed with all of them. Invalid when headings within headings repeat more text than the bounds allow.
base::Result<std::optional<Outline>> lay_out(const GumboNode& document, const Prepared& prepared,
                                             const PageBounds& bounds);

base::Error repeats_too_much(const PageBounds& bounds);

}  // namespace cadence::analysis::web
