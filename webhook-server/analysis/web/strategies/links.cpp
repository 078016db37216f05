// 19: links whose text does not say where they lead.
#include <re2/re2.h>

#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

bool is_generic(std::string_view text) {
  constexpr std::string_view kGeneric[] = {"click here", "read more", "learn more", "more", "link", "here", "this", "go", "next"};
  text = trim_white_space(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::find(std::begin(kGeneric), std::end(kGeneric), text) != std::end(kGeneric);
}

}  // namespace

Judgement judge_link_text_quality(const PageFacts& page) {
  static const re2::RE2 pattern("<a[^>]*href[^>]*>([^<]*)</a>");
  const std::string_view markup = page.in_markup.text();
  re2::StringPiece rest(markup.data(), markup.size());
  re2::StringPiece text;
  std::size_t links = 0;
  std::size_t generic = 0;
  while (re2::RE2::FindAndConsume(&rest, pattern, &text)) {
    ++links;
    generic += is_generic({text.data(), text.size()}) ? 1 : 0;
  }
  if (generic == 0) return std::nullopt;
  return Finding{0.8 * static_cast<double>(generic) / static_cast<double>(links),
                 std::to_string(generic) + " of " + std::to_string(links) + " links do not say where they lead", {"click here"}};
}

}  // namespace cadence::analysis::web
