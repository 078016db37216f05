#include "analysis/web/analyse.hpp"

#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/phrases.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

constexpr std::size_t kFewestWords = 50;

std::string_view assess(double rate) {
  if (rate >= 0.7) return "Likely AI-Generated";
  if (rate >= 0.4) return "Suspicious Activity";
  return "Likely Human-Written";
}

void describe_page(WebResult& result, const Page& page) {
  result.word_count = static_cast<std::int64_t>(page.main_words);
  result.character_count = static_cast<std::int64_t>(page.text.size());
  result.headings = page.headings;
}

void judge(WebResult& result, const PageFacts& facts, const Options& options) {
  for (const Strategy& strategy : strategies()) {
    if (!options.strategies.is_enabled(strategy.name)) continue;
    ++result.strategies_used;
    if (auto finding = strategy.judge(facts)) {
      result.web_patterns.push_back({std::string(strategy.name), std::min(finding->severity, 1.0),
                                     std::move(finding->description), std::move(finding->examples), false});
    } else {
      result.passed_patterns.push_back({std::string(strategy.name), 0, "No issues detected", {}, true});
    }
  }
}

// A page that merely lacks hints for assistive technology would count as generated (W-02): alone, that finding is none.
void drop_lone_accessibility(WebResult& result) {
  if (result.web_patterns.size() != 1 || result.web_patterns.front().type != "accessibility_markers") return;
  const auto place = [](std::string_view name) {
    const auto all = strategies();
    return std::find_if(all.begin(), all.end(), [&](const Strategy& strategy) { return strategy.name == name; }) -
           all.begin();
  };
  const auto behind =
      std::find_if(result.passed_patterns.begin(), result.passed_patterns.end(),
                   [&](const Pattern& pattern) { return place(pattern.type) > place("accessibility_markers"); });
  result.passed_patterns.insert(behind, {"accessibility_markers", 0, "No issues detected", {}, true});
  result.web_patterns.clear();
}

void weigh(WebResult& result) {
  double sum = 0;
  for (const Pattern& pattern : result.web_patterns) sum += pattern.severity;
  if (!result.web_patterns.empty())
    result.suspicion_rate = std::min(sum / static_cast<double>(result.web_patterns.size()), 1.0);
  result.confidence_score = std::min(static_cast<int>(100 * result.suspicion_rate), 100);
  result.quality_score = 1 - result.suspicion_rate;
  result.assessment = assess(result.suspicion_rate);
  result.items_analyzed = result.word_count;
  result.items_flagged = result.pattern_count();
  if (result.items_analyzed > 0) {
    result.coverage_rate =
        std::min(static_cast<double>(result.items_flagged) / static_cast<double>(result.items_analyzed), 1.0);
  }
}

}  // namespace

WebResult analyse(const Page& page, const Options& options) {
  WebResult result;
  describe_page(result, page);
  const std::size_t words = count_words(page.text);
  if (words < kFewestWords) {
    result.is_too_short = true;
    result.assessment = "Content too short for reliable analysis";
    return result;
  }
  const bool is_corrected = options.profile == Profile::Corrected;
  const std::string& markup = is_corrected ? page.source : page.text;  // W-01
  const Occurrences in_text(lower_for_search(page.text), text_finder());
  const Occurrences in_markup(lower_for_search(markup), markup_finder());
  const auto sentences = sentences_of(page.text);
  judge(result, {page.text, markup, in_text, in_markup, sentences, words, count_characters(page.text)}, options);
  if (is_corrected) drop_lone_accessibility(result);
  weigh(result);
  return result;
}

std::string_view severity_word(const Pattern& pattern) {
  if (pattern.passed) return "none";
  if (pattern.severity >= 0.7) return "high";
  return pattern.severity >= 0.4 ? "medium" : "low";
}

}  // namespace cadence::analysis::web
