// 19: links whose text does not say where they lead.
#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

bool is_generic(std::string_view text) {
  constexpr std::string_view kGeneric[] = {"click here", "read more", "learn more", "more", "link",
                                           "here",       "this",      "go",         "next"};
  text = trim_white_space(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::find(std::begin(kGeneric), std::end(kGeneric), text) != std::end(kGeneric);
}

// Calls visit(text) for each match of <a[^>]*href[^>]*>([^<]*)</a>, from the left. Of the beginnings before one > the
// first spans most, so the others need no look: linear, however many there are.
template <class Visit>
void each_link(std::string_view markup, Visit visit) {
  constexpr std::string_view kBegin = "<a";
  constexpr std::string_view kClose = "</a>";
  for (std::size_t at = markup.find(kBegin); at != std::string_view::npos; at = markup.find(kBegin, at)) {
    at += kBegin.size();
    const std::size_t text = markup.find('>', at) + 1;
    if (text == 0) return;
    const bool leads_on = contains(markup.substr(at, text - 1 - at), "href");
    at = text;
    if (!leads_on) continue;
    const std::size_t end = markup.find('<', text);
    if (end == std::string_view::npos) return;
    if (markup.substr(end, kClose.size()) != kClose) continue;
    visit(markup.substr(text, end - text));
    at = end + kClose.size();
  }
}

}  // namespace

Judgement judge_link_text_quality(const PageFacts& page) {
  std::size_t links = 0;
  std::size_t generic = 0;
  each_link(page.in_markup.text(), [&](std::string_view text) {
    ++links;
    generic += is_generic(text) ? 1 : 0;
  });
  if (generic == 0) return std::nullopt;
  return Finding{0.8 * static_cast<double>(generic) / static_cast<double>(links),
                 std::to_string(generic) + " of " + std::to_string(links) + " links do not say where they lead",
                 {"click here"}};
}

}  // namespace cadence::analysis::web
