// 13: images without a description. The tag's name is looked for in lower case only, "alt=" in any.
#include <re2/re2.h>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"
#include "analysis/web/tags.hpp"

namespace cadence::analysis::web {
namespace {

bool has_blank_alt(std::string_view tag) {
  static const re2::RE2 pattern(R"re(alt=(?:"([^"]*)"|'([^']*)'))re");
  re2::StringPiece in_double;
  re2::StringPiece in_single;
  if (!re2::RE2::PartialMatch(re2::StringPiece(tag.data(), tag.size()), pattern, &in_double, &in_single)) return false;
  const re2::StringPiece value = in_double.data() != nullptr ? in_double : in_single;
  return trim_white_space({value.data(), value.size()}).empty();
}

}  // namespace

Judgement judge_missing_alt_text(const PageFacts& page) {
  std::size_t images = 0;
  std::size_t without = 0;
  std::size_t blank = 0;
  each_tag(page.markup, "<img", [&](std::string_view tag) {
    ++images;
    if (!contains(lower_for_search(tag), "alt=")) {
      ++without;
    } else if (has_blank_alt(tag)) {
      ++blank;
    }
  });
  const std::size_t issues = without + blank;
  if (issues == 0) return std::nullopt;
  return Finding{static_cast<double>(issues) / static_cast<double>(images),
                 std::to_string(issues) + " of " + std::to_string(images) + " images have no description",
                 {std::to_string(without) + " images without alt"}};
}

}  // namespace cadence::analysis::web
