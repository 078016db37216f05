// The twenty strategies: what each is called and how it judges one page. Pure: a judgement depends on the page alone.
// The numbers in the comments are those of the specification's table, which is also the order of the results.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/web/occurrences.hpp"
#include "analysis/web/sentences.hpp"

namespace cadence::analysis::web {

// Everything a strategy may look at.
struct PageFacts {
  std::string_view text;    // the analysed text
  std::string_view markup;  // what strategies 13 to 20 search for tags: the page's source, or the text once more (W-01)
  // The same in lower case, with the phrases counted that strategies ask for.
  const Occurrences& in_text;
  const Occurrences& in_markup;
  const std::vector<Sentence>& sentences;  // of the text, cut at every run of . ! ?
  std::size_t words = 0;                   // of the text
  std::size_t characters = 0;              // of the text
};

struct Finding {
  double severity = 0;  // may exceed 1; the result caps it
  std::string description;
  std::vector<std::string> examples;
};

// Nothing when the page passes.
using Judgement = std::optional<Finding>;

struct Strategy {
  std::string_view name;
  std::string_view category;
  double confidence = 0;
  Judgement (*judge)(const PageFacts&) = nullptr;
};

std::span<const Strategy> strategies();

Judgement judge_overused_phrases(const PageFacts& page);          // 1
Judgement judge_generic_language(const PageFacts& page);          // 2
Judgement judge_excessive_structure(const PageFacts& page);       // 3
Judgement judge_perfect_grammar(const PageFacts& page);           // 4
Judgement judge_boilerplate_text(const PageFacts& page);          // 5
Judgement judge_repetitive_patterns(const PageFacts& page);       // 6
Judgement judge_missing_nuance(const PageFacts& page);            // 7
Judgement judge_excessive_transitions(const PageFacts& page);     // 8
Judgement judge_uniform_sentence_length(const PageFacts& page);   // 9
Judgement judge_ai_vocabulary(const PageFacts& page);             // 10
Judgement judge_emoji_overuse(const PageFacts& page);             // 11
Judgement judge_special_characters(const PageFacts& page);        // 12
Judgement judge_missing_alt_text(const PageFacts& page);          // 13
Judgement judge_semantic_html_issues(const PageFacts& page);      // 14
Judgement judge_accessibility_markers(const PageFacts& page);     // 15
Judgement judge_heading_hierarchy_issues(const PageFacts& page);  // 16
Judgement judge_hardcoded_values(const PageFacts& page);          // 17
Judgement judge_form_issues(const PageFacts& page);               // 18
Judgement judge_link_text_quality(const PageFacts& page);         // 19
Judgement judge_generic_styling(const PageFacts& page);           // 20

}  // namespace cadence::analysis::web
