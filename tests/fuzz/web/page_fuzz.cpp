// Any bytes are a page: it is read and judged in both profiles, or refused with a sentence, and the result keeps its
// promises.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "analysis/text/unicode.hpp"
#include "analysis/web/analyse.hpp"
#include "analysis/web/result_json.hpp"

namespace {

using namespace cadence::analysis;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

void check(const web::Page& page, web::Profile profile) {
  const web::WebResult result = web::analyse(page, {profile, {}});
  require(result.suspicion_rate >= 0 && result.suspicion_rate <= 1, "the rate is a share");
  require(result.confidence_score >= 0 && result.confidence_score <= 100, "the score is one");
  require(result.coverage_rate >= 0 && result.coverage_rate <= 1, "the coverage is a share");
  const std::size_t judged = result.web_patterns.size() + result.passed_patterns.size();
  require(judged == (result.is_too_short ? 0 : 20), "every strategy is listed once");
  for (const auto& pattern : result.web_patterns)
    require(pattern.severity > 0 && pattern.severity <= 1, "a finding weighs something");
  const auto again = cadence::json::parse(cadence::json::dump(web::to_json(result)));
  require(again.is_ok(), "the result is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  web::PageBounds bounds;
  bounds.tree_bytes = 32U << 20U;
  bounds.text_bytes = 2U << 20U;
  bounds.parse_seconds = 2;
  const auto page = web::read_page(std::string(reinterpret_cast<const char*>(data), size), bounds);
  if (!page) {
    require(page.error().message.starts_with("Could not read the page: "), "a refusal says what was attempted");
    return 0;
  }
  require(page->text.size() <= bounds.text_bytes, "the text is bounded");
  require(valid_utf8(page->text) == page->text, "the text is UTF-8");
  require(page->text.find('\0') == std::string::npos, "the text has no NUL");
  for (const std::string& heading : page->headings) {
    require(!heading.empty() && valid_utf8(heading) == heading && heading.find('\0') == std::string::npos,
            "headings are text");
  }
  bounds.least_stretch = 5;
  const auto shorter = web::read_page(page->source, bounds);
  bounds.least_stretch = std::string::npos;
  const auto whole = web::read_page(page->source, bounds);
  // The bound on the tree is met later when the parser is spared text.
  if (shorter && whole) {
    require(shorter->text == whole->text && shorter->headings == whole->headings && shorter->title == whole->title &&
                shorter->main_words == whole->main_words,
            "what the parser is spared changes no page");
  }
  check(*page, web::Profile::Corrected);
  check(*page, web::Profile::Upstream);
  return 0;
}
