// Strategies on styles: 17 and 20.
#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

std::size_t count_fixed_styles(std::string_view lower_markup) {
  constexpr std::string_view kAttribute = "style=\"";
  constexpr std::string_view kFixed[] = {"width:", "height:", "color:", "font-size:"};
  std::size_t count = 0;
  for (std::size_t at = lower_markup.find(kAttribute); at != std::string_view::npos;
       at = lower_markup.find(kAttribute, at)) {
    at += kAttribute.size();
    const std::size_t end = lower_markup.find('"', at);
    if (end == std::string_view::npos) break;
    const std::string_view value = lower_markup.substr(at, end - at);
    count += std::any_of(std::begin(kFixed), std::end(kFixed),
                         [&](std::string_view property) { return contains(value, property); })
                 ? 1
                 : 0;
    at = end + 1;
  }
  return count;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Matches of \b\d+px\b, of ASCII.
std::size_t count_pixels(std::string_view markup) {
  constexpr std::string_view kUnit = "px";
  std::size_t count = 0;
  for (std::size_t at = markup.find(kUnit); at != std::string_view::npos; at = markup.find(kUnit, at + kUnit.size())) {
    std::size_t begin = at;
    while (begin > 0 && is_digit(markup[begin - 1])) --begin;
    const std::size_t end = at + kUnit.size();
    const bool stands_alone =
        (begin == 0 || !is_word(markup[begin - 1])) && (end == markup.size() || !is_word(markup[end]));
    count += begin < at && stands_alone ? 1 : 0;
  }
  return count;
}

}  // namespace

Judgement judge_hardcoded_values(const PageFacts& page) {
  constexpr std::string_view kColors[] = {"color:", "background-color:", "background:"};
  int points = count_fixed_styles(page.in_markup.text()) > 3 ? 1 : 0;
  points += count_pixels(page.markup) > 10 ? 1 : 0;
  points += page.in_markup.total(kColors) > 5 ? 1 : 0;
  if (points == 0) return std::nullopt;
  return Finding{static_cast<double>(points) / 3,
                 std::to_string(2 * points) + " signs of fixed values",
                 {"sizes in pixels", "colors in place", "styles in attributes"}};
}

Judgement judge_generic_styling(const PageFacts& page) {
  const Occurrences& markup = page.in_markup;
  constexpr std::string_view kThemes[] = {"theme", "dark", "light"};
  constexpr std::string_view kPlainColors[] = {"color:black", "color:white", "color:#000", "color:#fff"};
  // "slightly" is light enough (W-09)
  int points = !markup.has("var(--") && !markup.has("css") && markup.distinct(kThemes) == 0 ? 1 : 0;
  points += !markup.has("@media") && page.words > 500 ? 1 : 0;
  points += markup.total(kPlainColors) > 5 ? 1 : 0;
  points += markup.of("class=") <= 10 && markup.of("style=\"") > 5 ? 1 : 0;
  if (points < 2) return std::nullopt;
  return Finding{static_cast<double>(points) / 4,
                 std::to_string(points) + " signs of styling by default",
                 {"no theme", "no rules for other screens", "colors by default"}};
}

}  // namespace cadence::analysis::web
