// 6: neighbouring sentences that begin with the same word and are equally long.
#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

std::string_view first_word_of(std::string_view sentence) {
  const std::string_view trimmed = trim_white_space(sentence);
  std::size_t end = 0;
  while (end < trimmed.size() && white_space_at(trimmed.substr(end)) == 0) ++end;
  return trimmed.substr(0, end);
}

bool are_alike(const Sentence& a, const Sentence& b) {
  return a.words > 3 && a.words == b.words && lower_case(first_word_of(a.text)) == lower_case(first_word_of(b.text));
}

}  // namespace

Judgement judge_repetitive_patterns(const PageFacts& page) {
  const auto sentences = spaced_sentences_of(page.text);
  if (sentences.size() < 5) return std::nullopt;
  std::size_t count = 0;
  for (std::size_t i = 1; i < sentences.size(); ++i) count += are_alike(sentences[i - 1], sentences[i]) ? 1 : 0;
  if (count <= sentences.size() / 8) return std::nullopt;
  return Finding{
      static_cast<double>(count) / static_cast<double>(sentences.size() / 4),
      std::to_string(count) + " neighbouring sentences are built alike",
      {std::to_string(count) + " of " + std::to_string(sentences.size()) + " sentences repeat the one before"}};
}

}  // namespace cadence::analysis::web
