// Strategies that count phrases against the length of the text: 1, 2, 8 and 10.
#include "analysis/web/phrases.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

std::string found_in_words(std::size_t count, std::string_view what, std::size_t words) {
  return std::to_string(count) + " " + std::string(what) + " in " + std::to_string(words) + " words";
}

}  // namespace

Judgement judge_overused_phrases(const PageFacts& page) {
  const std::size_t count = page.in_text.total(overused_phrases());
  if (count == 0 || count <= page.words / 150) return std::nullopt;
  return Finding{static_cast<double>(count) / (static_cast<double>(page.words) / 100),
                 found_in_words(count, "overused phrases", page.words), page.in_text.first(overused_phrases(), 5)};
}

Judgement judge_generic_language(const PageFacts& page) {
  const std::size_t count = page.in_text.total(generic_terms());
  if (count <= page.words / 100) return std::nullopt;
  return Finding{static_cast<double>(count) / (static_cast<double>(page.words) / 80),
                 found_in_words(count, "generic terms", page.words), page.in_text.first(generic_terms(), 5)};
}

Judgement judge_excessive_transitions(const PageFacts& page) {
  const std::size_t count = page.in_text.total(transitions());
  if (page.words <= 100 || count <= page.words / 80) return std::nullopt;
  return Finding{static_cast<double>(count) / (static_cast<double>(page.words) / 60),
                 found_in_words(count, "transition words", page.words), page.in_text.first(transitions(), 5)};
}

Judgement judge_ai_vocabulary(const PageFacts& page) {
  const std::size_t count = page.in_text.distinct(ai_vocabulary());
  if (count < 3) return std::nullopt;
  return Finding{static_cast<double>(count) / 8, std::to_string(count) + " terms that generated texts favour",
                 page.in_text.first(ai_vocabulary(), 5)};
}

}  // namespace cadence::analysis::web
