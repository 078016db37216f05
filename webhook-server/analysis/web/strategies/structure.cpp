// 3: lines that begin like items of a list. Items of HTML lists carry no marker, so only those written as text count
// (W-08).
#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

bool is_item(std::string_view line) {
  line = trim_white_space(line);
  if (line.starts_with("- ") || line.starts_with("* ") || line.starts_with("\xe2\x80\xa2 ")) return true;
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits > 0 && digits + 1 < line.size() && line[digits] == '.' && white_space_at(line.substr(digits + 1)) > 0;
}

}  // namespace

Judgement judge_excessive_structure(const PageFacts& page) {
  if (page.words <= 100) return std::nullopt;
  std::size_t count = 0;
  std::string_view rest = page.text;
  for (;;) {
    const std::size_t end = rest.find('\n');
    count += is_item(rest.substr(0, end)) ? 1 : 0;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (count <= page.words / 30) return std::nullopt;
  return Finding{static_cast<double>(count) / (static_cast<double>(page.words) / 25),
                 std::to_string(count) + " lines are items of lists",
                 {std::to_string(count) + " list items"}};
}

}  // namespace cadence::analysis::web
