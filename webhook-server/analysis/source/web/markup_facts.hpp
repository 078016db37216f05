// What a page's markup says about the page before it is parsed (html.spec.whatwg.org): the encoding it declares, and
// the page that it refreshes to. Pure; linear in what it looks at, and that is bounded. Knows tags and attributes, no
// tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::source {

// The label of the first meta element that declares an encoding which browsers know; empty without one. Any bytes.
std::string meta_charset(std::string_view bytes);

// The label in an XML declaration at the very start; empty without one.
std::string xml_charset(std::string_view bytes);

struct Refresh {
  long seconds = 0;
  std::string url;   // as written; empty when the page only loads itself again
  std::string base;  // of the page's base element, which `url` is relative to; empty without one
};

// The value of a Refresh header, or of the content of a meta element.
std::optional<Refresh> parse_refresh(std::string_view value);

// What the page's first meta element with http-equiv=refresh says; those in scripts, comments and noscript do not
// count. `source` is UTF-8.
std::optional<Refresh> meta_refresh(std::string_view source);

}  // namespace cadence::analysis::source
