// 16: headings that skip levels or do not begin with the first.
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

Judgement judge_heading_hierarchy_issues(const PageFacts& page) {
  const std::string_view markup = page.in_markup.text();
  std::size_t headings = 0;
  std::size_t issues = 0;
  int previous = 0;  // so that a first heading other than h1 is a step too far
  for (std::size_t at = markup.find("<h"); at != std::string_view::npos; at = markup.find("<h", at + 2)) {
    const char digit = at + 2 < markup.size() ? markup[at + 2] : '\0';
    if (digit < '1' || digit > '6') continue;
    ++headings;
    const int level = digit - '0';
    issues += level > previous + 1 ? 1 : 0;
    previous = level;
  }
  if (headings < 2 || issues == 0) return std::nullopt;
  return Finding{0.65,
                 std::to_string(issues) + " breaks in the order of headings",
                 {"a level is skipped", "the first heading is not h1"}};
}

}  // namespace cadence::analysis::web
