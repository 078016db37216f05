// Strategies on what markup says of its meaning: 14 and 15.
#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

Judgement judge_semantic_html_issues(const PageFacts& page) {
  constexpr std::string_view kMeaningful[] = {"<nav", "<header", "<section", "<article", "<footer", "<main", "<aside"};
  const auto plain = static_cast<double>(page.in_markup.of("<div"));
  const double share = plain > 0 ? plain / (plain + static_cast<double>(page.in_markup.total(kMeaningful))) : 0;
  if (share > 0.7) {
    return Finding{0.75,
                   fixed(share * 100, 0) + "% of the blocks are div",
                   {"div where a section or article would do", "few elements with a meaning"}};
  }
  if (page.in_markup.of("<div class=\"container\"") > 2)
    return Finding{0.6, "blocks named container", {"div class=\"container\""}};
  return std::nullopt;
}

Judgement judge_accessibility_markers(const PageFacts& page) {
  constexpr std::string_view kMarkers[] = {"aria-label", "aria-describedby", "aria-hidden", "role=\"", "lang=\""};
  const std::size_t count = page.in_markup.distinct(kMarkers);
  if (count == 0) return Finding{0.7, "no hint for assistive technology", {"no aria- attribute", "no role", "no lang"}};
  if (count > 1) return std::nullopt;
  return Finding{0.5, "1 of 5 hints for assistive technology", {"few of aria-, role and lang"}};
}

}  // namespace cadence::analysis::web
